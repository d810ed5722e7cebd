import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { CommandError, EXIT } from '../exit';

export const STANDARD_INPUT = '-';

/** What a file is called in messages. */
export function nameOf(file: string): string {
  return file === STANDARD_INPUT ? 'standard input' : file;
}

/** @throws CommandError when a file cannot be opened; nothing has been read then */
export async function requireReadable(files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (file === STANDARD_INPUT) continue;
    try {
      const handle = await open(file);
      const isFolder = (await handle.stat()).isDirectory();
      await handle.close();
      if (isFolder) throw new Error('it is a folder');
    } catch (error) {
      throw new CommandError(`${file} cannot be read: ${reasonOf(error)}`, EXIT.usage);
    }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}

/** The bytes of a file or of standard input. */
export function bytesOf(file: string): AsyncIterable<Buffer> {
  return file === STANDARD_INPUT ? process.stdin : createReadStream(file);
}
