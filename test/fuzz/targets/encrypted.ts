import { jsonOf, payloadsIn } from '../../../cli/codec-server/payload-json';
import { DecryptionError } from '../../../encryption/errors';
import { EncryptionCodec } from '../../../encryption/payload-codec';
import { keys } from '../../unit/encryption/keys';
import { assertDiscreet, assertSame, jsonIn, type Target } from '../target';

const codec = new EncryptionCodec(keys('now', 'before'));
const encoded = (text: string) => Buffer.from(text).toString('base64');

/** As it looks from outside; nobody has encrypted it. */
const SEALED = JSON.stringify({
  payloads: [
    {
      metadata: { encoding: encoded('binary/encrypted'), 'encryption-key-id': encoded('now') },
      data: Buffer.alloc(80, 1).toString('base64'),
    },
  ],
});

/** What a codec server is sent. */
const payloads: Target = {
  name: 'codec-payloads',
  corpus: [
    SEALED,
    JSON.stringify({ payloads: [{ metadata: { encoding: encoded('json/plain') }, data: encoded('{}') }] }),
    '{}',
  ],
  words: ['payloads', 'metadata', 'data', 'encoding', 'encryption-key-id', encoded('before'), 'AQ=='],
  read: async (input) => {
    const json = jsonIn(input);
    const read = json && payloadsIn(json.value);
    if (!read) return false;
    const written = jsonOf(read);
    assertSame('payloads are others when they are read again', jsonOf(payloadsIn(written) ?? []), written);
    try {
      await codec.decode(read);
      if (read.length > 0) throw new Error('something is decrypted that nobody has encrypted');
    } catch (error) {
      if (!(error instanceof DecryptionError)) throw error;
      assertDiscreet(error.message, 400);
    }
    return true;
  },
  share: 0.8,
};

export const ENCRYPTED_TARGETS: readonly Target[] = [payloads];
