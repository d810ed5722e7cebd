import { isOptOut, type Value } from './said';
import type { Choice, Retraction, Snapshot, Testimony } from './testimony';

/** What must be in force on one path; `at` in whole seconds, undefined when nobody knows since when. */
export type Verdict = { readonly value: Value; readonly at: number | undefined };

/** A verdict, and the latest time at which it is known to have held. */
type Holding = Verdict & { readonly time: number };

/** What must be in force, from all that was ever said on one path; nothing if nothing counts. */
export function verdict(testimony: readonly Testimony[]): Verdict | undefined {
  const perRegulation = groups(testimony, ({ regulation }) => regulation).flatMap((inRegulation) => {
    const perUser = groups(inRegulation, ({ user }) => user).flatMap(ofOneUser);
    return amongUsers(perUser);
  });
  const optOuts = perRegulation.filter(({ value }) => isOptOut(value));
  const holding = latest(optOuts.length > 0 ? optOuts : perRegulation);
  return holding && { value: holding.value, at: holding.at };
}

function amongUsers(users: readonly Holding[]): Holding[] {
  const optOuts = users.filter(({ value }) => isOptOut(value));
  const others = users.filter(({ value }) => !isOptOut(value));
  const overcoming = others.filter(
    ({ at }) => at !== undefined && optOuts.every((optOut) => at > optOut.time),
  );
  const candidates = optOuts.length === 0 ? others : overcoming.length > 0 ? overcoming : optOuts;
  const holding = latest(candidates);
  return holding === undefined ? [] : [holding];
}

function ofOneUser(testimony: readonly Testimony[]): Holding[] {
  const choice = latestChoice(testimony);
  const snapshot = latestSnapshot(testimony);
  if (snapshot === undefined) {
    return choice === undefined ? [] : [{ value: choice.value, at: choice.at, time: choice.at }];
  }
  if (choice === undefined) return [{ value: snapshot.value, at: undefined, time: snapshot.asOf }];
  const value = oneOf(choice, snapshot);
  return [
    value === choice.value
      ? { value, at: choice.at, time: choice.at }
      : { value, at: undefined, time: snapshot.asOf },
  ];
}

function oneOf(choice: Choice, snapshot: Snapshot): Value {
  if (choice.at > snapshot.asOf) return choice.value;
  if (choice.known < snapshot.asOf) return snapshot.value;
  if (isOptOut(snapshot.value)) return snapshot.value;
  if (isOptOut(choice.value)) return choice.value;
  return snapshot.value;
}

function latestChoice(testimony: readonly Testimony[]): Choice | undefined {
  const retractions = testimony.filter((one): one is Retraction => one.kind === 'retraction');
  return testimony
    .filter((one): one is Choice => one.kind === 'choice')
    .map((choice) => ({ ...choice, known: firstKnown(choice, testimony) }))
    .filter((choice) => !retractions.some((retraction) => takesBack(retraction, choice)))
    .sort(
      (a, b) =>
        b.at - a.at ||
        Number(isOptOut(b.value)) - Number(isOptOut(a.value)) ||
        compare(b.event, a.event) ||
        compare(String(b.value), String(a.value)),
    )[0];
}

function firstKnown(choice: Choice, testimony: readonly Testimony[]): number {
  return Math.min(
    ...testimony.flatMap((one) =>
      one.kind === 'choice' &&
      one.at === choice.at &&
      one.event === choice.event &&
      one.value === choice.value
        ? [one.known]
        : [],
    ),
  );
}

/** A retraction ends what its event had said until then; in the same second an opt-out stands. */
function takesBack(retraction: Retraction, choice: Choice): boolean {
  if (retraction.event !== choice.event) return false;
  return retraction.known > choice.known || (retraction.known === choice.known && !isOptOut(choice.value));
}

function latestSnapshot(testimony: readonly Testimony[]): Snapshot | undefined {
  return testimony
    .filter((one): one is Snapshot => one.kind === 'snapshot')
    .sort(
      (a, b) =>
        b.asOf - a.asOf ||
        Number(isOptOut(b.value)) - Number(isOptOut(a.value)) ||
        compare(String(b.value), String(a.value)),
    )[0];
}

function latest(holdings: readonly Holding[]): Holding | undefined {
  return [...holdings].sort(
    (a, b) =>
      b.time - a.time ||
      compare(String(b.value), String(a.value)) ||
      Number(b.at !== undefined) - Number(a.at !== undefined),
  )[0];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function groups<T>(all: readonly T[], keyOf: (one: T) => string): T[][] {
  return [...new Set(all.map(keyOf))].map((key) => all.filter((one) => keyOf(one) === key));
}
