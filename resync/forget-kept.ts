import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResyncProgress } from '../workflows/resync/contract';
import type { KnownGuard } from './known-guards';
import { GUARDS } from './leftovers';
import { LineFile, linesFrom } from './line-file';
import { KEPT, REPORTS, type ReportLine } from './report';

/** One contact of one integration, without its name. */
export interface KeptContact {
  readonly integration: string;
  readonly contactKey: string;
}

/** How many lines were deleted. */
export interface ForgottenLines {
  readonly guards: number;
  readonly reportLines: number;
}

/**
 * Deletes what is kept of contacts when the runs that wrote it are over: whose opt-ins were found guarded, and the lines
 * of reports.
 *
 * @param root of all runs
 */
export async function forgetKept(root: string, contacts: readonly KeptContact[]): Promise<ForgottenLines> {
  const integrations = new Set(contacts.map(({ integration }) => integration));
  let guards = 0;
  for (const integration of integrations) {
    const keys = keysOf(contacts, integration);
    const path = join(root, GUARDS, `${integration}.ndjson`);
    guards += await withoutLines<KnownGuard>(path, ({ contactKey }) => keys.has(contactKey));
  }
  return { guards, reportLines: await forgetInReports(join(root, REPORTS), contacts) };
}

async function forgetInReports(reports: string, contacts: readonly KeptContact[]): Promise<number> {
  if (!existsSync(reports) || contacts.length === 0) return 0;
  let count = 0;
  for (const name of await readdir(reports)) {
    const folder = join(reports, name);
    const keys = keysOf(contacts, await integrationOf(folder));
    const isConcerned = ({ contactKey }: ReportLine) => keys.has(contactKey);
    const { atime, mtime } = await stat(folder);
    const before = count;
    for (const file of [KEPT.report, KEPT.identified]) {
      count += await withoutLines<ReportLine>(join(folder, file), isConcerned);
    }
    // How old a report is decides how long it is kept.
    if (count > before) await utimes(folder, atime, mtime);
  }
  return count;
}

/** Of a report; undefined where an earlier version kept it. */
async function integrationOf(folder: string): Promise<string | undefined> {
  const path = join(folder, KEPT.summary);
  if (!existsSync(path)) return undefined;
  return (JSON.parse(await readFile(path, 'utf8')) as Partial<ResyncProgress>).integration;
}

/** @param integration undefined: not known, so that it may be any */
function keysOf(contacts: readonly KeptContact[], integration: string | undefined): ReadonlySet<string> {
  const concerned = contacts.filter((one) => integration === undefined || one.integration === integration);
  return new Set(concerned.map(({ contactKey }) => contactKey));
}

const AT_ONCE = 1_000;

/** Writes a file anew without some of its lines. @returns how many they were */
async function withoutLines<T>(path: string, isGone: (line: T) => boolean): Promise<number> {
  if (!existsSync(path)) return 0;
  // Another process may do the same.
  const partial = `${path}.${randomBytes(6).toString('hex')}.partial`;
  const kept = new LineFile<T>(partial);
  const lines: T[] = [];
  let gone = 0;
  for await (const { value } of linesFrom<T>(path, 0)) {
    if (isGone(value)) gone += 1;
    else lines.push(value);
    if (lines.length >= AT_ONCE) await kept.append(lines.splice(0));
  }
  await kept.append(lines);
  if (gone === 0) await rm(partial, { force: true });
  else if (existsSync(partial)) await rename(partial, path);
  else await rm(path);
  return gone;
}
