import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { linesFrom } from './differing';
import type { WorkFolder } from './work-folder';

/** A contact that was not simply done. No personal data. */
export interface ReportLine {
  readonly contactKey: string;
  readonly outcome: string;
  readonly reason?: string;
}

const REPORT = 'report.ndjson';

/** Where the report lies while the run lasts. */
export function reportInWork(folder: WorkFolder): string {
  return folder.file(REPORT);
}

/** Keeps the report when everything else of the run goes. @param root of all runs */
export async function keepReport(root: string, folder: WorkFolder): Promise<void> {
  const kept = keptReport(root, folder.run);
  await mkdir(dirname(kept), { recursive: true, mode: 0o700 });
  if (existsSync(reportInWork(folder))) await copyFile(reportInWork(folder), kept);
}

/** The lines of a run's report, of one that has ended or is under way; none where this machine has no report of it. */
export async function* reportOf(root: string, run: string): AsyncGenerator<ReportLine> {
  const path = [keptReport(root, run), join(root, run, REPORT)].find(existsSync);
  if (path === undefined) return;
  for await (const { value } of linesFrom<ReportLine>(path, 0)) yield value;
}

function keptReport(root: string, run: string): string {
  return join(root, 'reports', `${run}.ndjson`);
}
