import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where programs that we fetch are kept: a folder of ours in the user's cache folder, outside any checkout. */
export function defaultCacheDir(env: NodeJS.ProcessEnv): string {
  return join(userCacheDir(env), 'consent-sync');
}

function userCacheDir(env: NodeJS.ProcessEnv): string {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  const home = env.HOME || homedir();
  switch (process.platform) {
    case 'darwin':
      return join(home, 'Library', 'Caches');
    case 'win32':
      return env.LOCALAPPDATA || join(home, 'AppData', 'Local');
    default:
      return join(home, '.cache');
  }
}
