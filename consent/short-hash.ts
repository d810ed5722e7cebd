/**
 * A short name for a longer text, the same everywhere (FNV-1a, 32 bits, base 36). It tells the texts of one
 * configuration apart; it protects nothing.
 */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}
