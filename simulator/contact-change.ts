import type { Account } from './account';
import type { AttributeDefinition } from './attributes';
import { type AttributeValue, PHONE_ATTRIBUTES, type PhoneAttribute } from './contact';
import type { UniqueKey } from './contact-store';
import { ApiError, invalidParameter, listNotFound } from './errors';
import { normalEmail, normalPhone } from './formats';
import { booleanField, idsField, type JsonObject, objectField, stringField, stringsField } from './request';
import { valueWrite } from './values';

/** What the body of a write asks to change. In `keys` and `attributes` null clears; values that Brevo drops are absent. */
export interface ContactChange {
  readonly keys: ReadonlyMap<UniqueKey, string | null>;
  readonly attributes: ReadonlyMap<string, AttributeValue | null>;
  /** Values of transactional attributes, stored apart. */
  readonly transaction: Readonly<Record<string, unknown>> | undefined;
  readonly emailBlacklisted: boolean | undefined;
  readonly smsBlacklisted: boolean | undefined;
  readonly listIds: readonly number[];
  readonly unlinkListIds: readonly number[];
  readonly smtpBlacklistSender: readonly string[] | undefined;
}

/** Reads the fields that create, update and batch update share. Throws the 400 or 404 that Brevo answers. */
export function changeOf(account: Account, body: JsonObject): ContactChange {
  const keys = new Map<UniqueKey, string | null>();
  const attributes = new Map<string, AttributeValue | null>();
  const transaction: Record<string, unknown> = {};
  const extId = stringField(body, 'ext_id');
  if (extId !== undefined) keys.set('ext_id', extId === '' ? null : extId);

  for (const [sentName, value] of Object.entries(objectField(body, 'attributes'))) {
    const name = account.switches.lowerCaseAttribute === 'accept' ? sentName.toUpperCase() : sentName;
    const definition = account.attributes.get(name);
    if (name === 'EMAIL') keys.set('email', emailOf(value));
    else if (name === 'EXT_ID') keys.set('ext_id', extIdOf(value));
    else if (isPhone(name)) keys.set(name, phoneOf(value));
    else if (definition === undefined) refuseUnknown(account);
    else if (definition.category === 'transactional') transaction[name] = value;
    else setAttribute(attributes, definition, value);
  }

  const senders =
    body.smtpBlacklistSender === undefined ? undefined : stringsField(body, 'smtpBlacklistSender');
  return {
    keys,
    attributes,
    transaction: checkedTransaction(account, transaction),
    emailBlacklisted: booleanField(body, 'emailBlacklisted'),
    smsBlacklisted: booleanField(body, 'smsBlacklisted'),
    listIds: listsOf(account, body, 'listIds'),
    unlinkListIds: listsOf(account, body, 'unlinkListIds'),
    smtpBlacklistSender: senders?.map(emailOf),
  };
}

/** Throws 400 when the value is no e-mail address. */
export function emailOf(value: unknown): string {
  const email = typeof value === 'string' ? normalEmail(value) : undefined;
  if (email === undefined) throw invalidParameter('Invalid email address');
  return email;
}

/** The digits to store, or null to clear. Throws the 400 that practitioners report. */
export function phoneOf(value: unknown): string | null {
  if (value === '' || value === null) return null;
  const phone =
    typeof value === 'string' || typeof value === 'number' ? normalPhone(String(value)) : undefined;
  if (phone === undefined) throw invalidParameter('Invalid phone number');
  return phone;
}

function extIdOf(value: unknown): string | null {
  if (value === '' || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw invalidParameter('EXT_ID should be a string');
}

function isPhone(name: string): name is PhoneAttribute {
  return (PHONE_ATTRIBUTES as readonly string[]).includes(name);
}

function setAttribute(
  attributes: Map<string, AttributeValue | null>,
  definition: AttributeDefinition,
  value: unknown,
): void {
  const write = valueWrite(definition, value);
  if (write.kind === 'store') attributes.set(definition.name, write.value);
  if (write.kind === 'clear') attributes.set(definition.name, null);
}

/** Message reported by practitioners, for unknown attributes and for transactional ones without their id. */
const KEY_MISSING = 'Transactional attribute as primary Key is missing';

function refuseUnknown(account: Account): void {
  if (account.switches.unknownAttribute === '400') throw invalidParameter(KEY_MISSING);
}

function checkedTransaction(account: Account, transaction: Readonly<Record<string, unknown>>) {
  const names = Object.keys(transaction);
  if (names.length === 0) return undefined;
  if (names.some((name) => account.attributes.get(name)?.type === 'id')) return transaction;
  throw invalidParameter(KEY_MISSING);
}

function listsOf(account: Account, body: JsonObject, field: 'listIds' | 'unlinkListIds'): number[] {
  const ids = idsField(body, field);
  if (ids.every((id) => account.lists.has(id))) return ids;
  throw account.switches.unknownList === '404'
    ? listNotFound()
    : new ApiError(400, 'invalid_parameter', 'List ID does not exist');
}
