import type { ConsentValue } from './statement';

/** What a Didomi path meets in a record: a value, nothing (missing and null say nothing), or two different values. */
export type PathLookup =
  | { readonly found: 'value'; readonly value: ConsentValue }
  | { readonly found: 'nothing' }
  | { readonly found: 'ambiguous' };

/** The parts of a Didomi user, or of an event seen as its user, that a path can name. */
export interface PathRoot {
  readonly [property: string]: unknown;
  readonly consents?: unknown;
}

/** Deeper than any documented path; keeps hostile nesting from costing anything. */
const MAX_DEPTH = 12;

/** Characters: longer than any path that anybody configures; keeps hostile names from costing anything. */
const MAX_PATH_LENGTH = 1_000;

/**
 * Every path that can be named in a record, with every value it meets. A path is the property names joined
 * with `_`, items of arrays named by their id. Ids may contain `_`, so that two places can have one path: a
 * configured path is looked up here, never parsed.
 */
export class ConsentPaths {
  private readonly values = new Map<string, Set<ConsentValue>>();

  constructor(root: PathRoot) {
    for (const [property, value] of Object.entries(root)) {
      this.collect(value, [property], property === 'consents' ? property : FREE_FORM, 1);
    }
  }

  lookUp(path: string): PathLookup {
    const [value, ...others] = this.values.get(path) ?? [];
    if (value === undefined) return { found: 'nothing' };
    return others.length === 0 ? { found: 'value', value } : { found: 'ambiguous' };
  }

  /** @param property where in the consents `node` stands, or FREE_FORM */
  private collect(node: unknown, paths: readonly string[], property: string, depth: number): void {
    if (typeof node === 'boolean' || typeof node === 'string' || typeof node === 'number') {
      for (const path of paths) this.add(path, node);
      return;
    }
    if (typeof node !== 'object' || node === null || depth > MAX_DEPTH) return;
    if (Array.isArray(node)) {
      for (const item of node) this.collectItem(item, paths, property, depth);
      return;
    }
    for (const [key, value] of Object.entries(node)) {
      const named = [...childPaths(paths, property, key), ...shortPaths(property, key)];
      this.collect(value, named, childProperty(property, key), depth + 1);
    }
  }

  private collectItem(item: unknown, paths: readonly string[], property: string, depth: number): void {
    if (typeof item !== 'object' || item === null || !('id' in item) || typeof item.id !== 'string') return;
    const { id, ...rest } = item;
    const named = [...joined(paths, id), ...shortPaths(property, id)];
    for (const [key, value] of Object.entries(rest)) {
      this.collect(value, childPaths(named, property, key), childProperty(property, key), depth + 2);
    }
  }

  private add(path: string, value: ConsentValue): void {
    const values = this.values.get(path);
    if (values) values.add(value);
    else this.values.set(path, new Set([value]));
  }
}

/**
 * Metadata is the customer's own: a property in it that is called `preferences` or `values` is no consent, and
 * has no other name than its own.
 */
const FREE_FORM = 'metadata';

/** In `values` the properties are ids and not Didomi's names. */
function namesAreIds(property: string): boolean {
  return property === FREE_FORM || property === 'values';
}

function childProperty(property: string, key: string): string {
  return namesAreIds(property) ? FREE_FORM : key;
}

/** Didomi's paths say `channel` where the record says `channels` (seen in its integration guides); both are taken. */
function childPaths(paths: readonly string[], property: string, key: string): string[] {
  if (namesAreIds(property) || key !== 'channels') return joined(paths, key);
  return [...joined(paths, 'channels'), ...joined(paths, 'channel')];
}

/** `consents_preferences_<id>_…` names a preference without its purpose (seen in Didomi's integration guides). */
function shortPaths(property: string, id: string): string[] {
  return property === 'preferences' || property === 'values' ? joined(['consents_preferences'], id) : [];
}

function joined(paths: readonly string[], name: string): string[] {
  return paths
    .filter((path) => path.length + 1 + name.length <= MAX_PATH_LENGTH)
    .map((path) => `${path}_${name}`);
}
