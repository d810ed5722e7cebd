import type { Account } from './account';
import type { Contact, Statistics } from './contact';
import { type ContactChange, changeOf, emailOf } from './contact-change';
import type { UniqueKey } from './contact-store';
import { clashesOf, duplicate } from './duplicates';
import { invalidParameter, missingParameter } from './errors';
import { formatTime } from './formats';
import { booleanField, type JsonObject, stringField } from './request';
import { withUnsubscription } from './statistics';

/** Which identifier of an upsert says what contact it is about (inferred); the others must not belong to another. */
const PRIMARY: readonly UniqueKey[] = ['email', 'ext_id', 'SMS', 'WHATSAPP', 'LANDLINE_NUMBER'];

/** POST /contacts: the new contact, or undefined when an existing one was updated. */
export function createOrUpdate(account: Account, body: JsonObject): Contact | undefined {
  refuseMerge(body);
  const change = changeOf(account, body);
  const email = stringField(body, 'email') || undefined;
  const named = new Map(change.keys);
  if (email !== undefined) named.set('email', emailOf(email));
  const primary = PRIMARY.find((key) => typeof named.get(key) === 'string');
  if (primary === undefined) {
    throw missingParameter('Please provide Email or SMS attribute value to create user');
  }

  const updateEnabled = booleanField(body, 'updateEnabled') ?? false;
  const target = account.contacts.find(primary, named.get(primary) ?? '');
  if (updateEnabled && target !== undefined) {
    update(account, target, change);
    return undefined;
  }
  const clashes = clashesOf(account, named, undefined);
  if (clashes.length > 0) throw duplicate(account, 'create', clashes);
  const contact = changed(account, blank(account), { ...change, keys: named });
  account.contacts.put(contact);
  return contact;
}

/** PUT of a contact. */
export function updateFromBody(account: Account, contact: Contact, body: JsonObject): void {
  refuseMerge(body);
  update(account, contact, changeOf(account, body));
}

export function update(account: Account, contact: Contact, change: ContactChange): void {
  const clashes = clashesOf(account, change.keys, contact);
  if (clashes.length > 0) throw duplicate(account, 'update', clashes);
  account.contacts.put(changed(account, contact, change));
}

/** A later modification time than the one before, even within one millisecond: every write moves `modifiedAt`. */
export function nextModification(account: Account, contact: Contact): number {
  return Math.max(account.now(), contact.modifiedAt + 1);
}

/** Merging deletes a contact; a client that asks for it by mistake shall hear of it. */
function refuseMerge(body: JsonObject): void {
  if (booleanField(body, 'forceMerge') === true) throw invalidParameter('forceMerge is not simulated');
}

function blank(account: Account): Contact {
  const now = account.now();
  return {
    id: account.contacts.nextId(),
    email: undefined,
    extId: undefined,
    emailBlacklisted: false,
    smsBlacklisted: false,
    whatsappBlacklisted: false,
    createdAt: now,
    modifiedAt: now - 1,
    listIds: [],
    listUnsubscribed: [],
    attributes: {},
    transactions: [],
    smtpBlacklistSender: [],
    statistics: {},
  };
}

/** Lists are a union: a write adds to them and takes only `unlinkListIds` away. */
function changed(account: Account, contact: Contact, change: ContactChange): Contact {
  const { keys } = change;
  const attributes = new Map(Object.entries(contact.attributes));
  for (const [name, value] of [...change.attributes, ...keys]) {
    if (name === 'email' || name === 'ext_id') continue;
    if (value === null) attributes.delete(name);
    else attributes.set(name, value);
  }
  const listIds = new Set([...contact.listIds, ...change.listIds]);
  for (const id of change.unlinkListIds) listIds.delete(id);
  const emailBlacklisted = blacklistedAfter(account, contact, change);
  return {
    ...contact,
    email: keys.get('email') ?? contact.email,
    extId: keys.has('ext_id') ? (keys.get('ext_id') ?? undefined) : contact.extId,
    emailBlacklisted,
    smsBlacklisted: change.smsBlacklisted ?? contact.smsBlacklisted,
    modifiedAt: nextModification(account, contact),
    listIds: [...listIds],
    attributes: Object.fromEntries(attributes),
    transactions:
      change.transaction === undefined ? contact.transactions : [...contact.transactions, change.transaction],
    smtpBlacklistSender: change.smtpBlacklistSender ?? contact.smtpBlacklistSender,
    statistics:
      emailBlacklisted && !contact.emailBlacklisted
        ? unsubscribedByApi(account, contact)
        : contact.statistics,
  };
}

/**
 * Leaving `emailBlacklisted` out keeps it (inferred). Seen in Brevo's API reference: updating the e-mail address of a
 * blocklisted contact resubscribes it; that a flag in the same call wins over this is inferred.
 */
function blacklistedAfter(account: Account, contact: Contact, change: ContactChange): boolean {
  if (change.emailBlacklisted !== undefined) return change.emailBlacklisted;
  const email = change.keys.get('email');
  if (email === undefined) return contact.emailBlacklisted;
  const resets = email !== contact.email || account.switches.sameEmail === 'resubscribes';
  return resets ? false : contact.emailBlacklisted;
}

function unsubscribedByApi(account: Account, contact: Contact): Statistics {
  if (account.switches.apiBlacklisting === 'leaves_no_trace') return contact.statistics;
  const eventTime = formatTime(account.now(), account.switches.utcOffsetMinutes);
  return withUnsubscription(contact.statistics, 'adminUnsubscription', { eventTime });
}
