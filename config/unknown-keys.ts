import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import type { Finding } from './problem';
import { isObject, type Path, shortText } from './tree';

export interface UnknownKey {
  readonly finding: Finding;
  /** Path of the key that was probably meant. */
  readonly meant?: Path;
}

/** Every key in `value` that `schema` does not know, however deep, with the nearest one that it does know. */
export function unknownKeys(schema: z.core.$ZodType, value: unknown, path: Path = []): UnknownKey[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.flatMap((item, index) => unknownKeys(inner.element, item, [...path, index]));
  }
  if (!isObject(value)) return [];
  if (inner instanceof z.ZodObject) {
    const shape: Readonly<Record<string, z.core.$ZodType>> = inner.shape;
    const known = Object.keys(shape);
    return Object.entries(value).flatMap(([key, item]) => {
      const next = Object.hasOwn(shape, key) ? shape[key] : undefined;
      return next === undefined ? [unknownKey(key, known, path)] : unknownKeys(next, item, [...path, key]);
    });
  }
  if (inner instanceof z.ZodDiscriminatedUnion) {
    const chosen = inner.options.find((option) => accepts(option, inner.def.discriminator, value));
    return chosen === undefined ? [] : unknownKeys(chosen, value, path);
  }
  if (inner instanceof z.ZodRecord && Object.hasOwn(value, '__proto__')) {
    return [unknownKey('__proto__', [], path)];
  }
  return [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? unwrap(schema.unwrap())
    : schema;
}

function accepts(option: z.core.$ZodType, discriminator: string, value: Record<string, unknown>): boolean {
  if (!(option instanceof z.ZodObject)) return false;
  const schema: unknown = option.shape[discriminator];
  return schema instanceof z.ZodLiteral && schema.safeParse(value[discriminator]).success;
}

function unknownKey(key: string, known: readonly string[], path: Path): UnknownKey {
  const nearest = nearestKey(key, known);
  const all = known.length === 0 ? '' : ` Known here: ${known.join(', ')}.`;
  const finding: Finding = {
    path: [...path, key],
    at: 'key',
    message:
      `unknown key ${shortText(key)}` +
      (nearest === undefined ? '' : `; did you mean ${shortText(nearest)}?`),
    fix: nearest === undefined ? `Remove it.${all}` : `Write ${shortText(nearest)}, or remove it.`,
  };
  return nearest === undefined ? { finding } : { finding, meant: [...path, nearest] };
}

/** How many edits still count as a slip of the pen: two letters swapped, or four in ten of a longer key. */
function maxEdits(length: number): number {
  return length < 4 ? 1 : Math.max(2, Math.floor(length * 0.4));
}

function nearestKey(key: string, known: readonly string[]): string | undefined {
  const bare = bareKey(key);
  let best: { key: string; edits: number } | undefined;
  for (const candidate of known) {
    const edits = distance(bare, bareKey(candidate));
    if (edits < (best?.edits ?? Number.POSITIVE_INFINITY)) best = { key: candidate, edits };
  }
  if (best === undefined) return undefined;
  return best.edits <= maxEdits(Math.max(bare.length, bareKey(best.key).length)) ? best.key : undefined;
}

/** So that `apiKey`, `api-key` and `api_key` are one. Keys of more than 100 characters are no slip of the pen. */
function bareKey(key: string): string {
  return key.slice(0, 100).toLowerCase().replace(/[_-]/g, '');
}
