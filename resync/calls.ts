import { earlierDays } from '../brevo/statistics-window';
import { guardedSince } from '../consent/clearing';
import type { Action, ClearingTerms } from '../consent/decide';

/** What a contact costs at most of which nobody knows what Brevo holds: a look, then a write. */
export const CALLS_FOR_UNKNOWN = 2;

/**
 * The calls that carrying out an action takes at most, where what was read of the contact is still fresh enough to
 * be acted on. Taking a contact off the blacklist is a look, a write and another look; a look that has to reach back
 * further than Brevo tells unasked is two calls.
 *
 * @param now ms
 */
export function callsFor(action: Action, now: number): number {
  switch (action.kind) {
    case 'none':
      return 0;
    case 'create':
    case 'update':
      return 1;
    case 'clear':
      return 1 + 2 * callsOfLook(action.terms, now);
  }
}

function callsOfLook(terms: ClearingTerms, now: number): number {
  const since = guardedSince(terms);
  const from = since === undefined ? undefined : new Date(Math.max(0, since) * 1000);
  return earlierDays(from, now) ? 2 : 1;
}
