import { join } from 'node:path';
import { dataDir, openDataDir } from '../../temporal/data-dir';

const FOLDER = 'resync';

/** Where the files of resyncs lie on this machine. @throws TemporalConfigurationError when it cannot be used */
export async function resyncFolder(env: NodeJS.ProcessEnv): Promise<string> {
  return join((await openDataDir(env)).path, FOLDER);
}

/** The same, to look into only. */
export function resyncFolderToRead(env: NodeJS.ProcessEnv): string {
  return join(dataDir(env).path, FOLDER);
}
