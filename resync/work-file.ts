import { createReadStream } from 'node:fs';
import { type FileSeal, isSealed, type Reading, withoutKeys } from '../encryption/sealed-file';

/**
 * The text of a file of a run.
 *
 * @param seal absent: the files of the run are not encrypted
 * @throws DecryptionError when the file is not as `seal` says
 */
export async function* textFrom(
  path: string,
  seal: FileSeal | undefined,
  reading: Reading = {},
): AsyncGenerator<Buffer> {
  if (seal) return yield* seal.text(path, reading);
  if (await isSealed(path)) throw withoutKeys(path);
  yield* createReadStream(path, { start: reading.from ?? 0 });
}
