import type { Account } from '../account';
import { type Condition, filterCondition, search, sinceCondition } from '../contact-search';
import { createOrUpdate, updateFromBody } from '../contact-writes';
import { ACCOUNT } from '../defaults';
import { invalidParameter, methodNotAllowed } from '../errors';
import { contactNamed } from '../identifiers';
import { toContactJson } from '../render';
import { type ApiRequest, bodyOf, idsOfQuery, NO_CONTENT, pageOf, type Reply } from '../request';
import { statisticsIn, windowOf } from '../statistics';

/** Longest span in days of the dates of campaignStats, and most `ids` of a listing (Brevo's API reference). */
const MAX_STATS_DAYS = 90;
const MAX_IDS = 20;

function named(account: Account, request: ApiRequest) {
  const { params, query, method } = request;
  return contactNamed(account, params.identifier ?? '', query.get('identifierType'), method);
}

export function createContact(account: Account, request: ApiRequest): Reply {
  const created = createOrUpdate(account, bodyOf(request));
  return created === undefined ? NO_CONTENT : { status: 201, body: { id: created.id } };
}

export function getContactInfo(account: Account, request: ApiRequest): Reply {
  const contact = named(account, request);
  const window = windowOf(request.query, account.now(), account.switches.statisticsMaxDays);
  const statistics = statisticsIn(contact.statistics, window);
  return { status: 200, body: { ...toContactJson(account, contact), statistics } };
}

export function getContactStats(account: Account, request: ApiRequest): Reply {
  const contact = named(account, request);
  const window = windowOf(request.query, account.now(), MAX_STATS_DAYS);
  return { status: 200, body: statisticsIn(contact.statistics, window) };
}

export function updateContact(account: Account, request: ApiRequest): Reply {
  updateFromBody(account, named(account, request), bodyOf(request));
  return NO_CONTENT;
}

/** Deleting loses the blocklist state: a contact created again later is mailable (Brevo's help centre). */
export function deleteContact(account: Account, request: ApiRequest): Reply {
  const contact = named(account, request);
  if (contact.email === ACCOUNT.email) {
    throw methodNotAllowed("You're not allowed to delete registered email contact with Brevo");
  }
  account.contacts.delete(contact);
  return NO_CONTENT;
}

export function getContacts(account: Account, request: ApiRequest): Reply {
  const { query } = request;
  const page = pageOf(query, 50, 1000);
  const ids = idsOfQuery(query, 'ids');
  const listIds = idsOfQuery(query, 'listIds');
  const segmentId = query.get('segmentId');
  if (ids.length > MAX_IDS) throw invalidParameter(`ids takes at most ${MAX_IDS} values`);
  if (segmentId !== null && listIds.length > 0)
    throw invalidParameter('Either listIds or segmentId can be passed');
  if (segmentId !== null) return ofSegment(account);

  const conditions: Condition[] = [
    ...sinceCondition(account, query),
    ...filterCondition(account, query.get('filter')),
    ...(ids.length === 0 ? [] : [({ id }: { id: number }) => ids.includes(id)]),
    ...(listIds.length === 0 ? [] : [inAnyOf(listIds)]),
  ];
  const { contacts, count } = search(account, conditions, page);
  return {
    status: 200,
    body: { contacts: contacts.map((contact) => toContactJson(account, contact)), count },
  };
}

function inAnyOf(listIds: readonly number[]): Condition {
  return (contact) => contact.listIds.some((id) => listIds.includes(id));
}

/** Segments are empty here; reported by practitioners: Brevo may answer those with Cloudflare's time-out. */
function ofSegment(account: Account): Reply {
  if (account.switches.emptySegment === '524') return { status: 524, body: 'error code: 524' };
  return { status: 200, body: { contacts: [], count: 0 } };
}
