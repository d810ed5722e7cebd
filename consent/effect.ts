import type { ConsentChange } from './change';
import { type ConsentState, inForce } from './consent-state';
import { dateOf, type InForce } from './in-force';
import type { Seconds, Statement } from './statement';

/** What a change did to what is in force. */
export interface Effect {
  /** Paths with another value in force, or the same value chosen anew. */
  readonly changed: readonly string[];
  /** Paths whose value a later record repeats, and when that record was made. */
  readonly repeated: readonly { readonly path: string; readonly asOf: Seconds }[];
  /** All that the change says is older than what is in force. */
  readonly stale: boolean;
}

export function effectOf(
  before: ConsentState,
  after: ConsentState,
  change: Pick<ConsentChange, 'statements'>,
): Effect {
  const paths = [...new Set(change.statements.map(({ path }) => path))];
  const current = new Map(paths.map((path) => [path, inForce(after, path)]));
  const changed = paths.filter((path) => !sameChoice(inForce(before, path), current.get(path)));
  const repeated = change.statements.flatMap((statement) => {
    if (!('snapshot' in statement) || changed.includes(statement.path)) return [];
    const { value, asOf } = statement.snapshot;
    return current.get(statement.path)?.value === value ? [{ path: statement.path, asOf }] : [];
  });
  return { changed, repeated, stale: changed.length === 0 && areOlder(change.statements, current) };
}

/** All that is said is older than what is in force. */
export function isStale(statements: readonly Statement[], state: ConsentState): boolean {
  return areOlder(statements, new Map(statements.map(({ path }) => [path, inForce(state, path)])));
}

/** What says nothing is not older than anything. */
function areOlder(
  statements: readonly Statement[],
  current: ReadonlyMap<string, InForce | undefined>,
): boolean {
  return statements.length > 0 && statements.every((one) => isOlder(one, current.get(one.path)));
}

function sameChoice(a: InForce | undefined, b: InForce | undefined): boolean {
  return a?.value === b?.value && a?.time === b?.time;
}

function isOlder(statement: Statement, current: InForce | undefined): boolean {
  if (!current) return false;
  if ('choice' in statement) return statement.choice.at < dateOf(current);
  if ('snapshot' in statement) return statement.snapshot.asOf < dateOf(current);
  if ('silence' in statement) return statement.silence.asOf < dateOf(current);
  return statement.retraction.known < dateOf(current);
}
