import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { EncryptionSettings } from '../config';
import { DecryptionError, unknownKey } from './errors';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
/** Random, as NIST SP 800-38D §8.2.2 has it: good for 2^32 texts a key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** How much longer a text gets. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

/** What keys are used for. Each use has keys of its own, derived from those of the configuration. */
export type Purpose = 'temporal payload' | 'work file';

/** Encrypts with the first of several keys, and decrypts with each of them. */
export class KeyRing {
  private readonly keys: ReadonlyMap<string, KeyObject>;
  /** Id of the key that encrypts. */
  readonly currentId: string;
  private readonly current: KeyObject;

  constructor({ keys }: Pick<EncryptionSettings, 'keys'>, purpose: Purpose) {
    const [first] = keys;
    this.currentId = first.id;
    this.current = derived(first.key, purpose);
    this.keys = new Map(keys.map(({ id, key }) => [id, derived(key, purpose)]));
  }

  /**
   * @param context what the text belongs to: it can only be opened with the same
   * @returns nonce, encrypted text, tag
   */
  seal(text: Uint8Array, context: Uint8Array): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.current, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(context);
    const sealed = cipher.update(text);
    return Buffer.concat([nonce, sealed, cipher.final(), cipher.getAuthTag()]);
  }

  /**
   * @param keyId of the key that sealed it
   * @throws DecryptionError when that key is not there, or anything was changed
   */
  open(sealed: Uint8Array, keyId: string, context: Uint8Array): Buffer {
    const key = this.keys.get(keyId);
    if (!key) throw unknownKey(keyId, [...this.keys.keys()]);
    if (sealed.length < SEAL_BYTES) throw changed(keyId);
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(context);
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      const text = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
      decipher.final();
      return text;
    } catch {
      throw changed(keyId);
    }
  }
}

function changed(keyId: string): DecryptionError {
  return new DecryptionError(
    `It cannot be decrypted with the key "${keyId}": it was changed, or belongs elsewhere, or the configuration has another key under this id.`,
  );
}

function derived(key: string, purpose: Purpose): KeyObject {
  const info = `consent-sync ${purpose}`;
  return createSecretKey(Buffer.from(hkdfSync('sha256', Buffer.from(key, 'base64'), '', info, KEY_BYTES)));
}
