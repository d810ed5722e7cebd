/** Something cannot be decrypted, or is not encrypted where it must be. Holds nothing of what it was about. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';
}

const KEY_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** @param known ids of the keys that there are */
export function unknownKey(id: string, known: readonly string[]): DecryptionError {
  // It comes from outside, whatever it is.
  const named = KEY_ID.test(id) ? `"${id}"` : 'of an unreadable name';
  return new DecryptionError(
    `It was encrypted with the key ${named}, which is not among encryption.keys of this configuration (${known.join(', ')}). Add that key at the end of the list.`,
  );
}
