import { dateOf, type InForce, inForceAmongRegulations, inForceAmongUsers, inForceForUser } from './in-force';
import { compareText, EMPTY_REGISTER, mergeRegisters, type Register } from './register';
import { isOptOut, type Statement, type Subject } from './statement';

/**
 * Everything Didomi said about one contact that may still count: one register a subject, in one canonical
 * order. An array and not an object: regulations, paths and user ids come from outside.
 */
export type ConsentState = readonly (Subject & Register)[];

/** Didomi users kept for one path under one regulation. */
const KEPT_USERS = 8;

/**
 * Takes statements into the state. Commutative, associative and idempotent: whatever the order of arrival
 * and however often something is repeated, the state ends the same.
 */
export function mergeStatements(state: ConsentState, statements: readonly Statement[]): ConsentState {
  return mergeStates(
    state,
    statements.map((statement) => ({ ...subjectOf(statement), ...registerOf(statement) })),
  );
}

export function mergeStates(a: ConsentState, b: ConsentState): ConsentState {
  const registers = new Map<string, Subject & Register>();
  for (const one of [...a, ...b]) {
    const key = keyOf(one);
    registers.set(key, { ...subjectOf(one), ...mergeRegisters(registers.get(key) ?? EMPTY_REGISTER, one) });
  }
  return withinLimit([...registers.entries()].sort(([x], [y]) => compareText(x, y)).map(([, one]) => one));
}

/** What is in force for a Didomi path, over all Didomi users and regulations. */
export function inForce(state: ConsentState, path: string): InForce | undefined {
  const byRegulation = groupBy(
    state.filter((one) => one.path === path),
    (one) => one.regulation,
  );
  return inForceAmongRegulations(
    [...byRegulation.values()].flatMap((users) => inForceAmongUsers(users.flatMap(present)) ?? []),
  );
}

function present(register: Register): InForce[] {
  const value = inForceForUser(register);
  return value ? [value] : [];
}

function registerOf(statement: Statement): Register {
  if ('choice' in statement) return { ...EMPTY_REGISTER, choices: [statement.choice] };
  if ('snapshot' in statement) return { ...EMPTY_REGISTER, snapshot: statement.snapshot };
  return { ...EMPTY_REGISTER, retractions: [statement.retraction] };
}

function subjectOf({ regulation, path, user }: Subject): Subject {
  return { regulation, path, user };
}

function keyOf({ regulation, path, user }: Subject): string {
  return JSON.stringify([regulation, path, user]);
}

/** Keeps the latest users of a path, and in any case the one with the latest opt-out: it must not be forgotten. */
function withinLimit(state: (Subject & Register)[]): ConsentState {
  const crowded = [...groupBy(state, ({ regulation, path }) => JSON.stringify([regulation, path])).values()]
    .filter((users) => users.length > KEPT_USERS)
    .flatMap((users) => {
      const byAge = users.sort((a, b) => ageOf(b) - ageOf(a) || compareText(b.user, a.user));
      const optOut = byAge.findIndex((one) => present(one).some(({ value }) => isOptOut(value)));
      const spared = optOut >= KEPT_USERS ? byAge.slice(0, KEPT_USERS - 1) : byAge.slice(0, KEPT_USERS);
      const kept = new Set([...spared, byAge[optOut]]);
      return byAge.filter((one) => !kept.has(one));
    });
  if (crowded.length === 0) return state;
  const dropped = new Set(crowded);
  return state.filter((one) => !dropped.has(one));
}

function ageOf(register: Register): number {
  return Math.max(...present(register).map(dateOf), Number.NEGATIVE_INFINITY);
}

function groupBy<T>(items: readonly T[], keyOfItem: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOfItem(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
