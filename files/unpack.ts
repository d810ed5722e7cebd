import { once } from 'node:events';
import { createGunzip } from 'node:zlib';

const GZIP_MAGIC = [0x1f, 0x8b] as const;

/**
 * The content, unpacked where its first bytes say that it is gzipped. Of a gzip file that is cut off, everything up to
 * there is given before it fails.
 */
export async function* unpacked(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = content[Symbol.asyncIterator]();
  try {
    const start = await startOf(chunks);
    const isGzipped = GZIP_MAGIC.every((byte, index) => start[index] === byte);
    yield* isGzipped ? gunzipped(rejoined(start, chunks)) : rejoined(start, chunks);
  } finally {
    await chunks.return?.();
  }
}

/** As much as it takes to recognise gzip, where there is as much. */
async function startOf(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let start = Buffer.alloc(0);
  while (start.length < GZIP_MAGIC.length) {
    const next = await chunks.next();
    if (next.done) break;
    start = Buffer.concat([start, next.value]);
  }
  return start;
}

async function* rejoined(start: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (start.length > 0) yield start;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** Not `pipeline`: a stream that fails forgets what it had unpacked and nobody had taken yet. */
async function* gunzipped(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const ready: Buffer[] = [];
  gunzip.on('data', (chunk: Buffer) => ready.push(chunk));
  const failed = once(gunzip, 'end').then(
    () => undefined,
    (error: Error) => error,
  );
  try {
    for await (const chunk of packed) {
      const written = new Promise<undefined>((resolve) => gunzip.write(chunk, () => resolve(undefined)));
      const error = await Promise.race([failed, written]);
      yield* ready.splice(0);
      if (error) throw notWhole(error);
    }
    gunzip.end();
    const error = await failed;
    yield* ready.splice(0);
    if (error) throw notWhole(error);
  } finally {
    gunzip.destroy();
  }
}

function notWhole({ message }: Error): Error {
  return new Error(`it is not whole as a gzip file (${message})`);
}
