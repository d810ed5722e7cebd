import { mkdirSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the files of one run lie while it lasts. They hold personal data: only their owner may read them. */
export class WorkFolder {
  /** @param root of all runs: `resync` in the data folder */
  constructor(
    root: string,
    readonly run: string,
  ) {
    this.path = folderOf(root, run);
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
  }

  readonly path: string;

  file(name: string): string {
    return join(this.path, name);
  }

  /** What was written last under this name; undefined where nothing was. */
  async read<T>(name: string): Promise<T | undefined> {
    try {
      return JSON.parse(await readFile(this.file(`${name}.json`), 'utf8')) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Whole or not at all, whenever the process dies. */
  async write(name: string, value: unknown): Promise<void> {
    const partial = this.file(`${name}.json.partial`);
    await writeFile(partial, JSON.stringify(value), { mode: 0o600 });
    await rename(partial, this.file(`${name}.json`));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Names of runs that a schedule has started hold colons, which not every file system takes. */
export function folderOf(root: string, run: string): string {
  return join(root, run.replace(/[^A-Za-z0-9._-]/g, '_'));
}
