import type { Account } from '../account';
import type { Contact } from '../contact';
import { changeOf, phoneOf } from '../contact-change';
import { update } from '../contact-writes';
import { ApiError, invalidParameter, methodNotAllowed, notFound } from '../errors';
import { normalEmail } from '../formats';
import { type ApiRequest, bodyOf, type JsonObject, NO_CONTENT, type Reply } from '../request';

/**
 * POST /contacts/batch, deprecated with effect from 2026-10-30. As it worked before (reported by practitioners): updates
 * only, by email, id or sms; one unknown contact and nothing is applied.
 */
export function updateBatchContacts(account: Account, request: ApiRequest): Reply {
  switch (account.switches.batch) {
    case '404':
      throw new ApiError(404, undefined, 'Not Found');
    case '405':
      throw methodNotAllowed('POST Method is not allowed on this path');
    case '410':
      throw new ApiError(410, undefined, 'This endpoint is deprecated');
    case 'working':
      return updateAll(account, bodyOf(request));
  }
}

function updateAll(account: Account, body: JsonObject): Reply {
  if (!Array.isArray(body.contacts)) throw invalidParameter('contacts should be an array');
  const items: JsonObject[] = body.contacts;
  const contacts = items.map((item) => contactOf(account, item));
  const unknown = contacts.flatMap((contact, index) => (contact === undefined ? [index] : []));
  if (unknown.length > 0) throw notFound(`No contact found for indexes ${unknown.join(',')}`);
  const changes = items.map((item) => changeOf(account, item));
  contacts.forEach((contact, index) => {
    const current = contact === undefined ? undefined : account.contacts.get(contact.id);
    const change = changes[index];
    if (current !== undefined && change !== undefined) update(account, current, change);
  });
  return NO_CONTENT;
}

function contactOf(account: Account, item: JsonObject): Contact | undefined {
  if (typeof item.id === 'number') return account.contacts.get(item.id);
  if (typeof item.email === 'string') return account.contacts.find('email', normalEmail(item.email) ?? '');
  if (item.sms !== undefined) return account.contacts.find('SMS', phoneOf(item.sms) ?? '');
  throw invalidParameter('Each contact needs one of email, id or sms');
}
