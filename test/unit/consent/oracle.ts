import type { Choice, ConsentValue, Retraction, Snapshot, Statement } from '../../../consent/statement';

/**
 * What is in force, told a second time: slow, from all statements at once, in the words of docs/decisions.md.
 * Shares no code with consent/ (its types say only what a statement is), so that the two check each other.
 */

export interface Said {
  value: ConsentValue;
  /** Undefined: unknown. */
  time: number | undefined;
  /** By which it is compared. */
  date: number;
}

/**
 * What may be said to be in force for a path. More than one answer only where two Didomi users say the same at
 * the same second, one with a known time and one without; none when nothing was said.
 */
export function oracle(statements: readonly Statement[], path: string): Said[] {
  const ofPath = statements.filter((one) => one.path === path);
  const regulations = distinct(ofPath.map((one) => one.regulation));
  const answers = regulations.flatMap((regulation) => {
    const ofRegulation = ofPath.filter((one) => one.regulation === regulation);
    return [amongUsers(ofRegulation)].filter((said) => said.length > 0);
  });
  const all = answers.flat();
  const optOuts = all.filter(isNo);
  return latestOf(optOuts.length > 0 ? optOuts : all);
}

function amongUsers(statements: readonly Statement[]): Said[] {
  const users = distinct(statements.map((one) => one.user));
  const said = users.flatMap((user) => forOneUser(statements.filter((one) => one.user === user)) ?? []);
  const optOuts = said.filter(isNo);
  const standing = said.filter((one) => {
    if (isNo(one)) return false;
    if (optOuts.length === 0) return true;
    return one.time !== undefined && optOuts.every((no) => (one.time ?? 0) > no.date);
  });
  return latestOf(standing.length > 0 ? standing : optOuts);
}

function forOneUser(statements: readonly Statement[]): Said | undefined {
  const retractions = statements.flatMap((one) => ('retraction' in one ? [one.retraction] : []));
  const choice = bestChoice(
    firstSightings(statements.flatMap((one) => ('choice' in one ? [one.choice] : []))).filter(
      (one) => !retractions.some((retraction) => voids(retraction, one)),
    ),
  );
  const snapshot = bestSnapshot(statements.flatMap((one) => ('snapshot' in one ? [one.snapshot] : [])));

  if (choice === undefined && snapshot === undefined) return undefined;
  if (choice === undefined || snapshot === undefined) {
    if (choice) return { value: choice.value, time: choice.at, date: choice.at };
    if (snapshot) return { value: snapshot.value, time: undefined, date: snapshot.asOf };
    return undefined;
  }
  let value: ConsentValue;
  if (choice.at > snapshot.asOf) value = choice.value;
  else if (choice.known < snapshot.asOf) value = snapshot.value;
  else if (isNo(choice) && !isNo(snapshot)) value = choice.value;
  else value = snapshot.value;

  return choice.value === value
    ? { value, time: choice.at, date: choice.at }
    : { value, time: undefined, date: snapshot.asOf };
}

/** The same choice seen with several `known`: the smallest. */
function firstSightings(choices: readonly Choice[]): Choice[] {
  return choices.filter((one) =>
    choices.every(
      (other) =>
        other.at !== one.at ||
        other.eventId !== one.eventId ||
        other.value !== one.value ||
        other.known >= one.known,
    ),
  );
}

function voids(retraction: Retraction, choice: Choice): boolean {
  if (retraction.eventId !== choice.eventId) return false;
  if (isNo(choice)) return choice.known < retraction.known;
  return choice.known <= retraction.known;
}

/** Narrows down: the latest; of those the opt-outs; of those the largest event id; of those the largest value. */
function bestChoice(choices: readonly Choice[]): Choice | undefined {
  const latest = choices.filter((one) => choices.every((other) => other.at <= one.at));
  const preferred = latest.some(isNo) ? latest.filter(isNo) : latest;
  const byEvent = preferred.filter((one) => preferred.every((other) => other.eventId <= one.eventId));
  return byEvent.find((one) => byEvent.every((other) => asText(other.value) <= asText(one.value)));
}

function bestSnapshot(snapshots: readonly Snapshot[]): Snapshot | undefined {
  const latest = snapshots.filter((one) => snapshots.every((other) => other.asOf <= one.asOf));
  const preferred = latest.some(isNo) ? latest.filter(isNo) : latest;
  return preferred.find((one) => preferred.every((other) => asText(other.value) <= asText(one.value)));
}

function latestOf(said: readonly Said[]): Said[] {
  const latest = said.filter((one) => said.every((other) => other.date <= one.date));
  return latest.filter((one) => latest.every((other) => asText(other.value) <= asText(one.value)));
}

function isNo({ value }: { readonly value: ConsentValue }): boolean {
  return value === false || value === '';
}

/** The larger value is the one whose JSON text is larger, character by character. */
function asText(value: ConsentValue): string {
  return JSON.stringify(value);
}

function distinct(texts: readonly string[]): string[] {
  return texts.filter((text, index) => texts.indexOf(text) === index);
}
