import type { BrevoClient, CallOptions } from '../brevo/client';
import type { BrevoContact } from '../brevo/contact';
import { BrevoNotFoundError } from '../brevo/errors';
import type { Identifier } from '../consent/identifier';
import type { AttributeValues, LedgerSeen, UpdateInput } from '../workflows/activities-contract';

/**
 * For so long, in ms, a ledger counts as seen. Whoever wrote to it meanwhile looks again a minute after its own write
 * (sooner where `remember` is shorter), and must find there what we write: within that minute a call waits for its turn
 * and may take its 20 s.
 */
const SEEN_LASTS_MS = 30_000;

/**
 * Looks at the contact's ledger once more where the write was decided long ago, because it waited for its turn or met an
 * outage: written now, it could take back a later choice that nobody would find missing.
 *
 * @param rememberMs of the integration
 * @throws LedgerChangedError when another workflow has written to it
 * @throws BrevoNotFoundError when the contact is gone
 */
export async function requireLedgerSeen(
  client: Pick<BrevoClient, 'getContact'>,
  identifier: Identifier,
  { ledger, attributes }: Pick<UpdateInput, 'ledger' | 'attributes'>,
  rememberMs: number,
  options: () => CallOptions,
): Promise<void> {
  if (ledger?.seenAt === undefined) return;
  if (Date.now() - ledger.seenAt <= Math.min(SEEN_LASTS_MS, rememberMs / 2)) return;
  requireLedger((await client.getContact(identifier, options())) ?? noSuchContact(), ledger, attributes);
}

/**
 * A ledger that another workflow wrote meanwhile may tell of an opt-out. What an earlier attempt of ours wrote is fine.
 *
 * @throws LedgerChangedError
 */
export function requireLedger(
  contact: BrevoContact,
  { attribute, seen }: Pick<LedgerSeen, 'attribute' | 'seen'>,
  attributes: AttributeValues,
): void {
  const held = String(contact.attributes[attribute] ?? '');
  if (held !== seen && held !== attributes[attribute]) throw new LedgerChangedError();
}

/** @throws BrevoNotFoundError */
export function noSuchContact(): never {
  const call = 'GET /contacts/{identifier}';
  throw new BrevoNotFoundError(`${call}: Brevo has no such contact any more.`, { call, status: 404 });
}

/** The contact's ledger is not the one that a write was decided by. */
export class LedgerChangedError extends Error {
  constructor() {
    super("Another workflow wrote to the contact's ledger meanwhile: it is decided anew.");
  }
}
