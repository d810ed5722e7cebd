import { DidomiMessageError } from './message-error';

/**
 * Didomi's "flatten" option joins the property names of an entity with `__`. This puts the entity together
 * again. Didomi does not document whether array items are named by index or by id, nor whether ids may hold
 * `__`: both are read, and where a key can be read in two ways both readings are kept, because a configured
 * path matches at most one of them.
 */

type Flat = ReadonlyMap<string, unknown>;
type Nested = Record<string, unknown>;

const SEPARATOR = '__';

/** Any other key may hold the separator by itself. */
const FLATTENED = /^(consents|user)__/;

export function isFlattened(entity: object): boolean {
  return Object.keys(entity).some((key) => FLATTENED.test(key));
}

/**
 * @param at where the entity stands in the message, for error texts
 * @throws DidomiMessageError when it is in doubt which item a key belongs to
 */
export function unflatten(flat: Flat, at: string): Nested {
  const entity: Nested = {};
  for (const [key, value] of flat) {
    if (!key.includes(SEPARATOR)) entity[key] = value;
  }
  const consents = readConsents(below(flat, 'consents'), `${at}.consents`);
  if (consents) entity.consents = consents;
  const user = readUser(below(flat, 'user'));
  if (user) entity.user = user;
  const metadata = below(flat, 'metadata');
  if (metadata.size > 0) entity.metadata = Object.fromEntries(metadata);
  return entity;
}

/** What stands below a property: the keys that begin with its name, without it. */
export function below(flat: Flat, property: string): Map<string, unknown> {
  const prefix = `${property}${SEPARATOR}`;
  return new Map(
    [...flat].flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])),
  );
}

function readUser(flat: Flat): Nested | undefined {
  if (flat.size === 0) return undefined;
  const metadata = below(flat, 'metadata');
  return {
    ...Object.fromEntries([...flat].filter(([key]) => !key.includes(SEPARATOR))),
    ...(metadata.size > 0 && { metadata: Object.fromEntries(metadata) }),
  };
}

function readConsents(flat: Flat, at: string): Nested | undefined {
  if (flat.size === 0) return undefined;
  return { purposes: readNested(flat, 'purposes', at), channels: readNested(flat, 'channels', at) };
}

/** What an item can hold besides its id: values, and what holds something itself. */
const ITEM_FIELDS = {
  purposes: { leaves: ['enabled', 'enabled_li'], branches: ['values', 'preferences', 'channels'] },
  preferences: { leaves: ['enabled'], branches: ['channels'] },
  channels: { leaves: ['enabled'], branches: [] },
} as const satisfies Record<string, { leaves: readonly string[]; branches: readonly string[] }>;
type Collection = keyof typeof ITEM_FIELDS;

const ID_SUFFIX = `${SEPARATOR}id`;
const INDEXED = /^(\d+)__(.*)$/s;

function readItems(flat: Flat, collection: Collection, at: string): Nested[] {
  const items = new Map<string, Map<string, unknown>>();
  const put = (item: string, field: string, value: unknown) => {
    const fields = items.get(item) ?? new Map<string, unknown>();
    items.set(item, fields.set(field, value));
  };
  assertFlattened(flat, at);
  const indexed = [...flat.keys()].filter((key) => INDEXED.test(key));
  if (indexed.length > 0 && indexed.length < flat.size) {
    throw new DidomiMessageError(
      at,
      'mixes items named by position with items named by id: its form is in doubt',
    );
  }
  for (const [key, value] of flat) {
    const [, index, field] = INDEXED.exec(key) ?? [];
    if (index !== undefined && field !== undefined) put(index, field, value);
    else if (key.endsWith(ID_SUFFIX)) assertOwnId(key, value, at);
    else for (const [id, rest] of readings(key, collection, at)) put(id, rest, value);
  }
  return [...items].map(([name, fields]) => readItem(name, fields, collection, indexed.length > 0, at));
}

/** Something unflattened below flattened keys would be passed over, and with it what it says. */
function assertFlattened(flat: Flat, at: string): void {
  for (const [key, value] of flat) {
    if (!key.includes(SEPARATOR) && !isEmpty(value)) {
      throw new DidomiMessageError(at, 'is flattened in part: its form is in doubt');
    }
  }
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** An item named by its id may repeat it as a field; another id there leaves its form in doubt. */
function assertOwnId(key: string, value: unknown, at: string): void {
  const item = `${SEPARATOR}${key.slice(0, -ID_SUFFIX.length)}`;
  if (typeof value === 'string' && item.endsWith(`${SEPARATOR}${value}`)) return;
  throw new DidomiMessageError(at, 'an item is named by one id and holds another: its form is in doubt');
}

/** More ways to read one key than any real id allows; each way multiplies those of the level below. */
const MAX_READINGS = 8;

/** Every way to read `<id>__<field>`: ids may hold the separator too. */
function readings(key: string, collection: Collection, at: string): [id: string, field: string][] {
  const found: [string, string][] = [];
  for (let end = key.indexOf(SEPARATOR, 1); end !== -1; end = key.indexOf(SEPARATOR, end + 1)) {
    const field = key.slice(end + SEPARATOR.length);
    if (isItemField(field, collection)) found.push([key.slice(0, end), field]);
    if (found.length > MAX_READINGS) {
      throw new DidomiMessageError(at, 'a key can be read in too many ways: its form is in doubt');
    }
  }
  return found;
}

function isItemField(field: string, collection: Collection): boolean {
  const { leaves, branches } = ITEM_FIELDS[collection];
  return (
    leaves.some((leaf) => field === leaf) ||
    branches.some((branch) => field === branch || field.startsWith(`${branch}${SEPARATOR}`))
  );
}

function readItem(name: string, fields: Flat, collection: Collection, indexed: boolean, at: string): Nested {
  const where = indexed ? `${at}[${name}]` : at;
  const id = indexed ? fields.get('id') : name;
  if (id === undefined) {
    throw new DidomiMessageError(`${where}.id`, 'is missing: it is in doubt which item these keys belong to');
  }
  const item: Nested = { id };
  for (const field of ['enabled', 'enabled_li'] as const) {
    if (fields.has(field)) item[field] = fields.get(field);
  }
  if (collection === 'purposes') {
    item.values = oneForm(fields, 'values', where) ?? readValues(below(fields, 'values'), `${where}.values`);
    item.preferences = readNested(fields, 'preferences', where);
  }
  if (collection !== 'channels') item.channels = readNested(fields, 'channels', where);
  return item;
}

function readNested(fields: Flat, collection: Collection, at: string): unknown {
  return (
    oneForm(fields, collection, at) ?? readItems(below(fields, collection), collection, `${at}.${collection}`)
  );
}

/** What a property holds as a whole; nothing where it is flattened. It cannot be both. */
function oneForm(fields: Flat, property: string, at: string): unknown {
  const whole = fields.get(property);
  if (whole === undefined || whole === null || below(fields, property).size === 0) return whole;
  throw new DidomiMessageError(`${at}.${property}`, 'stands beside flattened keys: its form is in doubt');
}

function readValues(flat: Flat, at: string): Nested {
  assertFlattened(flat, at);
  const suffix = `${SEPARATOR}value`;
  return Object.fromEntries(
    [...flat].flatMap(([key, value]) =>
      key.endsWith(suffix) ? [[key.slice(0, -suffix.length), { value }]] : [],
    ),
  );
}
