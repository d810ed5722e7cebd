import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
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

const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** The content of a file or of standard input; unpacked where its first bytes say that it is gzipped. */
export async function* contentOf(file: string): AsyncGenerator<Buffer> {
  const source = file === STANDARD_INPUT ? process.stdin : createReadStream(file);
  const chunks: AsyncIterator<Buffer> = source[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    start = Buffer.concat([start, next.value]);
    if (start.length >= GZIP_MAGIC.length) break;
  }
  const isGzipped = GZIP_MAGIC.every((byte, index) => start[index] === byte);
  yield* isGzipped ? unpacked(rejoined(start, chunks)) : rejoined(start, chunks);
}

async function* rejoined(start: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield start;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* unpacked(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  // What goes wrong ends `gunzip`, from which it is thrown.
  pipeline(Readable.from(packed), gunzip, () => {});
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    throw new Error(`it is not whole as a gzip file (${(error as Error).message})`);
  }
}
