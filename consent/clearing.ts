import type { OwnBlacklisting } from './contact';
import type { ClearingTerms } from './decide';
import { type Seconds, toSeconds } from './statement';

/** Brevo's record of a person who wants no mail. */
export interface Unsubscription {
  /** Who did it: the person in a campaign, somebody in the account, or a complaint of spam. */
  readonly by: 'user' | 'admin' | 'complaint';
  /** ms since 1970; absent where Brevo gives no time that can be read. */
  readonly at?: number;
}

/** Brevo's clock and ours, and a write that is recorded as it ends. */
const OWN_WRITE_TOLERANCE_MS = 2000;

/** Since when unsubscriptions stand against clearing the blacklist; undefined when none is asked for. */
export function guardedSince({ unconditional, optInAt, own }: ClearingTerms): Seconds | undefined {
  if (unconditional) return undefined;
  const lastOwn = own.at(-1);
  return optInAt ?? (lastOwn ? toSeconds(lastOwn.seenOffAt) : Number.NEGATIVE_INFINITY);
}

/**
 * The unsubscription that forbids clearing the blacklist: at or after the opt-in, or of unknown time, and not
 * the trace of our own write.
 */
export function forbiddingUnsubscription(
  terms: ClearingTerms,
  unsubscriptions: readonly Unsubscription[],
): Unsubscription | undefined {
  const since = guardedSince(terms);
  if (since === undefined) return undefined;
  return unsubscriptions
    .filter((one) => one.at === undefined || toSeconds(one.at) >= since)
    .filter((one) => !terms.own.some((write) => isTraceOf(write, one)))
    .sort((a, b) => (b.at ?? Number.POSITIVE_INFINITY) - (a.at ?? Number.POSITIVE_INFINITY))
    .at(0);
}

/**
 * Our putting an unsubscription of that time back in force, as an own blacklisting: what came no later than the
 * unsubscription is not ours, however close it is.
 *
 * @param putBack ms, from and to
 */
export function ownPuttingBack(
  putBack: { readonly from: number; readonly to: number },
  unsubscribedAt: Seconds,
): OwnBlacklisting {
  const from = Math.max(putBack.from, (unsubscribedAt + 1) * 1000 + OWN_WRITE_TOLERANCE_MS);
  return { seenOffAt: putBack.from, from, to: Math.max(putBack.to, from - OWN_WRITE_TOLERANCE_MS) };
}

/** Brevo records what the API blacklists as done by the account, never as done by the person. */
function isTraceOf({ from, to }: OwnBlacklisting, { by, at }: Unsubscription): boolean {
  if (by !== 'admin' || at === undefined) return false;
  const ended = to ?? Number.POSITIVE_INFINITY;
  return at >= from - OWN_WRITE_TOLERANCE_MS && at <= ended + OWN_WRITE_TOLERANCE_MS;
}
