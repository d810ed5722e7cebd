import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import { TemporalServerError } from './errors';

/** After a crash the lock is free again so long after its owner's last sign of life, in ms. */
const LOCK_STALE_MS = 20_000;
const LOCK_RETRY_MS = 500;
const WAIT_REPORT_MS = 15_000;

/**
 * Waits until no other process fetches this version into the cache folder, which is made where there is none.
 *
 * @returns what gives the lock back.
 */
export async function lockFetching(
  cacheDir: string,
  version: string,
  progress: (message: string) => void,
): Promise<() => Promise<void>> {
  await makeFolder(cacheDir);
  const lockfilePath = join(cacheDir, `temporal-${version}.lock`);
  let reportAt = 0;
  for (;;) {
    try {
      const release = await lock(cacheDir, {
        lockfilePath,
        stale: LOCK_STALE_MS,
        // Whoever took the lock over fetches too; the file is put in place whole, so nothing breaks.
        onCompromised: () => {},
      });
      return () => release().catch(() => {});
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
    }
    if (Date.now() >= reportAt) {
      progress('Another process is fetching the Temporal CLI: waiting for it');
      reportAt = Date.now() + WAIT_REPORT_MS;
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new TemporalServerError(
      `The Temporal CLI cannot be kept in ${folder}: ${(error as Error).message}. Set XDG_CACHE_HOME to a folder that can be written.`,
    );
  }
}
