import { truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mustHoldDiffering } from '../../../resync/compare-step';
import { LostWorkError } from '../../../resync/line-file';
import { WorkFolder } from '../../../resync/work-folder';

const WITHDRAWALS = '{"one":1}\n{"two":2}\n';

let root: string;
let folder: WorkFolder;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'consent-sync-test-'));
  folder = new WorkFolder(root, 'run');
  await folder.write('compared', { lengths: [WITHDRAWALS.length, 0, 0] });
  writeFileSync(folder.file('withdrawals.ndjson'), WITHDRAWALS);
});

afterEach(() => rm(root, { recursive: true, force: true }));

it('submits when every contact that differs is still on disk', async () => {
  await expect(mustHoldDiffering(folder)).resolves.toBeUndefined();
});

it('refuses to submit when a power cut took the end of the withdrawals', async () => {
  truncateSync(folder.file('withdrawals.ndjson'), WITHDRAWALS.length / 2);
  await expect(mustHoldDiffering(folder)).rejects.toThrow(LostWorkError);
});

it('refuses to submit when the file of the withdrawals is gone', async () => {
  await rm(folder.file('withdrawals.ndjson'));
  await expect(mustHoldDiffering(folder)).rejects.toThrow('begin anew');
});
