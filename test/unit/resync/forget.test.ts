import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Identifier } from '../../../consent/identifier';
import { Buckets, bucketName, bucketOf } from '../../../resync/buckets';
import type { Differing } from '../../../resync/differing';
import { forgetInWork, runFolders } from '../../../resync/forget-in-work';
import { forgetKept } from '../../../resync/forget-kept';
import { KnownGuards } from '../../../resync/known-guards';
import { LineFile, textOf } from '../../../resync/line-file';
import { submitStep } from '../../../resync/submit';
import { WorkFolder } from '../../../resync/work-folder';
import { neverEnding } from '../../support/never-ending';
import { temporaryFolders } from '../../support/temporary-folder';
import { keys } from '../encryption/keys';

const makeFolder = temporaryFolders();
const named = (value: string): Identifier => ({ kind: 'ext_id', value });
const contact = (name: string, integration = 'shop') => ({
  integration,
  contactKey: `key-${name}`,
  identifier: named(name),
});
const person = (name: string): Differing => ({ identifier: named(name), statements: [] });

describe('what is kept of ended runs', () => {
  async function kept() {
    const root = await makeFolder();
    for (const integration of ['shop', 'club']) {
      const guards = await KnownGuards.open(root, integration);
      await guards.add(['ana', 'ben'].map((name) => ({ contactKey: `key-${name}`, id: 1, time: 1 })));
      const folder = join(root, 'reports', integration);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'summary.json'), JSON.stringify({ integration }));
      for (const file of ['report.ndjson', 'report-with-identifiers.ndjson']) {
        const lines = ['ana', 'ben'].map((name) => ({ contactKey: `key-${name}`, outcome: 'guarded' }));
        writeFileSync(join(folder, file), lines.map(textOf).join(''));
      }
    }
    const read = (path: string) => readFileSync(join(root, path), 'utf8');
    return { root, read };
  }

  it('is forgotten in the integrations that are meant, and in no other', async () => {
    const { root, read } = await kept();
    expect(await forgetKept(root, [contact('ana')])).toEqual({ guards: 1, reportLines: 2 });
    const files = ['report.ndjson', 'report-with-identifiers.ndjson'];
    const ofShop = ['guards/shop.ndjson', ...files.map((file) => `reports/shop/${file}`)];
    for (const path of ofShop) {
      expect(read(path)).not.toContain('key-ana');
      expect(read(path)).toContain('key-ben');
    }
    expect(read('reports/club/report.ndjson')).toContain('key-ana');
    expect(await forgetKept(root, [contact('ana')])).toEqual({ guards: 0, reportLines: 0 });
    expect(await forgetKept(root, [contact('ben')])).toEqual({ guards: 1, reportLines: 2 });
  });

  it('is forgotten in a report of which nobody knows whose it is', async () => {
    const { root } = await kept();
    writeFileSync(join(root, 'reports/club/summary.json'), '{}');
    expect(await forgetKept(root, [contact('ana')])).toEqual({ guards: 1, reportLines: 4 });
  });

  it('is nothing where no resync ever ran', async () => {
    expect(await forgetKept(await makeFolder(), [contact('ana')])).toEqual({ guards: 0, reportLines: 0 });
  });
});

describe('the files of a run that is under way', () => {
  async function underWay(encrypted = false) {
    const root = await makeFolder();
    const folder = new WorkFolder(root, 'run', encrypted ? keys('k') : undefined);
    const people = ['ana', 'ben', 'zoe'];
    await new LineFile(folder.file('others.ndjson'), folder.seal).append(people.map(person));
    const report = people.map((name) => ({
      contactKey: `key-${name}`,
      outcome: 'skipped',
      identifier: name,
    }));
    await new LineFile(folder.file('report.ndjson'), folder.seal).append(report);
    const merged = new Buckets<object>(folder.file('merged'), folder.seal);
    for (const name of people) await merged.add(bucketOf(named(name)), { identifier: named(name) });
    await merged.flush();
    return { root, folder, merged };
  }
  const NOBODY_KNOWS = new Map<string, string>();

  it('lose the contact and keep their places, so that the run goes on with the others', async () => {
    const { root, folder, merged } = await underWay();
    const submitted: string[] = [];
    const ending = new AbortController();
    const step = (signals = neverEnding()) =>
      submitStep({
        folder,
        planFolder: folder,
        reread: async () => null,
        guards: { add: async () => undefined },
        lookLastsMs: 60_000,
        keyOf: ({ identifier }) => identifier.value,
        submit: async ({ identifier }) => {
          submitted.push(identifier.value);
          ending.abort();
          return { outcome: 'updated' };
        },
        signals,
      });
    await step({ ...neverEnding(), ending: ending.signal });
    const forgotten = await forgetInWork(root, [contact('ben')], NOBODY_KNOWS, undefined);
    expect(forgotten).toEqual({ lines: 3, sealed: [] });
    expect(await step()).toMatchObject({ done: true });
    expect(submitted).toEqual(['ana', 'zoe']);
    const left = [];
    for await (const one of merged.read(bucketOf(named('ben')))) left.push(one);
    expect(left).toEqual([]);
    const bucket = join('merged', bucketName(bucketOf(named('ben'))));
    for (const file of ['others.ndjson', 'report.ndjson', bucket]) {
      expect(readFileSync(folder.file(file), 'utf8')).not.toContain('ben');
    }
    expect((await forgetInWork(root, [contact('ben')], NOBODY_KNOWS, undefined)).lines).toBe(0);
  });

  it('are left alone where the run is of another integration', async () => {
    const { root } = await underWay();
    const runs = runFolders(root, [{ run: 'run', integration: 'club' }]);
    expect((await forgetInWork(root, [contact('ben')], runs, undefined)).lines).toBe(0);
  });

  it('are told where they are encrypted and hold the contact', async () => {
    const { root, folder } = await underWay(true);
    const encryption = keys('k');
    expect(await forgetInWork(root, [contact('ben')], NOBODY_KNOWS, encryption)).toEqual({
      lines: 0,
      sealed: [folder.path],
    });
    expect(await forgetInWork(root, [contact('eve')], NOBODY_KNOWS, encryption)).toEqual({
      lines: 0,
      sealed: [],
    });
  });
});
