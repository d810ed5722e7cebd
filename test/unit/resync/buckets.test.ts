import { appendFile, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { BUCKETS, Buckets, bucketOf } from '../../../resync/buckets';
import { temporaryFolders } from '../../support/temporary-folder';

const folder = temporaryFolders();

async function linesIn<T>(buckets: Buckets<T>, bucket: number): Promise<T[]> {
  const lines: T[] = [];
  for await (const line of buckets.read(bucket)) lines.push(line);
  return lines;
}

it('gives back the lines of a bucket as they were added, whatever characters they hold', async () => {
  const buckets = new Buckets<string>(await folder());
  const lines = ['\u2028', '\u2029', 'a\rb', 'a\r\nb', '\ud800', '😀', ''];
  for (const line of lines) await buckets.add(3, line);
  await buckets.add(4, 'another');
  await buckets.flush();
  expect(await linesIn(buckets, 3)).toEqual(lines);
  expect(await linesIn(buckets, 4)).toEqual(['another']);
  expect(await linesIn(buckets, 5)).toEqual([]);
});

it('goes back to what was there, also from a line that a crash has torn', async () => {
  const path = await folder();
  const buckets = new Buckets<string>(path);
  await buckets.add(0, 'kept');
  const lengths = await buckets.flush();
  await buckets.add(0, 'too late');
  await buckets.add(9, 'too late');
  await buckets.flush();
  await appendFile(join(path, '00.ndjson'), '"to');

  const afterCrash = new Buckets<string>(path);
  await afterCrash.goBackTo(lengths);
  await afterCrash.add(0, 'next');
  await afterCrash.flush();
  expect(await linesIn(afterCrash, 0)).toEqual(['kept', 'next']);
  expect(await linesIn(afterCrash, 9)).toEqual([]);
});

it('does not go back to what has been lost', async () => {
  const path = await folder();
  const buckets = new Buckets<string>(path);
  await buckets.add(0, 'lost');
  const lengths = await buckets.flush();
  await truncate(join(path, '00.ndjson'), 3);
  await expect(new Buckets<string>(path).goBackTo(lengths)).rejects.toThrow(/has lost what was written/);
});

it('is for its owner only', async () => {
  const path = join(await folder(), 'buckets');
  const buckets = new Buckets<string>(path);
  await buckets.add(0, 'ana@example.com');
  await buckets.flush();
  expect((await stat(path)).mode & 0o077).toBe(0);
  for (const name of await readdir(path)) expect((await stat(join(path, name))).mode & 0o077).toBe(0);
});

it('writes what waits when that grows too large for memory', async () => {
  const path = await folder();
  const buckets = new Buckets<string>(path);
  for (let index = 0; index < 9; index += 1) await buckets.add(0, 'x'.repeat(1024 * 1024));
  expect((await stat(join(path, '00.ndjson'))).size).toBeGreaterThan(7 * 1024 * 1024);
});

it('spreads contacts evenly', () => {
  const sizes = Array.from({ length: BUCKETS }, () => 0);
  for (let index = 0; index < 25_600; index += 1) {
    const bucket = bucketOf({ kind: 'email', value: `user${index}@example.com` });
    sizes[bucket] = (sizes[bucket] ?? 0) + 1;
  }
  expect(Math.min(...sizes)).toBeGreaterThan(50);
  expect(Math.max(...sizes)).toBeLessThan(150);
});
