import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { textOf } from '../../../resync/line-file';
import {
  brokenOf,
  forgetOldReports,
  hasReport,
  keepReport,
  type ReportLine,
  reportInWork,
  reportOf,
  summaryOf,
} from '../../../resync/report';
import { WorkFolder } from '../../../resync/work-folder';
import { NO_COUNTS, type ResyncProgress } from '../../../workflows/resync/contract';
import { temporaryFolders } from '../../support/temporary-folder';

const makeFolder = temporaryFolders();
const DAY_MS = 86_400_000;
const LINE: ReportLine = {
  contactKey: 'k',
  outcome: 'skipped',
  reason: 'unknown_to_brevo',
  identifier: 'ada',
};
const ENDED: ResyncProgress = {
  run: 'nightly-2026-11-24T03:00:00Z',
  integration: 'default',
  planOnly: false,
  phase: 'ended',
  state: 'completed',
  counts: NO_COUNTS,
  startedAt: 1,
};

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** A run that has ended. */
async function ended() {
  const root = await makeFolder();
  const folder = new WorkFolder(root, ENDED.run);
  writeFileSync(reportInWork(folder), textOf(LINE));
  writeFileSync(folder.file('broken.ndjson'), textOf({ file: 'a', line: 1, reason: 'b' }));
  await keepReport(root, folder, ENDED);
  await folder.remove();
  return root;
}

describe('the report of a run that has ended', () => {
  it('tells contacts, broken lines, and what the run came to', async () => {
    const root = await ended();
    const { identifier: _, ...anonymous } = LINE;
    expect(hasReport(root, ENDED.run)).toBe(true);
    expect(hasReport(root, 'another')).toBe(false);
    expect(await all(reportOf(root, ENDED.run))).toEqual([anonymous]);
    expect(await all(reportOf(root, ENDED.run, true))).toEqual([LINE]);
    expect(await all(brokenOf(root, ENDED.run))).toEqual([{ file: 'a', line: 1, reason: 'b' }]);
    expect(await summaryOf(root, ENDED.run)).toEqual(ENDED);
    expect(await summaryOf(root, 'another')).toBeUndefined();
  });

  it('keeps who is meant for a week, and the rest for a year and more', async () => {
    const root = await ended();
    const kept = join(root, 'reports', 'nightly-2026-11-24T03_00_00Z');
    const aged = async (days: number) => {
      const at = Date.now() / 1000 - days * (DAY_MS / 1000);
      utimesSync(kept, at, at);
      await forgetOldReports(root, Date.now());
    };
    await aged(6);
    expect(await all(reportOf(root, ENDED.run, true))).toEqual([LINE]);
    await aged(8);
    expect(await all(reportOf(root, ENDED.run, true))).toMatchObject([{ contactKey: 'k' }]);
    expect(await readFile(join(kept, 'report.ndjson'), 'utf8')).not.toContain('ada');
    expect(await all(reportOf(root, ENDED.run, true))).not.toMatchObject([{ identifier: 'ada' }]);
    await aged(401);
    expect(existsSync(kept)).toBe(false);
  });
});
