import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { DecryptionError } from './errors';

/** First byte of what is packed. */
const PLAIN = 0;
const DEFLATED = 1;

/** Shorter texts hardly get shorter. */
const WORTH_TRYING = 128;

/** Far more than Temporal stores (2 MB a payload) and than any of ours needs: what unpacks to more is no text of ours. */
export const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;

/** Compresses where that makes it shorter. */
export function pack(text: Uint8Array): Buffer {
  if (text.length >= WORTH_TRYING && text.length <= MAX_UNPACKED_BYTES) {
    const deflated = deflateRawSync(text);
    if (deflated.length < text.length) return Buffer.concat([Buffer.of(DEFLATED), deflated]);
  }
  return Buffer.concat([Buffer.of(PLAIN), text]);
}

/** @throws DecryptionError for what `pack` has not made */
export function unpack(packed: Buffer): Buffer {
  const text = packed.subarray(1);
  switch (packed[0]) {
    case PLAIN:
      return text;
    case DEFLATED:
      try {
        return inflateRawSync(text, { maxOutputLength: MAX_UNPACKED_BYTES });
      } catch {
        throw new DecryptionError('It was decrypted, but cannot be unpacked.');
      }
    default:
      throw new DecryptionError('It was decrypted, but is of a form that this version does not know.');
  }
}
