import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Full path of an executable file on PATH, or undefined when there is none of that name. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const path = join(folder, executableName(name));
    if (await isExecutableFile(path)) return path;
  }
  return undefined;
}

/** The name that an executable file has on this system. */
export function executableName(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
