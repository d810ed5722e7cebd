import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EncryptionSettings } from '../config';
import { FileSeal, isSealed } from '../encryption/sealed-file';
import type { ResyncProgress } from '../workflows/resync/contract';
import type { Comparison } from './compare';
import type { Differing } from './differing';
import type { BrokenRecord } from './gather';
import { LineFile, linesFrom } from './line-file';
import { folderOf, type WorkFolder } from './work-folder';

/** A contact that was not simply done. */
export interface ReportLine {
  readonly contactKey: string;
  readonly outcome: string;
  readonly reason?: string;
  /** The organization_user_id. Kept for a while only, apart from the rest. */
  readonly identifier?: string;
}

/** Brevo has no such contact, and the integration creates none. */
const SKIPPED = 'unknown_to_brevo';

/** @param contactKey what the contact is called where nobody may be named */
export function reportedAs(
  { identifier, organizationUserId }: Pick<Differing, 'identifier' | 'organizationUserId'>,
  contactKey: string,
  outcome: string,
  reason: string | undefined,
): ReportLine {
  const why = reason ?? (outcome === 'skipped' ? SKIPPED : undefined);
  return {
    contactKey,
    outcome,
    ...(why !== undefined && { reason: why }),
    identifier: organizationUserId ?? identifier.value,
  };
}

/** Why a contact, or a part of what differs, is not done. No personal data. */
export function reasonIn({ guarded, refused }: Pick<Comparison, 'guarded' | 'refused'>): string | undefined {
  const refusals = refused.map(({ id, reason }) => `${id ?? 'contact'}: ${reason}`);
  const reasons = [...(guarded === undefined ? [] : [guarded]), ...refusals];
  return reasons.length > 0 ? reasons.join('; ') : undefined;
}

/** Folder of the reports that are kept. */
export const REPORTS = 'reports';

/** While the run lasts one file holds both, since all of the run's folder goes at its end. */
export const IN_WORK = 'report.ndjson';
const BROKEN = 'broken.ndjson';
/** What is kept of a run. */
export const KEPT = {
  report: IN_WORK,
  identified: 'report-with-identifiers.ndjson',
  summary: 'summary.json',
} as const;

/** So long the names of those in a report are kept, in ms. */
const IDENTIFIERS_KEPT_MS = 7 * 86_400_000;
/** And the rest of it. */
const REPORTS_KEPT_MS = 400 * 86_400_000;

/** Where the report lies while the run lasts. */
export function reportInWork(folder: WorkFolder): string {
  return folder.file(IN_WORK);
}

/** Where lines that were not understood are told while the run lasts. */
export function brokenInWork(folder: WorkFolder): string {
  return folder.file(BROKEN);
}

/**
 * Keeps the report when everything else of the run goes.
 *
 * @param root of all runs
 * @param ended what the run came to; absent in what a worker of an earlier version says
 */
export async function keepReport(root: string, folder: WorkFolder, ended?: ResyncProgress): Promise<void> {
  const kept = keptFolder(root, folder.run);
  await mkdir(kept, { recursive: true, mode: 0o700 });
  if (existsSync(brokenInWork(folder))) await copyFile(brokenInWork(folder), join(kept, BROKEN));
  const inWork = reportInWork(folder);
  if (existsSync(inWork)) {
    await writeWithoutIdentifiers(inWork, join(kept, KEPT.report), folder.seal);
    // Where work files are encrypted nobody is named in what is kept: Temporal knows them.
    if (!folder.seal) await copyFile(inWork, join(kept, KEPT.identified));
  }
  if (ended) await writeFile(join(kept, KEPT.summary), JSON.stringify(ended), { mode: 0o600 });
}

const AT_ONCE = 1_000;

async function writeWithoutIdentifiers(from: string, to: string, seal?: FileSeal): Promise<void> {
  const partial = `${to}.partial`;
  const file = new LineFile<ReportLine>(partial);
  await file.goBackTo(0);
  const lines: ReportLine[] = [];
  for await (const { value } of linesFrom<ReportLine>(from, 0, seal)) {
    lines.push(anonymous(value));
    if (lines.length >= AT_ONCE) await file.append(lines.splice(0));
  }
  await file.append(lines);
  if (existsSync(partial)) await rename(partial, to);
}

function anonymous({ identifier: _, ...line }: ReportLine): ReportLine {
  return line;
}

/**
 * Deletes reports that are old, and of younger ones who is meant by them.
 *
 * @param now ms since 1970
 */
export async function forgetOldReports(root: string, now: number): Promise<void> {
  const reports = join(root, REPORTS);
  if (!existsSync(reports)) return;
  for (const name of await readdir(reports)) {
    const folder = join(reports, name);
    const { mtimeMs } = await stat(folder);
    if (now - mtimeMs > REPORTS_KEPT_MS) await rm(folder, { recursive: true, force: true });
    else if (now - mtimeMs > IDENTIFIERS_KEPT_MS) await rm(join(folder, KEPT.identified), { force: true });
  }
}

/** Whether this machine has read for the run: only then is there a report of it. */
export function hasReport(root: string, run: string): boolean {
  return [keptFolder(root, run), folderOf(root, run)].some((folder) => existsSync(folder));
}

/**
 * The contacts of a run's report, of one that has ended or is under way; none where this machine has no report of it.
 *
 * @param isIdentified with their organization_user_ids, where those are kept
 * @param encryption of the configuration
 * @throws DecryptionError
 */
export async function* reportOf(
  root: string,
  run: string,
  isIdentified = false,
  encryption?: EncryptionSettings,
): AsyncGenerator<ReportLine> {
  const names = isIdentified ? [KEPT.identified, KEPT.report] : [KEPT.report];
  for await (const line of linesOf<ReportLine>(root, run, names, encryption)) {
    yield isIdentified ? line : anonymous(line);
  }
}

/** The lines of its source that were not understood. */
export function brokenOf(root: string, run: string): AsyncGenerator<BrokenRecord> {
  return linesOf(root, run, [BROKEN]);
}

/** What a run came to, also when Temporal has it no more. */
export async function summaryOf(root: string, run: string): Promise<ResyncProgress | undefined> {
  const path = join(keptFolder(root, run), KEPT.summary);
  return existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as ResyncProgress) : undefined;
}

/** @param names of which the first counts that there is */
async function* linesOf<T>(
  root: string,
  run: string,
  names: readonly string[],
  encryption?: EncryptionSettings,
): AsyncGenerator<T> {
  const path = [keptFolder(root, run), folderOf(root, run)]
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((one) => existsSync(one));
  if (path === undefined) return;
  const seal = encryption && (await isSealed(path)) ? new FileSeal(encryption, dirname(path)) : undefined;
  for await (const { value } of linesFrom<T>(path, 0, seal)) yield value;
}

function keptFolder(root: string, run: string): string {
  return folderOf(join(root, REPORTS), run);
}
