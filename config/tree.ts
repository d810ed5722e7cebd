/** Where a value lies in a configuration: keys and list indexes from the root. */
export type Path = readonly (string | number)[];

/** Deeper than any configuration can mean, and far from where a recursion would run out of stack. */
export const MAX_DEPTH = 32;

/** The value at `path`, or undefined where there is none. Inherited properties are never found. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True when `path` is `prefix` or lies within it. */
export function isWithin(path: Path, prefix: Path): boolean {
  return prefix.every((key, index) => path[index] === key);
}

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** Written as a reader would name it: `integrations.shop.properties[2].id`. */
export function pathText(path: Path): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      if (PLAIN_KEY.test(key) && !looksLikeSecret(key)) return index === 0 ? key : `.${key}`;
      return `[${shortText(key)}]`;
    })
    .join('');
}

const MAX_QUOTED = 40;

/** Every Brevo API key starts so (seen in Brevo's API reference). */
const BREVO_KEY_PREFIX = 'xkeysib';

/** True for a text that must not be repeated even where no secret belongs, such as a key pasted into a wrong place. */
export function looksLikeSecret(text: string): boolean {
  return text.toLowerCase().includes(BREVO_KEY_PREFIX);
}

/** In quotes on one line, cut where it is long, and never a Brevo API key: fit for an error message. */
export function shortText(text: string): string {
  if (looksLikeSecret(text)) return `"${BREVO_KEY_PREFIX}-…"`;
  const characters = Array.from(text);
  return JSON.stringify(
    characters.length > MAX_QUOTED ? `${characters.slice(0, MAX_QUOTED).join('')}…` : text,
  );
}
