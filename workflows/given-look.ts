import { CLOCK_TOLERANCE_MS } from './clocks';
import type { CarriedState } from './contact-state';
import { GIVEN_LOOK_LASTS_MS, type GivenLook, type SubmittedChange } from './contract';

/** When a look that a resync took may stand for one of the workflow's own, so that a change costs its write alone. */

/** When Brevo was read, in ms, by a clock that may be ahead: never later than it truly was. */
export function readAt({ at }: GivenLook): number {
  return at - CLOCK_TOLERANCE_MS;
}

/**
 * The look that came with a change, where it is as good as one of our own.
 *
 * @param owes whether Brevo is owed something from before: then a call may be under way that the look does not show
 * @param now ms
 */
export function usableLook(
  state: CarriedState,
  { look: given, rulesVersion }: SubmittedChange,
  owes: boolean,
  now: number,
): GivenLook | undefined {
  if (!given || owes || leavesDoubt(state)) return undefined;
  const { look } = given;
  const at = readAt(given);
  const sameRules = [rulesVersion, state.rulesVersion ?? rulesVersion].every((v) => v === look.rulesVersion);
  const lasts = GIVEN_LOOK_LASTS_MS[look.rules.ledgerAttribute ? 'withLedger' : 'alone'];
  const isYoung = at <= now && (look.contact === null || now - at < lasts);
  const isLater = at > lastCallEndedAt(state);
  return sameRules && isYoung && isLater && isOfTheContact(given, state) ? given : undefined;
}

/** The workflow has looked for itself since the look was taken. */
export function hasLookedSince({ knowledge }: CarriedState, { at }: GivenLook): boolean {
  return knowledge !== undefined && knowledge.seenAt > at + CLOCK_TOLERANCE_MS;
}

/** Brevo may come to hold, or refuses to hold, what no earlier look shows. */
function leavesDoubt({ doubtful, recheckAt, memory, refused }: CarriedState): boolean {
  return (
    doubtful.length > 0 || recheckAt !== undefined || memory.clearingBegun === true || refused.length > 0
  );
}

/** A write may wait for its turn for long: what was read meanwhile does not show it, although it began before. */
function lastCallEndedAt({ calls }: CarriedState): number {
  const last = calls.at(-1);
  return last ? Date.parse(last.at) : Number.NEGATIVE_INFINITY;
}

/**
 * A contact that we know by its id is looked up by it, whatever address it has now. That there is no contact is only
 * believed where a create follows, of which Brevo says whether it is true: a list that is read page by page may miss
 * one, and what is not created would be taken for done.
 */
function isOfTheContact({ look: { contact, rules } }: GivenLook, { contactId }: CarriedState): boolean {
  if (contactId !== undefined) return contact?.id === contactId;
  return contact !== null || (rules.upsertMode && rules.identifier !== 'contact_id');
}
