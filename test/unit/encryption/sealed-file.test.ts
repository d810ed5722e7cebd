import { appendFile, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { FileSeal } from '../../../encryption/sealed-file';
import { Buckets } from '../../../resync/buckets';
import { LineFile, linesFrom } from '../../../resync/line-file';
import { WorkFolder } from '../../../resync/work-folder';
import { temporaryFolders } from '../../support/temporary-folder';
import { keys } from './keys';

const makeFolder = temporaryFolders();
const EMAIL = 'ana@example.com';

async function run(encryption: ReturnType<typeof keys> | undefined = keys('now'), root?: string) {
  return new WorkFolder(root ?? (await makeFolder()), 'run', encryption);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function fileOf(folder: WorkFolder) {
  return new LineFile<unknown>(folder.file('withdrawals.ndjson'), folder.seal);
}

function lines(count: number, first = 0) {
  return Array.from({ length: count }, (_, index) => ({ email: EMAIL, index: first + index }));
}

describe('lines of a run', () => {
  it('are not readable on disk, and come back as they were', async () => {
    const folder = await run();
    const file = fileOf(folder);
    await file.append(lines(3));
    await file.append(lines(2, 3));
    expect((await readFile(folder.file('withdrawals.ndjson'), 'latin1')).includes('ana@')).toBe(false);
    expect(await all(fileOf(folder).read())).toEqual(lines(5));
  });

  it('are as long as they are: also more than is encrypted at once', async () => {
    const folder = await run();
    const long = [{ text: 'é'.repeat(700_000) }, { text: 'short' }];
    await fileOf(folder).append(long);
    expect(await all(fileOf(folder).read())).toEqual(long);
    expect(
      (await all(linesFrom(folder.file('withdrawals.ndjson'), 0, folder.seal))).map(({ value }) => value),
    ).toEqual(long);
  });

  it('are gone on with from each of them, whatever was appended when', async () => {
    const folder = await run();
    const path = folder.file('withdrawals.ndjson');
    for (let first = 0; first < 40; first += 4) await fileOf(folder).append(lines(4, first));
    const whole = await all(linesFrom(path, 0, folder.seal));
    expect(whole).toHaveLength(40);
    for (const [index, { end }] of whole.entries()) {
      expect(await all(linesFrom(path, end, folder.seal))).toEqual(whole.slice(index + 1));
    }
  });

  it('go back to what was kept, also from a block that a crash has torn', async () => {
    const folder = await run();
    const file = fileOf(folder);
    await file.append(lines(2));
    const { length } = file;
    await file.append(lines(5, 2));
    const path = folder.file('withdrawals.ndjson');
    await truncate(path, (await stat(path)).size - 7);

    expect(await all(linesFrom(path, 0, folder.seal))).toHaveLength(2);
    await expect(all(fileOf(folder).read())).rejects.toThrow('has lost what was written');
    const afterCrash = fileOf(folder);
    await afterCrash.goBackTo(length);
    await afterCrash.append(lines(1, 2));
    expect(await all(fileOf(folder).read())).toEqual(lines(3));
  });

  it('of a run that was begun with one key go on with the next', async () => {
    const folder = await run();
    await fileOf(folder).append(lines(2));
    await folder.write('submitted', { offset: 1 });
    const root = join(folder.path, '..');
    const later = await run(keys('next', 'now'), root);
    await fileOf(later).append(lines(2, 2));
    expect(await all(fileOf(later).read())).toEqual(lines(4));
    expect(await later.read('submitted')).toEqual({ offset: 1 });
    const gone = await run(keys('next'), root);
    await expect(all(fileOf(gone).read())).rejects.toThrow('encrypted with the key "now"');
  });

  it('are refused at another place, in another file or in another run', async () => {
    const folder = await run();
    const path = folder.file('withdrawals.ndjson');
    await fileOf(folder).append(lines(1));
    const one = (await stat(path)).size;
    await fileOf(folder).append(lines(1));
    const bytes = await readFile(path);
    await writeFile(path, Buffer.concat([bytes.subarray(one), bytes.subarray(0, one)]));
    await expect(all(fileOf(folder).read())).rejects.toThrow('belongs elsewhere');

    await writeFile(folder.file('others.ndjson'), bytes);
    const moved = new LineFile(folder.file('others.ndjson'), folder.seal);
    await expect(all(moved.read())).rejects.toThrow('belongs elsewhere');

    await writeFile(path, bytes);
    const other = new WorkFolder(join(folder.path, '..'), 'other', keys('now'));
    await rename(path, other.file('withdrawals.ndjson'));
    await expect(all(fileOf(other).read())).rejects.toThrow('belongs elsewhere');
  });

  it('are read where the data folder was moved to', async () => {
    const [folder, to] = [await run(), await makeFolder()];
    await fileOf(folder).append(lines(2));
    await rename(folder.path, join(to, 'run'));
    expect(await all(fileOf(new WorkFolder(to, 'run', keys('now'))).read())).toEqual(lines(2));
  });

  it('in buckets are encrypted too', async () => {
    const folder = await run();
    const path = folder.file('gathered');
    const buckets = new Buckets<string>(path, folder.seal);
    await buckets.add(3, EMAIL);
    const lengths = await buckets.flush();
    await buckets.add(3, 'too late');
    await buckets.flush();
    const afterCrash = new Buckets<string>(path, folder.seal);
    await afterCrash.goBackTo(lengths);
    expect(await all(afterCrash.read(3))).toEqual([EMAIL]);
    expect((await readFile(join(path, '03.ndjson'), 'latin1')).includes('ana@')).toBe(false);
  });
});

describe('a run that was begun before encryption was switched on', () => {
  it('does not go on: it says that it has to be begun anew', async () => {
    const plain = await run();
    const folder = new WorkFolder(join(plain.path, '..'), 'begun');
    await new LineFile(folder.file('withdrawals.ndjson')).append(lines(1));
    await folder.write('submitted', { offset: 1 });
    const now = new WorkFolder(join(plain.path, '..'), 'begun', keys('now'));
    await expect(now.read('submitted')).rejects.toThrow('begun before that. Cancel it');
    await expect(fileOf(now).append(lines(1))).rejects.toThrow('begun before that. Cancel it');
    await expect(all(fileOf(now).read())).rejects.toThrow('begun before that. Cancel it');
  });
});

describe('without the keys', () => {
  it('encrypted files of a run say that they are', async () => {
    const folder = await run();
    await fileOf(folder).append(lines(1));
    await folder.write('submitted', { offset: 1 });
    const without = new WorkFolder(join(folder.path, '..'), 'run');
    await expect(without.read('submitted')).rejects.toThrow('has no encryption.keys');
    await expect(all(fileOf(without).read())).rejects.toThrow('has no encryption.keys');
    await expect(fileOf(without).append(lines(1))).rejects.toThrow('has no encryption.keys');
  });
});

describe('a position', () => {
  it('is not readable on disk, and is there whole or not at all', async () => {
    const folder = await run();
    expect(await folder.read('compared')).toBeUndefined();
    await folder.write('compared', { owed: ['a-contact-key'] });
    await folder.write('compared', { owed: ['another-key'] });
    expect(await folder.read('compared')).toEqual({ owed: ['another-key'] });
    expect((await readFile(folder.file('compared.json'), 'latin1')).includes('another')).toBe(false);
  });
});

it('what is no sealed file is not taken for one', async () => {
  const folder = await run();
  const path = folder.file('withdrawals.ndjson');
  const seal = folder.seal as FileSeal;
  for (const bytes of [Buffer.from('\0CSE\x02\x01a'), Buffer.from('\0CSE\x01\xff'), Buffer.from('\0CSX')]) {
    await writeFile(path, bytes);
    await expect(all(seal.text(path))).rejects.toThrow();
  }
  await writeFile(path, '');
  await appendFile(path, Buffer.from('\0CSE\x01'));
  expect(await all(seal.text(path, { isGrowing: true }))).toEqual([]);
  await expect(all(seal.text(path))).rejects.toThrow('has lost what was written');
});
