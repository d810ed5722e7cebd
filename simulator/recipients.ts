import { z } from 'zod';
import type { Account } from './account';
import type { Contact, Statistics } from './contact';
import { nextModification } from './contact-writes';
import { formatTime, normalEmail } from './formats';
import { withEvent, withUnsubscription } from './statistics';

/** What a recipient, or somebody in the account, did. The contact is named by one of email, id and ext_id. */
export const recipientActionSchema = z.strictObject({
  email: z.string().optional(),
  id: z.int().optional(),
  ext_id: z.string().optional(),
  /** Default userUnsubscription: a click on unsubscribe. */
  kind: z
    .enum(['userUnsubscription', 'adminUnsubscription', 'complaint', 'hardBounce', 'softBounce'])
    .optional(),
  /** ISO time of the event. Default now. */
  at: z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)), 'is no ISO time')
    .optional(),
  /** The campaign; null where Brevo knows none. Default 77. */
  campaignId: z.int().nullable().optional(),
  ip: z.string().optional(),
  /** Unsubscribes from this list only: the contact is not blacklisted. */
  listId: z.int().optional(),
});

export type RecipientAction = z.input<typeof recipientActionSchema>;

/**
 * Does what Brevo does then: records the event, blacklists the contact (inferred for an unsubscription in a campaign),
 * except for a soft bounce or when only a list was left (reported by practitioners).
 * Throws a plain-language error when there is no such contact or list.
 */
export function act(account: Account, action: RecipientAction): Contact {
  const contact = contactOf(account, action);
  const { kind, listId } = action;
  if (listId !== undefined && !account.lists.has(listId)) throw new Error(`There is no list ${listId}.`);
  const blacklists = kind !== 'softBounce' && listId === undefined;
  const left = listId === undefined ? [] : [listId];
  const changed: Contact = {
    ...contact,
    emailBlacklisted: blacklists || contact.emailBlacklisted,
    listUnsubscribed: [...new Set([...contact.listUnsubscribed, ...left])],
    statistics: statisticsAfter(account, contact.statistics, action),
    modifiedAt: nextModification(account, contact),
  };
  account.contacts.put(changed);
  return changed;
}

function statisticsAfter(account: Account, statistics: Statistics, action: RecipientAction): Statistics {
  const at = action.at === undefined ? account.now() : Date.parse(action.at);
  const eventTime = formatTime(at, account.switches.utcOffsetMinutes);
  const ip = action.ip === undefined ? {} : { ip: action.ip };
  const event = { campaignId: action.campaignId === undefined ? 77 : action.campaignId, eventTime };
  switch (action.kind) {
    case 'adminUnsubscription':
      return withUnsubscription(statistics, 'adminUnsubscription', { eventTime, ...ip });
    case 'complaint':
      return withEvent(statistics, 'complaints', event);
    case 'hardBounce':
      return withEvent(statistics, 'hardBounces', event);
    case 'softBounce':
      return withEvent(statistics, 'softBounces', event);
    default:
      return withUnsubscription(statistics, 'userUnsubscription', { ...event, ...ip });
  }
}

function contactOf(account: Account, { email, id, ext_id }: RecipientAction): Contact {
  const { contacts } = account;
  const contact =
    (id === undefined ? undefined : contacts.get(id)) ??
    (email === undefined ? undefined : contacts.find('email', normalEmail(email) ?? '')) ??
    (ext_id === undefined ? undefined : contacts.find('ext_id', ext_id));
  if (contact !== undefined) return contact;
  throw new Error(`There is no contact ${JSON.stringify(email ?? ext_id ?? id)}.`);
}
