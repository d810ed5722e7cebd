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

const NEVER = Number.NEGATIVE_INFINITY;

/** When it is dated for comparing: the choice's time, else the record's. */
export function dateOf(inForce: InForce): Seconds {
  return inForce.time ?? inForce.asOf ?? NEVER;
}

/** What is in force for one Didomi user, or undefined when nothing was said, or nothing is held any more. */
export function inForceForUser(register: Register): InForce | undefined {
  const found = lastSaid(register);
  return found && isHeldNoMore(found, register) ? undefined : found?.inForce;
}

interface Said {
  readonly inForce: InForce;
  /** Since when Didomi has what says so. */
  readonly known: Seconds;
}

function lastSaid(register: Register): Said | undefined {
  const [choice] = standingChoices(register);
  const snapshot = register.snapshot;
  if (!choice) return snapshot && bySnapshot(snapshot);
  if (!snapshot || choice.at > snapshot.asOf) return byChoice(choice);
  const snapshotHadSeenIt = choice.known < snapshot.asOf;
  if (snapshotHadSeenIt) return bySnapshot(snapshot, choice);
  return isOptOut(choice.value) && !isOptOut(snapshot.value)
    ? byChoice(choice)
    : bySnapshot(snapshot, choice);
}

/**
 * Didomi had it, and no longer holds anything: what said so was deleted. That takes a yes back, and uncovers nothing
 * that the person had already replaced. It never takes a no back.
 */
function isHeldNoMore({ inForce: { value }, known }: Said, { silentAsOf }: Register): boolean {
  return known <= (silentAsOf ?? NEVER) && !isOptOut(value);
}

function byChoice({ value, at, known, eventId }: Choice): Said {
  return { inForce: { value, time: at, eventId }, known };
}

/** A record has no time of its own; it takes the choice's where that says the same. */
function bySnapshot({ value, asOf }: Snapshot, choice?: Choice): Said {
  if (choice?.value !== value) return { inForce: { value, asOf }, known: asOf };
  const { at, eventId, known } = choice;
  return { inForce: { value, asOf, time: at, eventId }, known: Math.max(asOf, known) };
}

/**
 * Several Didomi users stand for one person: a yes counts only when its time is known and later than every
 * no of the others.
 */
export function inForceAmongUsers(users: readonly InForce[]): InForce | undefined {
  const optOut = latest(users.filter((one) => isOptOut(one.value)));
  if (!optOut) return latest(users);
  return latest(users.filter(({ time }) => (time ?? NEVER) > dateOf(optOut))) ?? optOut;
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
      // Where neither has a time they are the same.
      Number(best.time === undefined);
    return order > 0 ? one : best;
  }, undefined);
}
