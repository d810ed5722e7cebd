import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ExportFile } from '../../../didomi/export/find-export';
import type { Gathered } from '../../../didomi/gathered';
import { Buckets } from '../../../resync/buckets';
import { type BrokenRecord, type Checkpoint, type GatherCounts, gather } from '../../../resync/gather';
import type { MergedContact } from '../../../resync/merged-contact';
import { ExportSource, type FilePosition } from '../../../resync/sources/export-source';
import type { StepSignals } from '../../../resync/step-signals';
import { neverEnding } from '../../support/never-ending';
import { temporaryFolders } from '../../support/temporary-folder';
import { NOW, rulesFor } from '../didomi/rules';
import { userBody } from '../didomi-api/stub-didomi';
import { mergedIn } from './merged-in';

const folder = temporaryFolders();
const RULES = rulesFor(['consents_purposes_newsletter_enabled']);

let work: string;
beforeEach(async () => {
  work = await folder();
});

const lineOf = (index: number) =>
  JSON.stringify({
    user: userBody({ id: `u-${index}`, organization_user_id: `user${index % 700}@example.com` }),
  });

async function file(name: string, content: string | Uint8Array): Promise<ExportFile> {
  const path = join(work, name);
  await writeFile(path, content);
  return { path, date: NOW };
}

interface Run {
  readonly counts: GatherCounts;
  readonly contacts: MergedContact[];
  readonly broken: BrokenRecord[];
}

interface How {
  readonly into?: string;
  readonly from?: Checkpoint<FilePosition> | undefined;
  readonly onCheckpoint?: (checkpoint: Checkpoint<FilePosition>) => void;
  readonly signals?: StepSignals;
  readonly everyRecords?: number;
}

async function run(files: readonly ExportFile[], how: How = {}): Promise<Run> {
  const into = join(work, how.into ?? 'whole');
  const buckets = new Buckets<Gathered>(into);
  const brokenFile = join(into, 'broken.ndjson');
  const counts = await gather({
    source: new ExportSource(files, RULES, NOW),
    buckets,
    brokenFile,
    from: how.from,
    onCheckpoint: how.onCheckpoint ?? (() => {}),
    signals: how.signals ?? neverEnding(),
    ...(how.everyRecords !== undefined && { everyRecords: how.everyRecords }),
  });
  const broken = (await readFile(brokenFile, 'utf8').catch(() => '')).split('\n').slice(0, -1);
  return {
    counts,
    contacts: await mergedIn(buckets),
    broken: broken.map((line) => JSON.parse(line) as BrokenRecord),
  };
}

/** 3,000 records in three files; the last one is cut off. */
async function threeFiles(): Promise<ExportFile[]> {
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) =>
      (from + index) % 50 === 49 ? '{"user": oops' : lineOf(from + index),
    );
  const packed = gzipSync(lines(1_600, 3_000).join('\n'));
  return [
    await file('a.ndjson', `\ufeff${lines(0, 800).join('\r\n\n')}\n`),
    await file('b.json', `[${lines(800, 1_600).join(',')}]`),
    await file('c.json.gz', packed.subarray(0, packed.length - 500)),
  ];
}

describe('gathering', () => {
  it('counts each record once, and keeps broken ones aside with file and line', async () => {
    const files = [
      await file('a.ndjson', `${lineOf(1)}\n\noops\n{"user":{}}\n${lineOf(2)}`),
      await file(
        'b.json',
        JSON.stringify([
          { user: userBody({ organization_user_id: '' }) },
          { user: userBody({ regulation: 'cpra' }) },
          { user: userBody({ regulation: 'cpra' }) },
        ]),
      ),
    ];
    const { counts, contacts, broken } = await run(files);
    expect(counts).toEqual({
      calls: 0,
      read: 2,
      ignored: { no_organization_user_id: 1, regulation: 2 },
      broken: 2,
      ambiguous: 0,
    });
    expect(contacts.map(({ identifier }) => identifier.value)).toEqual([
      'user1@example.com',
      'user2@example.com',
    ]);
    expect(broken).toEqual([
      { file: files[0]?.path, line: 3, reason: 'it is not JSON from column 1 on' },
      { file: files[0]?.path, line: 4, reason: 'user.id is missing' },
    ]);
  });

  it('tells a file that is cut off, empty or gone as broken, and goes on with the next', async () => {
    const packed = gzipSync(`${lineOf(1)}\n${lineOf(2)}\n`);
    const files = [
      await file('a.json.gz', packed.subarray(0, packed.length - 4)),
      await file('b.json.gz', ''),
      { path: join(work, 'gone.json'), date: NOW },
      await file('d.json', lineOf(3)),
    ];
    const { counts, contacts, broken } = await run(files);
    expect(counts).toMatchObject({ broken: 3, read: contacts.length });
    expect(contacts.at(-1)?.identifier.value).toBe('user3@example.com');
    expect(broken.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('it is not whole as a gzip file'),
      'it is empty, which no gzip file is',
      expect.stringContaining('ENOENT'),
    ]);
  });

  it('ends the same when it is killed after any of its checkpoints', async () => {
    const files = await threeFiles();
    const checkpoints: Checkpoint<FilePosition>[] = [];
    const whole = await run(files, { everyRecords: 1, onCheckpoint: (one) => void checkpoints.push(one) });
    expect(whole.counts.broken).toBeGreaterThan(40);
    expect(checkpoints.length).toBeGreaterThan(5);

    let killed = 0;
    let from: Checkpoint<FilePosition> | undefined;
    for (;;) {
      let kept = 0;
      const dies = new Error('killed');
      try {
        const resumed = await run(files, {
          into: 'resumed',
          from,
          everyRecords: 1,
          // What is written after this checkpoint, and before the next, is there when the process dies.
          onCheckpoint: (checkpoint) => {
            if (kept === 1) throw dies;
            kept += 1;
            from = JSON.parse(JSON.stringify(checkpoint));
          },
        });
        expect(resumed).toEqual(whole);
        break;
      } catch (error) {
        if (error !== dies) throw error;
        killed += 1;
      }
    }
    expect(killed).toBeGreaterThan(5);
  });

  it('begins anew where it was killed before its first checkpoint', async () => {
    const files = await threeFiles();
    const whole = await run(files);
    const dies = () => {
      throw new Error('killed');
    };
    await expect(run(files, { into: 'again', onCheckpoint: dies })).rejects.toThrow('killed');
    expect(await run(files, { into: 'again' })).toEqual(whole);
  });

  it.each(['ending', 'interrupted'] as const)(
    'goes on from its last checkpoint after a step that was %s',
    async (signal) => {
      const files = await threeFiles();
      const whole = await run(files);
      const stop = new AbortController();
      const told = new Error('stop');
      let from: Checkpoint<FilePosition> | undefined;
      const stopped = run(files, {
        into: 'stopped',
        everyRecords: 1,
        signals: { ...neverEnding(), [signal]: stop.signal },
        onCheckpoint: (checkpoint) => {
          from = checkpoint;
          stop.abort(told);
        },
      });
      await expect(stopped).rejects.toBe(told);
      expect(from?.next).toBeDefined();
      expect(await run(files, { into: 'stopped', from })).toEqual(whole);
    },
  );
});
