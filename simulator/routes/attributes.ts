import type { Account } from '../account';
import {
  type AttributeCategory,
  type AttributeDefinition,
  type AttributeType,
  CATEGORIES,
  type CategoryOption,
  TYPES,
  toAttributeJson,
} from '../attributes';
import { invalidParameter, missingParameter, notFound } from '../errors';
import { readableIdentifier } from '../identifiers';
import {
  type ApiRequest,
  bodyOf,
  type JsonObject,
  NO_CONTENT,
  type Reply,
  stringField,
  stringsField,
} from '../request';

/** Most characters of an option (Brevo's API reference). */
const MAX_OPTION = 200;

export function getAttributes(account: Account): Reply {
  return { status: 200, body: { attributes: [...account.attributes.values()].map(toAttributeJson) } };
}

export function createAttribute(account: Account, request: ApiRequest): Reply {
  const { category, name } = addressed(request);
  const body = bodyOf(request);
  if (account.attributes.has(name)) throw invalidParameter('Attribute name must be unique');
  if (!/^[A-Z0-9_-]{1,50}$/.test(name)) throw invalidParameter('Invalid attribute name');
  account.attributes.set(name, newDefinition(category, name, body));
  return { status: 201 };
}

export function updateAttribute(account: Account, request: ApiRequest): Reply {
  const definition = existing(account, request);
  const body = bodyOf(request);
  const changes = { ...enumerationOf(definition.category, body), ...optionsOf(body), ...formulaOf(body) };
  account.attributes.set(definition.name, { ...definition, ...changes });
  return NO_CONTENT;
}

export function deleteAttribute(account: Account, request: ApiRequest): Reply {
  const { name } = existing(account, request);
  account.attributes.delete(name);
  for (const contact of account.contacts.all()) {
    if (!Object.hasOwn(contact.attributes, name)) continue;
    const { [name]: _deleted, ...attributes } = contact.attributes;
    account.contacts.put({ ...contact, attributes });
  }
  return NO_CONTENT;
}

/** Names are upper-case in Brevo, however they are written in the path (inferred). */
function addressed(request: ApiRequest): { category: AttributeCategory; name: string } {
  const category = CATEGORIES.find((known) => known === request.params.attributeCategory);
  if (category === undefined) throw invalidParameter('Invalid attribute category');
  return { category, name: readableIdentifier(request.params.attributeName ?? '').toUpperCase() };
}

function existing(account: Account, request: ApiRequest): AttributeDefinition {
  const { category, name } = addressed(request);
  const definition = account.attributes.get(name);
  if (definition === undefined || definition.category !== category)
    throw notFound('Attribute does not exist');
  return definition;
}

function newDefinition(category: AttributeCategory, name: string, body: JsonObject): AttributeDefinition {
  if (category === 'calculated' || category === 'global') {
    const { formula } = formulaOf(body);
    if (formula === undefined) throw missingParameter('value is missing');
    return { name, category, type: undefined, formula };
  }
  const type = typeOf(category, body);
  if (category === 'category') {
    return { name, category, type, enumeration: [], ...enumerationOf(category, body) };
  }
  return { name, category, type, ...(type === 'multiple-choice' ? { options: [], ...optionsOf(body) } : {}) };
}

/** Which types a category takes (Brevo's API reference). */
function typeOf(category: AttributeCategory, body: JsonObject): AttributeType {
  const sent = stringField(body, 'type') ?? (category === 'category' ? 'category' : undefined);
  if (sent === undefined) throw missingParameter('type is missing');
  const type = TYPES.find((known) => known === sent);
  const fits =
    category === 'category'
      ? type === 'category'
      : category === 'transactional'
        ? type !== 'category' && type !== 'multiple-choice' && type !== 'user'
        : type !== 'category' && type !== 'id';
  if (type === undefined || !fits) throw invalidParameter('Invalid attribute type');
  return type;
}

function enumerationOf(category: AttributeCategory, body: JsonObject): { enumeration?: CategoryOption[] } {
  const { enumeration } = body;
  if (enumeration === undefined) return {};
  if (category !== 'category' || !Array.isArray(enumeration)) throw invalidParameter('Invalid enumeration');
  return { enumeration: enumeration.map(optionOf) };
}

function optionOf(option: unknown): CategoryOption {
  const { value, label } = (option ?? {}) as { value?: unknown; label?: unknown };
  const fits = typeof value === 'number' || typeof value === 'string';
  if (!fits || typeof label !== 'string') throw invalidParameter('Invalid enumeration');
  return { id: String(value), label: checkedLength(label) };
}

function optionsOf(body: JsonObject): { options?: string[] } {
  if (body.multiCategoryOptions === undefined) return {};
  return { options: stringsField(body, 'multiCategoryOptions').map(checkedLength) };
}

function checkedLength(option: string): string {
  if (option.length > MAX_OPTION) throw invalidParameter(`Options have at most ${MAX_OPTION} characters`);
  return option;
}

function formulaOf(body: JsonObject): { formula?: string } {
  const formula = stringField(body, 'value');
  return formula === undefined ? {} : { formula };
}
