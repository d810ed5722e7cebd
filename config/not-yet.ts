import type { Finding } from './problem';
import { isObject, type Path, pathText, valueAt } from './tree';

interface NotYet {
  readonly key: string;
  /** Values that need the missing feature; absent: any value does. */
  readonly values?: readonly string[];
  /** A value that is available. */
  readonly instead?: string;
}

/** Documented keys that need a feature which this version does not have. A feature that comes takes its row away. */
const NOT_YET: Readonly<Record<'integration' | 'settings', readonly NotYet[]>> = {
  integration: [{ key: 'options.on_user_deleted', values: ['forget'], instead: 'ignore' }],
  settings: [],
};

/**
 * Takes what is not available yet out of `root` (a copy that belongs to the caller), so that nothing else is said
 * about it: a setting that does nothing must not look as if it did.
 *
 * @param integrations where integrations start in `root`; settings start at its top
 */
export function takeOutNotYet(root: unknown, integrations: readonly Path[]): Finding[] {
  return [
    ...NOT_YET.settings.flatMap((row) => takeOut(root, [], row)),
    ...integrations.flatMap((path) => NOT_YET.integration.flatMap((row) => takeOut(root, path, row))),
  ];
}

function takeOut(root: unknown, base: Path, { key, values, instead }: NotYet): Finding[] {
  const path = [...base, ...key.split('.')];
  const parent = valueAt(root, path.slice(0, -1));
  const name = path.at(-1);
  if (name === undefined || !isObject(parent) || !Object.hasOwn(parent, name)) return [];
  const value = parent[name];
  if (values === undefined) {
    delete parent[name];
    return [{ path, at: 'key', message: NOT_AVAILABLE, fix: `Remove ${pathText(path)}.` }];
  }
  if (typeof value !== 'string' || !values.includes(value)) return [];
  delete parent[name];
  const fix = instead === undefined ? `Remove ${pathText(path)}.` : `Use "${instead}".`;
  return [{ path, message: `"${value}" ${NOT_AVAILABLE}`, fix }];
}

const NOT_AVAILABLE = 'is not available in this version yet';
