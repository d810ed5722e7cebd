import { type ConsentState, inForce } from './consent-state';
import { mayStand } from './question';
import type { Seconds } from './statement';

/** The person behind a contact was erased, or is to be forgotten. */
export interface Erasure {
  readonly since: Seconds;
  /** Didomi users that were erased; absent: whoever the contact stands for. */
  readonly users?: readonly string[];
}

/**
 * What may still be acted on: an erased user is no opt-in any more, unless of a later time. A no stands, so that one
 * which is not written yet is written. What others say of the contact stands as it is.
 */
export function withoutErased(state: ConsentState, { since, users }: Erasure): ConsentState {
  return state.filter((register) => {
    if (users && !users.includes(register.user)) return true;
    const found = inForce([register], register.path);
    return !found || mayStand(found, since);
  });
}

/** Nobody else is known to stand for the contact. */
export function concernsEverybody(state: ConsentState, { users }: Erasure): boolean {
  return !users || state.every(({ user }) => users.includes(user));
}
