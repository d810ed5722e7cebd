import type { Account } from '../account';
import type { Contact } from '../contact';
import { search, sinceCondition } from '../contact-search';
import { nextModification } from '../contact-writes';
import { type ContactList, FOLDER_ID } from '../defaults';
import { invalidParameter, listNotFound, missingParameter, notFound } from '../errors';
import { formatTime, normalEmail } from '../formats';
import { toContactJson } from '../render';
import {
  type ApiRequest,
  bodyOf,
  idsField,
  type JsonObject,
  pageOf,
  type Reply,
  stringField,
  stringsField,
} from '../request';

/** Most contacts of one call (Brevo's API reference). */
const MAX_CONTACTS = 150;

/** Counters are being retired and read 0 (Brevo's API reference). */
const COUNTERS = { uniqueSubscribers: 0, totalSubscribers: 0, totalBlacklisted: 0 };

export function getLists(account: Account, request: ApiRequest): Reply {
  const { limit, offset, ascending } = pageOf(request.query, 10, 50);
  const all = [...account.lists.values()].sort((a, b) => (ascending ? a.id - b.id : b.id - a.id));
  const lists = all.slice(offset, offset + limit).map(toListJson);
  return { status: 200, body: { count: all.length, lists } };
}

export function createList(account: Account, request: ApiRequest): Reply {
  const body = bodyOf(request);
  const name = stringField(body, 'name');
  const folderId = body.folderId;
  if (name === undefined || name === '') throw missingParameter('name is missing');
  if (typeof folderId !== 'number') throw missingParameter('folderId is missing');
  if (folderId !== FOLDER_ID) throw notFound('Folder ID does not exist');
  const id = Math.max(0, ...account.lists.keys()) + 1;
  account.lists.set(id, { id, name, folderId, createdAt: account.now() });
  return { status: 201, body: { id } };
}

export function getList(account: Account, request: ApiRequest): Reply {
  const list = listNamed(account, request);
  const createdAt = formatTime(list.createdAt, account.switches.utcOffsetMinutes);
  return { status: 200, body: { ...toListJson(list), createdAt, dynamicList: false } };
}

export function getContactsFromList(account: Account, request: ApiRequest): Reply {
  const { id } = listNamed(account, request);
  const inList = (contact: Contact) => contact.listIds.includes(id);
  const conditions = [inList, ...sinceCondition(account, request.query)];
  const { contacts, count } = search(account, conditions, pageOf(request.query, 50, 500));
  return {
    status: 200,
    body: { contacts: contacts.map((contact) => toContactJson(account, contact)), count },
  };
}

/** Never creates a contact (reported by practitioners). */
export function addContactToList(account: Account, request: ApiRequest): Reply {
  const { id } = listNamed(account, request);
  const chosen = chosenContacts(account, bodyOf(request));
  return moved(
    chosen,
    (contact) => !contact.listIds.includes(id),
    (contact) => setLists(account, contact, [...contact.listIds, id]),
    'Contact already in list and/or does not exist',
  );
}

export function removeContactFromList(account: Account, request: ApiRequest): Reply {
  const { id } = listNamed(account, request);
  const body = bodyOf(request);
  const inList = (contact: Contact) => contact.listIds.includes(id);
  const remove = (contact: Contact) =>
    setLists(
      account,
      contact,
      contact.listIds.filter((listId) => listId !== id),
    );
  if (body.all === true) {
    const members = [...account.contacts.all()].filter(inList);
    for (const contact of members) remove(contact);
    return { status: 201, body: { contacts: { processId: account.nextProcessId(), total: members.length } } };
  }
  return moved(
    chosenContacts(account, body),
    inList,
    remove,
    'Contact already removed from list and/or does not exist',
  );
}

interface Chosen {
  readonly named: string | number;
  readonly contact: () => Contact | undefined;
}

/** The contacts of `emails`, `ids` or `extIds`, one of which must be given. */
function chosenContacts(account: Account, body: JsonObject): Chosen[] {
  const { contacts } = account;
  const given = (['emails', 'ids', 'extIds'] as const).filter((field) => body[field] !== undefined);
  if (given.length === 0) throw missingParameter('emails, ids or extIds is missing');
  if (given.length > 1) throw invalidParameter('Only one of emails, ids or extIds can be passed');
  const chosen: Chosen[] = [
    ...stringsField(body, 'emails').map((named) => ({
      named,
      contact: () => contacts.find('email', normalEmail(named) ?? ''),
    })),
    ...idsField(body, 'ids').map((named) => ({ named, contact: () => contacts.get(named) })),
    ...stringsField(body, 'extIds').map((named) => ({
      named,
      contact: () => contacts.find('ext_id', named),
    })),
  ];
  if (chosen.length === 0 || chosen.length > MAX_CONTACTS) {
    throw invalidParameter(`Pass 1 to ${MAX_CONTACTS} contacts`);
  }
  return chosen;
}

/** Reported by practitioners: when nothing could be done the answer is 400, else 201 with what failed. */
function moved(
  chosen: readonly Chosen[],
  applies: (contact: Contact) => boolean,
  apply: (contact: Contact) => void,
  refusal: string,
): Reply {
  const success: (string | number)[] = [];
  const failure: (string | number)[] = [];
  for (const { named, contact: find } of chosen) {
    const contact = find();
    const possible = contact !== undefined && applies(contact);
    if (possible) apply(contact);
    (possible ? success : failure).push(named);
  }
  if (success.length === 0) throw invalidParameter(refusal);
  return { status: 201, body: { contacts: { success, failure } } };
}

function setLists(account: Account, contact: Contact, listIds: readonly number[]): void {
  account.contacts.put({ ...contact, listIds, modifiedAt: nextModification(account, contact) });
}

function listNamed(account: Account, request: ApiRequest): ContactList {
  const text = request.params.listId ?? '';
  if (!/^[1-9]\d*$/.test(text)) throw invalidParameter('Invalid list id');
  const list = account.lists.get(Number(text));
  if (list === undefined) throw listNotFound();
  return list;
}

function toListJson({ id, name, folderId }: ContactList) {
  return { id, name, folderId, ...COUNTERS };
}
