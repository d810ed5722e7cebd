import type { Account } from './account';
import type { Contact } from './contact';
import { invalidParameter } from './errors';
import { parseTime } from './formats';
import type { Page } from './request';
import { valueWrite } from './values';

export type Condition = (contact: Contact) => boolean;

export interface Found {
  readonly contacts: readonly Contact[];
  /** How many there are on all pages. */
  readonly count: number;
}

/** One page of the contacts that meet every condition, in the order of creation. */
export function search(account: Account, conditions: readonly Condition[], page: Page): Found {
  const { contacts } = account;
  const lagging = contacts.lagging();
  if (conditions.length === 0 && lagging.size === 0) {
    const ids = slice(contacts.allIds(), page);
    return { contacts: ids.flatMap((id) => contacts.get(id) ?? []), count: contacts.size };
  }
  const found = seen(contacts.all(), lagging).filter((contact) =>
    conditions.every((holds) => holds(contact)),
  );
  return { contacts: slice(found, page), count: found.length };
}

function seen(contacts: Iterable<Contact>, lagging: ReadonlyMap<number, Contact | undefined>): Contact[] {
  if (lagging.size === 0) return [...contacts];
  const current = [...contacts].filter(({ id }) => !lagging.has(id));
  const earlier = [...lagging.values()].filter((contact) => contact !== undefined);
  return [...current, ...earlier].sort((a, b) => a.id - b.id);
}

function slice<T>(items: readonly T[], { limit, offset, ascending }: Page): T[] {
  if (ascending) return items.slice(offset, offset + limit);
  const end = Math.max(items.length - offset, 0);
  return items.slice(Math.max(end - limit, 0), end).reverse();
}

/** `modifiedSince` and `createdSince`, both inclusive (inferred). */
export function sinceCondition(account: Account, query: URLSearchParams): Condition[] {
  const modified = timeOf(account, query, 'modifiedSince');
  const created = timeOf(account, query, 'createdSince');
  return [
    ...(modified === undefined ? [] : [(contact: Contact) => contact.modifiedAt >= modified]),
    ...(created === undefined ? [] : [(contact: Contact) => contact.createdAt >= created]),
  ];
}

function timeOf(account: Account, query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const time = parseTime(text, account.switches.utcOffsetMinutes);
  if (time === undefined) throw invalidParameter(`${name} should be a date-time (YYYY-MM-DDTHH:mm:ss.SSSZ)`);
  return time;
}

const EQUALS = /^equals\(\s*([A-Za-z0-9_-]+)\s*,\s*(?:"([^"]*)"|([^",()\s]+))\s*\)$/;

/**
 * `filter=equals(NAME,"value")`. Seen in Brevo's API reference: no other operator; several options of a multiple-choice,
 * separated by commas, must all be there; a category is matched by id or label.
 */
export function filterCondition(account: Account, filter: string | null): Condition[] {
  if (filter === null) return [];
  const match = EQUALS.exec(filter.trim());
  const name = match?.[1];
  const text = match?.[2] ?? match?.[3];
  if (name === undefined || text === undefined) throw invalidParameter('Invalid filter');
  if (name === 'EXT_ID') return [(contact) => contact.extId === text];
  if (name === 'EMAIL') return [(contact) => contact.email === text.toLowerCase()];
  const definition = account.attributes.get(name);
  if (definition === undefined) throw invalidParameter(`Attribute ${name} does not exist`);
  if (definition.type === 'multiple-choice') {
    const wanted = text.split(',').map((option) => option.trim());
    return [({ attributes }) => hasAll(attributes[name], wanted)];
  }
  const write = valueWrite(definition, typed(definition.type, text));
  const value = write.kind === 'store' ? write.value : undefined;
  return [({ attributes }) => value !== undefined && attributes[name] === value];
}

function typed(type: string | undefined, text: string): unknown {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return type === 'float' ? Number(text) : text;
}

function hasAll(value: unknown, wanted: readonly string[]): boolean {
  return Array.isArray(value) && wanted.every((option) => value.includes(option));
}
