import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { folderOf } from './work-folder';

/** So long files wait to be used, in ms: a plan to be carried out, a run to be started. They are personal data. */
const KEPT_MS = 3 * 86_400_000;

/** Folder of what all runs of an integration know. */
export const GUARDS = 'guards';

const KEPT_ALWAYS: ReadonlySet<string> = new Set(['reports', 'reader-name', GUARDS]);

/**
 * Deletes the files of plans that nobody has carried out for days, and of runs that ended while nobody read for them.
 *
 * @param root of all runs
 * @param running names of the runs that have not ended: theirs are kept, however long they are paused
 * @param now ms since 1970
 */
export async function forgetLeftovers(root: string, running: readonly string[], now: number): Promise<void> {
  const inUse = new Set(running.map((run) => folderOf(root, run)));
  for (const name of await readdir(root)) {
    const folder = join(root, name);
    if (KEPT_ALWAYS.has(name) || inUse.has(folder)) continue;
    const { mtimeMs } = await stat(folder);
    if (now - mtimeMs > KEPT_MS) await rm(folder, { recursive: true, force: true });
  }
}
