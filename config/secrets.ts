import { isObject, looksLikeSecret, type Path, shortText } from './tree';

/** Keys whose values are secrets wherever they stand. Includes keys of features that are still to come. */
const SECRET_KEYS: ReadonlySet<string> = new Set([
  'api_key',
  'private_api_key',
  'token',
  'secret',
  'client_secret',
  'api_secret',
  'key',
  'keys',
]);

const MIN_RECOGNISED_SECRET = 4;
const MIN_RECOGNISED_PART = 8;
const ONE_VARIABLE = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;

export function isSecretPath(path: Path): boolean {
  return path.some((key) => typeof key === 'string' && SECRET_KEYS.has(key));
}

/** Every secret in a configuration as written, to recognise it where it does not belong. */
export function secretsIn(value: unknown, path: Path = []): string[] {
  if (typeof value === 'string') return isSecretPath(path) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => secretsIn(item, [...path, index]));
  if (isObject(value)) return Object.entries(value).flatMap(([key, item]) => secretsIn(item, [...path, key]));
  return [];
}

/**
 * What a sentence that says what a value must be may add about the value itself. It is shown as written in the file
 * (so `${NAME}` and never what the variable holds), shortened, and not at all where it is or might be a secret.
 */
export function butIs(written: unknown, path: Path, secrets: readonly string[]): string {
  if (typeof written === 'string' && written !== '') {
    if (ONE_VARIABLE.test(written)) return `; what ${written} holds is not`;
    return isSecretPath(path) || mayHoldSecret(written, secrets) ? '' : `, but is ${shortText(written)}`;
  }
  const isPlain = typeof written === 'number' || typeof written === 'boolean';
  return `, but is ${isPlain && !isSecretPath(path) ? String(written) : kindOf(written)}`;
}

function mayHoldSecret(text: string, secrets: readonly string[]): boolean {
  return (
    looksLikeSecret(text) ||
    secrets.some(
      (secret) =>
        (secret.length >= MIN_RECOGNISED_SECRET && text.includes(secret)) ||
        (text.length >= MIN_RECOGNISED_PART && secret.includes(text)),
    )
  );
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'missing';
  if (value === '') return 'an empty text';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  switch (typeof value) {
    case 'string':
      return 'a text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    case 'object':
      return Object.keys(value ?? {}).length === 0 ? 'an empty object' : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

/**
 * Adds a property that is read like any other but is left out by JSON.stringify, console.log, util.inspect,
 * loggers and copies, so that a secret does not leak with the object that carries it.
 */
export function withSecret<T extends object, K extends string>(
  target: T,
  key: K,
  secret: string,
): T & Readonly<Record<K, string>> {
  return Object.defineProperty(target, key, { get: () => secret, enumerable: false }) as T &
    Readonly<Record<K, string>>;
}
