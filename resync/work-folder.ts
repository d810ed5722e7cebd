import { mkdirSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncryptionSettings } from '../config';
import { FileSeal } from '../encryption/sealed-file';
import { textFrom } from './work-file';

/** Where the files of one run lie while it lasts. They hold personal data: only their owner may read them. */
export class WorkFolder {
  /** Encrypts what is personal data; absent: nothing does. */
  readonly seal: FileSeal | undefined;

  /** @param root of all runs: `resync` in the data folder @param encryption of the configuration */
  constructor(
    root: string,
    readonly run: string,
    encryption?: EncryptionSettings,
  ) {
    this.path = folderOf(root, run);
    this.seal = encryption && new FileSeal(encryption, this.path);
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
  }

  readonly path: string;

  file(name: string): string {
    return join(this.path, name);
  }

  /** What was written last under this name; undefined where nothing was. */
  async read<T>(name: string): Promise<T | undefined> {
    try {
      const parts: Buffer[] = [];
      for await (const part of textFrom(this.file(`${name}.json`), this.seal)) parts.push(part);
      return JSON.parse(Buffer.concat(parts).toString('utf8')) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Whole or not at all, whenever the process dies. */
  async write(name: string, value: unknown): Promise<void> {
    const path = this.file(`${name}.json`);
    const partial = `${path}.partial`;
    const text = Buffer.from(JSON.stringify(value));
    await writeFile(partial, this.seal ? this.seal.sealed(path, text, 0) : text, { mode: 0o600 });
    await rename(partial, path);
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Names of runs that a schedule has started hold colons, which not every file system takes. */
export function folderOf(root: string, run: string): string {
  return join(root, run.replace(/[^A-Za-z0-9._-]/g, '_'));
}
