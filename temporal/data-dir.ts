import { chmod, mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TemporalConfigurationError } from './errors';

const DEFAULT_DATA_DIR = './.consent-sync';

/** Where the files of an installation with an embedded Temporal server lie (CONSENT_SYNC_DATA). */
export interface DataDir {
  /** Absolute. */
  readonly path: string;
  /** Temporal's database. */
  readonly dbFile: string;
  /** Tells other processes where the embedded server is. */
  readonly embeddedFile: string;
  /** Secret from which contact keys are made. */
  readonly idKeyFile: string;
}

/** The paths; nothing is created or read. */
export function dataDir(env: NodeJS.ProcessEnv): DataDir {
  const path = resolve(env.CONSENT_SYNC_DATA || DEFAULT_DATA_DIR);
  return {
    path,
    dbFile: join(path, 'temporal.db'),
    embeddedFile: join(path, 'embedded.json'),
    idKeyFile: join(path, 'id-key'),
  };
}

/**
 * The paths, with the folder made where there is none: for its owner only, since it holds personal data and a secret.
 *
 * @throws TemporalConfigurationError when it cannot be made or is not a folder.
 */
export async function openDataDir(env: NodeJS.ProcessEnv): Promise<DataDir> {
  const dir = dataDir(env);
  try {
    const made = await mkdir(dir.path, { recursive: true, mode: 0o700 });
    // Parents that were missing are ours too, but need not be closed; the mode is narrowed by nobody's umask.
    if (made !== undefined) await chmod(dir.path, 0o700);
    if (!(await stat(dir.path)).isDirectory()) throw new Error('it is not a folder');
    return dir;
  } catch (error) {
    throw new TemporalConfigurationError(
      `The data folder ${dir.path} cannot be used: ${(error as Error).message}. Set CONSENT_SYNC_DATA to a folder that can be written.`,
    );
  }
}
