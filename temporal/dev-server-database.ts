import { constants } from 'node:fs';
import { access, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lock } from 'proper-lockfile';
import { TemporalServerError } from './errors';

/** A start that was killed holds up the next one for so long, in ms. */
const LOCK_STALE_MS = 10_000;
const LOCK_RETRY_MS = 250;

/**
 * Runs `start` while no other process of ours starts a server with the same database file.
 *
 * @throws TemporalServerError when the file cannot be written.
 */
export async function whileStartingAlone<T>(
  dbFile: string | undefined,
  log: (line: string) => void,
  start: () => Promise<T>,
): Promise<T> {
  if (dbFile === undefined) return start();
  await requireWritable(dbFile);
  const release = await lockStart(dbFile, log);
  try {
    return await start();
  } finally {
    await release();
  }
}

/**
 * A server that is killed while it makes its database leaves one that no server can open. A mark beside the file says
 * that it never served, so that nothing is lost by making it anew.
 */
export async function markUnlessServed(dbFile: string | undefined): Promise<void> {
  if (dbFile !== undefined && !(await exists(dbFile))) await writeFile(markOf(dbFile), '', { mode: 0o600 });
}

/** Takes the mark away: from now on the file holds what somebody relies on. */
export async function markServed(dbFile: string | undefined): Promise<void> {
  if (dbFile !== undefined) await rm(markOf(dbFile), { force: true });
}

/** Removes a database that never served; says whether it did. */
export async function removeIfNeverServed(dbFile: string): Promise<boolean> {
  if (!(await exists(markOf(dbFile)))) return false;
  for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${dbFile}${suffix}`, { force: true });
  return true;
}

function markOf(dbFile: string): string {
  return `${dbFile}.unfinished`;
}

async function requireWritable(dbFile: string): Promise<void> {
  const place = (await exists(dbFile)) ? dbFile : dirname(dbFile);
  try {
    await access(place, constants.W_OK);
  } catch (error) {
    throw new TemporalServerError(
      `Temporal's database file ${dbFile} cannot be written: ${(error as Error).message}. Give this user the right to write there, or set CONSENT_SYNC_DATA to another folder.`,
    );
  }
}

async function lockStart(dbFile: string, log: (line: string) => void): Promise<() => Promise<void>> {
  let told = false;
  for (;;) {
    try {
      const release = await lock(dbFile, {
        lockfilePath: `${dbFile}.starting`,
        realpath: false,
        stale: LOCK_STALE_MS,
        // The server's own lock on the file still keeps a second one away.
        onCompromised: () => {},
      });
      return () => release().catch(() => {});
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
    }
    if (!told) log(`Another process is starting a Temporal server with ${dbFile}: waiting for it`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
