import { compareValues, type Register, standingChoices } from './register';
import { type Choice, type ConsentValue, isOptOut, type Seconds, type Snapshot } from './statement';

/** The value that counts for one Didomi path. */
export interface InForce {
  readonly value: ConsentValue;
  /** When the person chose it; absent = unknown, because only a record of Didomi's says so. */
  readonly time?: Seconds;
  /** When Didomi's record held it, where a record says so. */
  readonly asOf?: Seconds;
  /** The event that said it, where one did. */
  readonly eventId?: string;
}

/** When it is dated for comparing: the choice's time, else the record's. */
export function dateOf(inForce: InForce): Seconds {
  return inForce.time ?? inForce.asOf ?? Number.NEGATIVE_INFINITY;
}

/** What is in force for one Didomi user, or undefined when nothing was said. */
export function inForceForUser(register: Register): InForce | undefined {
  const [choice] = standingChoices(register);
  const snapshot = register.snapshot;
  if (!choice) return snapshot && { value: snapshot.value, asOf: snapshot.asOf };
  if (!snapshot || choice.at > snapshot.asOf) return fromChoice(choice);
  const snapshotHadSeenIt = choice.known < snapshot.asOf;
  if (snapshotHadSeenIt) return fromSnapshot(snapshot, choice);
  return isOptOut(choice.value) && !isOptOut(snapshot.value)
    ? fromChoice(choice)
    : fromSnapshot(snapshot, choice);
}

function fromChoice(choice: Choice): InForce {
  return { value: choice.value, time: choice.at, eventId: choice.eventId };
}

/** A record has no time of its own; it takes the choice's where that says the same. */
function fromSnapshot(snapshot: Snapshot, choice: Choice): InForce {
  const said = { value: snapshot.value, asOf: snapshot.asOf };
  return choice.value === snapshot.value ? { ...said, time: choice.at, eventId: choice.eventId } : said;
}

/**
 * Several Didomi users stand for one person: a yes counts only when its time is known and later than every
 * no of the others.
 */
export function inForceAmongUsers(users: readonly InForce[]): InForce | undefined {
  const optOut = latest(users.filter((one) => isOptOut(one.value)));
  const others = users.filter((one) => !isOptOut(one.value));
  if (!optOut) return latest(others);
  return latest(others.filter((one) => one.time !== undefined && one.time > dateOf(optOut))) ?? optOut;
}

/** Several regulations: a no under any of them counts. */
export function inForceAmongRegulations(regulations: readonly InForce[]): InForce | undefined {
  return latest(regulations.filter((one) => isOptOut(one.value))) ?? latest(regulations);
}

/** In the same second the larger value; of those that say the same, one whose time is known. */
function latest(candidates: readonly InForce[]): InForce | undefined {
  return candidates.reduce<InForce | undefined>((best, one) => {
    if (!best) return one;
    const order =
      dateOf(one) - dateOf(best) ||
      compareValues(one.value, best.value) ||
      Number(one.time !== undefined) - Number(best.time !== undefined);
    return order > 0 ? one : best;
  }, undefined);
}
