import type { BrevoClient, CallOptions } from '../brevo/client';
import type { BrevoContact } from '../brevo/contact';
import { forbiddingUnsubscription, guardedSince } from '../consent/clearing';
import type { Identifier } from '../consent/identifier';
import { toSeconds } from '../consent/statement';
import type { ClearInput, Clearing } from '../workflows/activities-contract';
import { noSuchContact, requireLedger } from './ledger-seen';

export interface ClearingContext {
  /** An earlier attempt may have cleared the blacklist without our hearing of it. */
  readonly mayHaveCleared: boolean;
  readonly options: () => CallOptions;
  /**
   * Since when the contact is forgotten here, in ms since 1970, if it is. What had been withdrawn before then nobody
   * remembers, and Brevo may not know it as an unsubscription: an opt-in from before is taken for the older one.
   */
  readonly forgottenSince?: (() => Promise<number | undefined>) | undefined;
}

/**
 * Takes a contact off the blacklist: looks, writes if nothing forbids it, and looks again, because an
 * unsubscription may have come between the look and the write; such a one is put back in force. It is one
 * activity, so that every retry begins with a look.
 */
export async function clearBlacklist(
  client: BrevoClient,
  identifier: Identifier,
  { attributes, terms, dryRun, ledger }: Pick<ClearInput, 'attributes' | 'terms' | 'dryRun' | 'ledger'>,
  { mayHaveCleared, options, forgottenSince }: ClearingContext,
): Promise<Clearing> {
  const forgottenAt = terms.unconditional ? undefined : await forgottenSince?.();
  const look = (how = options()) => lookWithUnsubscriptions(client, identifier, guardedSince(terms), how);
  const write = (emailBlacklisted?: boolean) =>
    writeWhatDiffers(client, identifier, { attributes, emailBlacklisted }, dryRun, options());

  const before = await look();
  if (ledger) requireLedger(before, ledger, attributes);
  const forbidding = forbiddingUnsubscription(terms, [
    ...before.unsubscriptions,
    ...(forgottenAt === undefined ? [] : [{ by: 'user', at: forgottenAt } as const]),
  ]);
  if (forbidding) {
    if (mayHaveCleared && !before.emailBlacklisted) return putBack(forbidding, () => write(true));
    await write();
    return before.emailBlacklisted ? guardedBy(forbidding) : { result: 'already_clear' };
  }
  if (!before.emailBlacklisted) {
    await write();
    return { result: mayHaveCleared ? 'cleared' : 'already_clear' };
  }
  await write(false);
  if (dryRun) return { result: 'cleared' };
  // Whoever calls this off now must not leave undone what slipped in between.
  const after = await look(inAnyCase(options()));
  const missed = forbiddingUnsubscription(terms, after.unsubscriptions);
  // Somebody put the contact there since our write, of which Brevo tells no more.
  if (after.emailBlacklisted) return guardedBy(missed ?? {});
  if (!missed) return { result: 'cleared' };
  const blacklisted = { emailBlacklisted: true };
  return putBack(missed, () => client.updateContact(identifier, blacklisted, inAnyCase(options())));
}

function inAnyCase({ signal: _, ...options }: CallOptions): CallOptions {
  return options;
}

async function putBack(unsubscription: { at?: number }, write: () => Promise<void>): Promise<Clearing> {
  const from = Date.now();
  await write();
  // Of an unsubscription without a time nobody can say that our own record of it is a later one.
  if (unsubscription.at === undefined) return guardedBy(unsubscription);
  return { ...guardedBy(unsubscription), putBack: { from, to: Date.now() } };
}

function guardedBy({ at }: { at?: number }): Extract<Clearing, { result: 'guarded' }> {
  return { result: 'guarded', ...(at !== undefined && { unsubscribedAt: toSeconds(at) }) };
}

async function lookWithUnsubscriptions(
  client: BrevoClient,
  identifier: Identifier,
  since: number | undefined,
  options: CallOptions,
): Promise<BrevoContact> {
  const statisticsSince = since === undefined ? undefined : new Date(Math.max(0, since) * 1000);
  const contact = await client.getContact(identifier, {
    ...options,
    ...(statisticsSince && { statisticsSince }),
  });
  return contact ?? noSuchContact();
}

async function writeWhatDiffers(
  client: BrevoClient,
  identifier: Identifier,
  change: { attributes: ClearInput['attributes']; emailBlacklisted: boolean | undefined },
  dryRun: boolean,
  options: CallOptions,
): Promise<void> {
  const { attributes, emailBlacklisted } = change;
  const nothing = Object.keys(attributes).length === 0 && emailBlacklisted === undefined;
  if (nothing || dryRun) return;
  await client.updateContact(
    identifier,
    { attributes, ...(emailBlacklisted !== undefined && { emailBlacklisted }) },
    options,
  );
}
