import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrokenRecord } from './gather';
import { linesFrom } from './line-file';
import { folderOf, type WorkFolder } from './work-folder';

/** A contact that was not simply done. No personal data. */
export interface ReportLine {
  readonly contactKey: string;
  readonly outcome: string;
  readonly reason?: string;
}

/** What is kept of a run, by its name in the work folder. */
const KEPT = { report: 'report.ndjson', broken: 'broken.ndjson' } as const;

/** Where the report lies while the run lasts. */
export function reportInWork(folder: WorkFolder): string {
  return folder.file(KEPT.report);
}

/** Where lines that were not understood are told while the run lasts. */
export function brokenInWork(folder: WorkFolder): string {
  return folder.file(KEPT.broken);
}

/** Keeps the report when everything else of the run goes. @param root of all runs */
export async function keepReport(root: string, folder: WorkFolder): Promise<void> {
  const kept = keptFolder(root, folder.run);
  await mkdir(kept, { recursive: true, mode: 0o700 });
  for (const name of Object.values(KEPT)) {
    if (existsSync(folder.file(name))) await copyFile(folder.file(name), join(kept, name));
  }
}

/** The contacts of a run's report, of one that has ended or is under way; none where this machine has no report of it. */
export function reportOf(root: string, run: string): AsyncGenerator<ReportLine> {
  return linesOf(root, run, KEPT.report);
}

/** The lines of its source that were not understood. */
export function brokenOf(root: string, run: string): AsyncGenerator<BrokenRecord> {
  return linesOf(root, run, KEPT.broken);
}

async function* linesOf<T>(root: string, run: string, name: string): AsyncGenerator<T> {
  const path = [keptFolder(root, run), folderOf(root, run)]
    .map((folder) => join(folder, name))
    .find((one) => existsSync(one));
  if (path === undefined) return;
  for await (const { value } of linesFrom<T>(path, 0)) yield value;
}

function keptFolder(root: string, run: string): string {
  return folderOf(join(root, 'reports'), run);
}
