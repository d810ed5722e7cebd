import type { z } from 'zod';
import type { Finding } from './problem';
import { butIs, kindOf } from './secrets';
import { type Path, valueAt } from './tree';
import { unknownKeys } from './unknown-keys';

/** A configuration as it was written and as it is after variables have been replaced. */
export interface Written {
  /** Only for showing values: it holds `${NAME}` where `replaced` may hold a secret. */
  readonly original: unknown;
  readonly replaced: unknown;
  /** Secrets that no message may repeat, wherever they stand. */
  readonly secrets: readonly string[];
}

/** The part at `path` as `schema` reads it, or all that is wrong with it. */
export function parsePart<S extends z.ZodType>(
  schema: S,
  written: Written,
  path: Path,
): { data: z.output<S> } | { findings: Finding[] } {
  const part = valueAt(written.replaced, path);
  const unknown = unknownKeys(schema, part, path);
  const result = schema.safeParse(part);
  if (result.success && unknown.length === 0) return { data: result.data };
  const issues = result.success ? [] : result.error.issues;
  const findings = issues
    // unknownKeys says the same, and what was meant.
    .filter((issue) => issue.code !== 'unrecognized_keys')
    .map((issue) => toFinding(issue, written, path))
    .filter((finding) => !unknown.some(({ meant }) => isMissingAt(finding, meant, written)));
  return { findings: [...unknown.map(({ finding }) => finding), ...findings] };
}

/** A key that was misspelt is not missing as well. */
function isMissingAt(finding: Finding, meant: Path | undefined, written: Written): boolean {
  return (
    meant !== undefined &&
    meant.length === finding.path.length &&
    meant.every((key, index) => key === finding.path[index]) &&
    valueAt(written.replaced, meant) === undefined
  );
}

function toFinding(issue: z.core.$ZodIssue, written: Written, base: Path): Finding {
  const path = [...base, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
  if (issue.code === 'custom' && typeof issue.params?.fix === 'string') {
    return { path, message: issue.message, fix: issue.params.fix };
  }
  if (valueAt(written.replaced, path) === undefined) {
    return { path, message: `is missing; it takes ${issue.message}` };
  }
  const value = valueAt(written.original, path);
  const but =
    issue.code === 'invalid_type' ? `, but is ${kindOf(value)}` : butIs(value, path, written.secrets);
  return { path, message: `must be ${issue.message}${but}` };
}
