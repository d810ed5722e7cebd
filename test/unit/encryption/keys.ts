import { createHash } from 'node:crypto';
import type { EncryptionSettings } from '../../../config';

/** A key of 32 bytes in base64, always the same for the same name. */
export function keyNamed(name: string): string {
  return createHash('sha256').update(name).digest('base64');
}

/** Settings with these keys, the first of which encrypts. */
export function keys(first: string, ...others: string[]): EncryptionSettings {
  const key = (id: string) => ({ id, key: keyNamed(id) });
  return { keys: [key(first), ...others.map(key)], acceptUnencrypted: false };
}
