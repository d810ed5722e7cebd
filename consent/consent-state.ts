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

/** Stands for the Didomi users beyond that: no id of Didomi's holds a NUL. */
const EARLIER_USERS = '\u0000earlier';

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
  // Of a long state usually little is spoken of anew: the rest stays as it is.
  const isTouched = (one: Subject) => b.some((other) => samePath(one, other));
  const registers = new Map<string, Subject & Register>();
  for (const one of [...a.filter(isTouched), ...b]) {
    const key = keyOf(one);
    registers.set(key, { ...subjectOf(one), ...mergeRegisters(registers.get(key) ?? EMPTY_REGISTER, one) });
  }
  const byPath = groupBy([...registers.values()], ({ regulation, path }) =>
    JSON.stringify([regulation, path]),
  );
  return [...a.filter((one) => !isTouched(one)), ...[...byPath.values()].flatMap(withinLimit)].sort(
    bySubject,
  );
}

function samePath(a: Subject, b: Subject): boolean {
  return a.path === b.path && a.regulation === b.regulation;
}

function bySubject(a: Subject, b: Subject): number {
  return (
    compareText(a.regulation, b.regulation) || compareText(a.path, b.path) || compareText(a.user, b.user)
  );
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

/** The Didomi users that anything is known of; `""` for statements that name none. */
export function usersIn(state: ConsentState): string[] {
  return [...new Set(state.map(({ user }) => user))].filter((user) => user !== EARLIER_USERS);
}

/** The state as statements: merged into nothing they are the same state. */
export function statementsOf(state: ConsentState): Statement[] {
  return state.flatMap((register) => {
    const subject = subjectOf(register);
    const { choices, retractions, snapshot, silentAsOf } = register;
    return [
      ...choices.map((choice) => ({ ...subject, choice })),
      ...retractions.map((retraction) => ({ ...subject, retraction })),
      ...(snapshot ? [{ ...subject, snapshot }] : []),
      ...(silentAsOf === undefined ? [] : [{ ...subject, silence: { asOf: silentAsOf } }]),
    ];
  });
}

function present(register: Register): InForce[] {
  const value = inForceForUser(register);
  return value ? [value] : [];
}

function registerOf(statement: Statement): Register {
  if ('choice' in statement) return { ...EMPTY_REGISTER, choices: [statement.choice] };
  if ('snapshot' in statement) return { ...EMPTY_REGISTER, snapshot: statement.snapshot };
  if ('silence' in statement) return { ...EMPTY_REGISTER, silentAsOf: statement.silence.asOf };
  return { ...EMPTY_REGISTER, retractions: [statement.retraction] };
}

function subjectOf({ regulation, path, user }: Subject): Subject {
  return { regulation, path, user };
}

function keyOf({ regulation, path, user }: Subject): string {
  return JSON.stringify([regulation, path, user]);
}

/**
 * Keeps the latest users of a path. Of the others the latest opt-out stays, as the record of a user that nobody
 * speaks for: only an opt-in of known, later time overcomes it.
 */
function withinLimit(all: readonly (Subject & Register)[]): readonly (Subject & Register)[] {
  const users = all.filter(({ user }) => user !== EARLIER_USERS);
  const [subject] = users;
  if (!subject || users.length <= KEPT_USERS) return all;
  const byAge = users.toSorted((a, b) => ageOf(b) - ageOf(a) || compareText(b.user, a.user));
  const kept = byAge.slice(0, KEPT_USERS);
  const others = all.filter((one) => !kept.includes(one)).flatMap(present);
  const optOut = inForceAmongUsers(others.filter(({ value }) => isOptOut(value)));
  if (!optOut) return kept;
  const snapshot = { value: optOut.value, asOf: dateOf(optOut) };
  return [...kept, { ...subjectOf(subject), user: EARLIER_USERS, ...EMPTY_REGISTER, snapshot }];
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
