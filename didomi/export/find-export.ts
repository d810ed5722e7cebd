import { type Dirent, existsSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { dayOf, endOfDay, heldUpTo } from './complete-days';

/** A file to read lines from. */
export interface ExportFile {
  readonly path: string;
  /** ms since 1970: what its lines say is known to hold up to then. */
  readonly date: number;
}

/** Something that looks like a part of an export and is not read. */
export interface SkippedPart {
  readonly path: string;
  readonly reason: string;
}

/** Plain JSON: kept with a run, so that it goes on with the same files after a crash. */
export interface ExportListing {
  readonly files: readonly ExportFile[];
  readonly skipped: readonly SkippedPart[];
}

export interface FindOptions {
  /** ms since 1970: dates files that no `date=` folder dates; default: each file's own date. */
  readonly asOf?: number | undefined;
  /** ms since 1970. */
  readonly now: number;
}

/** A folder in which there is nothing of an export. */
export class NoExportError extends Error {
  override readonly name = 'NoExportError';

  constructor(readonly path: string) {
    super(
      `${path} holds no folder date=YYYY-MM-DD of a batch export. Files that do not lie in one are given by name.`,
    );
  }
}

/**
 * The files behind what a user gives: files, or folders of Didomi's batch export (`…/date=YYYY-MM-DD/users/*.json.gz`;
 * the export's, one above it, a day's or its `users`). A day is taken only where its `_SUCCESS` stands: Didomi writes
 * that when it is whole. In the order of days; nothing twice.
 *
 * @throws NoExportError for a folder without any day; a file system error for what cannot be opened
 */
export async function findExport(
  paths: readonly string[],
  { asOf, now }: FindOptions,
): Promise<ExportListing> {
  const files = new Map<string, ExportFile>();
  const add = async (path: string, date: number) => {
    const place = await realpath(path);
    if (!files.has(place)) files.set(place, { path, date: Math.min(date, now) });
  };
  const exports = new Map<string, Day[]>();
  const named: string[] = [];
  for (const path of paths) {
    if (!(await stat(path)).isDirectory()) named.push(path);
    else for (const day of await daysIn(path)) await addDay(exports, day);
  }
  const skipped: SkippedPart[] = [];
  for (const days of exports.values()) {
    const whole = days.filter((day) => !('reason' in day));
    const ends = heldUpTo(whole.map(({ day }) => day));
    for (const { day, files: own } of whole) {
      for (const file of own) await add(file, ends.get(day) ?? endOfDay(day));
    }
    skipped.push(...days.flatMap(({ path, reason, others }) => (reason ? [{ path, reason }] : others)));
  }
  for (const path of named) await add(path, dateOfFolder(path) ?? asOf ?? (await stat(path)).mtimeMs);
  return { files: [...files.values()], skipped };
}

/** A folder `date=…`. */
interface Day {
  readonly path: string;
  /** Its beginning, ms since 1970. */
  readonly day: number;
  readonly files: readonly string[];
  /** Why nothing of it is read. */
  readonly reason?: string;
  /** What else lies beside the files. */
  readonly others: readonly SkippedPart[];
}

/** The days of one export together: a day given twice is one. */
async function addDay(exports: Map<string, Day[]>, day: Day): Promise<void> {
  const place = await realpath(day.path);
  const days = exports.get(dirname(place)) ?? [];
  if (days.some((one) => one.day === day.day)) return;
  exports.set(
    dirname(place),
    [...days, day].sort((a, b) => a.day - b.day),
  );
}

/** `export-id=…/date=…` lies two below where exports are put. */
const MAX_DEPTH = 4;

async function daysIn(path: string): Promise<Day[]> {
  const whole = resolve(path);
  const isUsers = basename(whole) === USERS && dayOf(basename(dirname(whole))) !== undefined;
  const found = isUsers ? [await readDay(dirname(whole))] : await search(path, whole, MAX_DEPTH);
  if (found.length === 0) throw new NoExportError(path);
  return found;
}

async function search(path: string, whole: string, depth: number): Promise<Day[]> {
  if (dayOf(basename(whole)) !== undefined) return [await readDay(path)];
  if (depth === 0) return [];
  const days: Day[] = [];
  for (const { name } of (await sorted(path)).filter(mayBeFolder)) {
    const below = join(path, name);
    if ((await stat(below)).isDirectory()) days.push(...(await search(below, join(whole, name), depth - 1)));
  }
  return days;
}

const USERS = 'users';
const MARK = '_SUCCESS';
/** Also unpacked. */
const LINES = /\.json(\.gz)?$/;
/** Marks and checksums that tools leave beside the files. */
const ASIDE = /^[._]/;

async function readDay(path: string): Promise<Day> {
  const day = dayOf(basename(resolve(path))) ?? 0;
  const users = join(path, USERS);
  const without = (reason: string): Day => ({ path, day, files: [], others: [], reason });
  if (![path, users].some((folder) => existsSync(join(folder, MARK)))) {
    return without('there is no _SUCCESS in it: it is not whole yet');
  }
  if (!existsSync(users)) return without('there is no folder "users" in it');
  const names = (await sorted(users)).map(({ name }) => name).filter((name) => !ASIDE.test(name));
  return {
    path,
    day,
    files: names.filter((name) => LINES.test(name)).map((name) => join(users, name)),
    others: names
      .filter((name) => !LINES.test(name))
      .map((name) => ({ path: join(users, name), reason: 'its name does not end in .json.gz' })),
  };
}

function mayBeFolder(entry: Dirent): boolean {
  return !ASIDE.test(entry.name) && (entry.isDirectory() || entry.isSymbolicLink());
}

async function sorted(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A file given by name may lie in a day's folder; whether that day is whole is not asked then. */
function dateOfFolder(path: string): number | undefined {
  const folder = dirname(resolve(path));
  const day = dayOf(basename(basename(folder) === USERS ? dirname(folder) : folder));
  return day === undefined ? undefined : endOfDay(day);
}
