import {
  type Choice,
  type ConsentValue,
  isOptOut,
  type Retraction,
  type Seconds,
  type Snapshot,
} from './statement';

/**
 * What is known of one subject. Merging two registers is a maximum in a total order, so that any order of
 * arrival and any doubling end in the same register.
 */
export interface Register {
  /**
   * Highest first. More than one is kept so that a retraction uncovers the choice before it; beyond that number, the
   * highest opt-out.
   */
  readonly choices: readonly Choice[];
  /** Highest first, one an event. */
  readonly retractions: readonly Retraction[];
  readonly snapshot?: Snapshot;
  /** Didomi's record held nothing at this time. */
  readonly silentAsOf?: Seconds;
}

const NEVER = Number.NEGATIVE_INFINITY;

const KEPT_CHOICES = 8;
/** One more than are ever told apart: with the last one held, some may be forgotten. */
const KEPT_RETRACTIONS = 9;

export const EMPTY_REGISTER: Register = { choices: [], retractions: [] };

export function mergeRegisters(a: Register, b: Register): Register {
  const snapshot = laterSnapshot(a.snapshot, b.snapshot);
  const silentAsOf = Math.max(a.silentAsOf ?? NEVER, b.silentAsOf ?? NEVER);
  return {
    choices: mergeChoices(a.choices, b.choices),
    retractions: mergeRetractions(a.retractions, b.retractions),
    ...(snapshot && { snapshot }),
    ...(silentAsOf !== NEVER && { silentAsOf }),
  };
}

/** The choices that were not taken back, highest first. */
export function standingChoices({ choices, retractions }: Register): Choice[] {
  return choices.filter(
    (choice) => !retractions.some((one) => retracts(one, choice)) && !mayBeTakenBack(choice, retractions),
  );
}

/**
 * Where as many retractions are held as are kept, an earlier one may be forgotten: the doubt goes against what is no
 * opt-out.
 */
function mayBeTakenBack(choice: Choice, retractions: readonly Retraction[]): boolean {
  const earliest = retractions.at(KEPT_RETRACTIONS - 1);
  return earliest !== undefined && !isOptOut(choice.value) && choice.known <= earliest.known;
}

/** In the same second the doubt goes to the opt-out: it stands, and anything else does not. */
function retracts(retraction: Retraction, choice: Choice): boolean {
  if (retraction.eventId !== choice.eventId) return false;
  return isOptOut(choice.value) ? choice.known < retraction.known : choice.known <= retraction.known;
}

function mergeChoices(a: readonly Choice[], b: readonly Choice[]): Choice[] {
  const merged: Choice[] = [];
  for (const choice of [...a, ...b].sort(byRank)) {
    const last = merged.at(-1);
    // Of one choice seen twice the smaller `known` sorts first.
    if (last && sameChoice(last, choice)) continue;
    merged.push(choice);
  }
  const optOut = merged.slice(KEPT_CHOICES).find(({ value }) => isOptOut(value));
  return [...merged.slice(0, KEPT_CHOICES), ...(optOut ? [optOut] : [])];
}

function sameChoice(a: Choice, b: Choice): boolean {
  return a.at === b.at && a.eventId === b.eventId && a.value === b.value;
}

/** Highest first: later; in the same second the opt-out, then the larger event id, then the larger value. */
function byRank(a: Choice, b: Choice): number {
  return (
    b.at - a.at ||
    Number(isOptOut(b.value)) - Number(isOptOut(a.value)) ||
    compareText(b.eventId, a.eventId) ||
    compareValues(b.value, a.value) ||
    a.known - b.known
  );
}

function mergeRetractions(a: readonly Retraction[], b: readonly Retraction[]): Retraction[] {
  const latest = new Map<string, Retraction>();
  for (const one of [...a, ...b]) {
    const held = latest.get(one.eventId);
    if (!held || held.known < one.known) latest.set(one.eventId, one);
  }
  return [...latest.values()]
    .sort((x, y) => y.known - x.known || compareText(y.eventId, x.eventId))
    .slice(0, KEPT_RETRACTIONS);
}

function laterSnapshot(a: Snapshot | undefined, b: Snapshot | undefined): Snapshot | undefined {
  if (!a || !b) return a ?? b;
  const order =
    a.asOf - b.asOf ||
    Number(isOptOut(a.value)) - Number(isOptOut(b.value)) ||
    compareValues(a.value, b.value);
  return order >= 0 ? a : b;
}

/** A total order on values: by their JSON text, which keeps `true` and `"true"` apart. */
export function compareValues(a: ConsentValue, b: ConsentValue): number {
  return compareText(JSON.stringify(a), JSON.stringify(b));
}

/** By code unit: the same on every machine, unlike a locale's order. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
