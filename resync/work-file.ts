import { createReadStream } from 'node:fs';
import { type FileSeal, isSealed, withoutKeys } from '../encryption/sealed-file';

/**
 * The text of a file of a run.
 *
 * @param seal absent: the files of the run are not encrypted
 * @param from bytes of text
 * @throws DecryptionError when the file is not as `seal` says
 */
export async function* textFrom(path: string, seal: FileSeal | undefined, from = 0): AsyncGenerator<Buffer> {
  if (seal) return yield* seal.text(path, from);
  if (await isSealed(path)) throw withoutKeys(path);
  yield* createReadStream(path, { start: from });
}
