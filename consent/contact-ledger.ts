import type { ConsentState } from './consent-state';
import type { BlacklistMemory, Contact, OwnBlacklisting } from './contact';
import { type Ledger, namesIn, readLedger } from './ledger';
import type { Rules } from './rules';
import { toSeconds } from './statement';

/**
 * The ledger that a contact keeps.
 *
 * @param known what else tells of paths by their names: a mapping may change while a contact is remembered
 * @param now ms
 */
export function ledgerOf(
  contact: Contact | null,
  { ledgerAttribute, mappings }: Pick<Rules, 'ledgerAttribute' | 'mappings'>,
  known: ConsentState,
  now: number,
): Ledger {
  const text = ledgerAttribute && contact?.attributes[ledgerAttribute];
  if (typeof text !== 'string') return { state: [] };
  const paths = [...mappings.map(({ value }) => value), ...namesIn(known)];
  return readLedger(text, paths, toSeconds(now));
}

/**
 * Why a contact that was found on the blacklist is there, as far as its ledger tells.
 *
 * @param before our own blacklistings that are known otherwise
 * @param own what the ledger remembers
 * @param at ms, when it was found
 */
export function foundOnBlacklist(
  before: readonly OwnBlacklisting[],
  own: OwnBlacklisting | undefined,
  at: number,
): Required<Pick<BlacklistMemory, 'own' | 'on'>> {
  if (!own) return { own: before, on: { since: toSeconds(at), byUs: false } };
  return { own: [...before, own], on: { since: toSeconds(own.from), byUs: true } };
}
