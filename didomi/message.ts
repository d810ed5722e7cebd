import { DidomiMessageError } from './message-error';
import {
  DEFAULT_REGULATION,
  type DeletedEvent,
  type DeletedUser,
  type DidomiEvent,
  type DidomiUser,
  type EarlierEvent,
  type EarlierUser,
  readDeletedEvent,
  readDeletedUser,
  readEarlierEvent,
  readEarlierUser,
  readEvent,
  readSource,
  readUser,
  type Source,
} from './schema';
import { below, isFlattened, unflatten } from './unflatten';

/** One webhook message of Didomi, understood. */
export type DidomiMessage = { readonly regulation: string; readonly eventId: string } & (
  | { readonly type: 'event.created'; readonly event: DidomiEvent }
  | { readonly type: 'event.updated'; readonly event: DidomiEvent; readonly old?: EarlierEvent }
  | { readonly type: 'user.created'; readonly user: DidomiUser }
  | {
      readonly type: 'user.updated';
      readonly user: DidomiUser;
      readonly old?: EarlierUser;
      readonly source?: Source;
    }
  | { readonly type: 'event.deleted'; readonly event: DeletedEvent }
  | { readonly type: 'user.deleted'; readonly user: DeletedUser }
);

/** Something is gone in Didomi. */
export type DeletionMessage = Extract<DidomiMessage, { type: 'event.deleted' | 'user.deleted' }>;

/** A message whose type we do not know; Didomi sends every type when its filter is empty. */
export interface UnknownMessage {
  readonly type: 'unknown';
  readonly eventId: string | null;
}

/**
 * Reads one webhook message, plain or flattened.
 *
 * @throws DidomiMessageError naming the field that is not understood
 */
export function readMessage(raw: unknown): DidomiMessage | UnknownMessage {
  const message = asObject(raw, 'message');
  const type = message.type;
  if (typeof type !== 'string' || type === '') {
    throw new DidomiMessageError(
      'type',
      type === undefined ? 'is missing' : 'must be a text such as "event.created"',
    );
  }
  const known = MESSAGE_TYPES.find((one) => one === type);
  return known ? readKnown(known, message) : { type: 'unknown', eventId: anyId(message) };
}

/** Didomi's webhook message types that are understood. */
export const MESSAGE_TYPES = [
  'event.created',
  'event.updated',
  'event.deleted',
  'user.created',
  'user.updated',
  'user.deleted',
] as const;

type Fields = Record<string, unknown>;

function readKnown(type: (typeof MESSAGE_TYPES)[number], message: Fields): DidomiMessage {
  const { value, old, at, source } = entitiesOf(message, type.endsWith('.updated'));
  const regulationOf = (own: string | undefined): string =>
    (textOf(message.regulation, 'regulation') ?? own ?? DEFAULT_REGULATION).toLowerCase();
  switch (type) {
    case 'event.created': {
      const event = readEvent(value, at);
      return { type, event, eventId: event.id, regulation: regulationOf(event.regulation) };
    }
    case 'event.updated': {
      const event = readEvent(value, at);
      const earlier = old === undefined ? {} : { old: readEarlierEvent(old, 'parameters.old_entity') };
      return { type, event, ...earlier, eventId: event.id, regulation: regulationOf(event.regulation) };
    }
    case 'user.created': {
      const user = readUser(value, at);
      return { type, user, eventId: revisionOf(user), regulation: regulationOf(user.regulation) };
    }
    case 'user.updated': {
      const user = readUser(value, at);
      const cause = readSource(source, 'parameters.source');
      return {
        type,
        user,
        ...(old !== undefined && { old: readEarlierUser(old, 'parameters.old_entity') }),
        ...(cause && { source: cause }),
        eventId: cause?.id ?? revisionOf(user),
        regulation: regulationOf(user.regulation),
      };
    }
    case 'event.deleted': {
      const event = readDeletedEvent(value, at);
      return { type, event, eventId: event.id, regulation: regulationOf(event.regulation) };
    }
    case 'user.deleted': {
      const user = readDeletedUser(value, at);
      return { type, user, eventId: user.id, regulation: regulationOf(user.regulation) };
    }
  }
}

/** Names one state of a Didomi user where no event does. */
export function revisionOf(user: DidomiUser): string {
  return `${user.id}@${user.version ?? new Date(user.updated_at).toISOString()}`;
}

interface Entities {
  readonly value: unknown;
  readonly old: unknown;
  readonly source: unknown;
  readonly at: string;
}

/**
 * Finds the entity a message is about. Plain updates have `old_entity` and `new_entity`; flattening puts the
 * new one into `entity`, at a place that Didomi does not document.
 */
function entitiesOf(message: Fields, updated: boolean): Entities {
  const parameters = message.parameters === undefined ? {} : asObject(message.parameters, 'parameters');
  const candidates = [
    ...(updated ? [{ value: parameters.new_entity, at: 'parameters.new_entity' }] : []),
    { value: parameters.entity, at: 'parameters.entity' },
    { value: message.entity, at: 'entity' },
    { value: prefixed(message, 'entity'), at: 'entity' },
    { value: prefixed(message, 'parameters__entity'), at: 'parameters.entity' },
    { value: prefixed(parameters, 'entity'), at: 'parameters.entity' },
  ].filter(({ value }) => value !== undefined && value !== null);
  const [found, second] = candidates;
  if (!found)
    throw new DidomiMessageError(updated ? 'parameters.new_entity' : 'parameters.entity', 'is missing');
  if (second)
    throw new DidomiMessageError(second.at, 'the message holds its entity twice: its form is in doubt');
  return {
    value: whole(found.value, found.at),
    at: found.at,
    old: updated && parameters.old_entity ? whole(parameters.old_entity, 'parameters.old_entity') : undefined,
    source:
      parameters.source ?? message.source ?? prefixed(parameters, 'source') ?? prefixed(message, 'source'),
  };
}

function whole(entity: unknown, at: string): Fields {
  const fields = asObject(entity, at);
  if (!isFlattened(fields)) return fields;
  for (const property of ['consents', 'user']) {
    if (typeof fields[property] === 'object' && fields[property] !== null) {
      throw new DidomiMessageError(`${at}.${property}`, 'stands beside flattened keys: its form is in doubt');
    }
  }
  return unflatten(new Map(Object.entries(fields)), at);
}

function prefixed(fields: Fields, prefix: string): Fields | undefined {
  const found = below(new Map(Object.entries(fields)), prefix);
  return found.size > 0 ? Object.fromEntries(found) : undefined;
}

function asObject(value: unknown, at: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new DidomiMessageError(at, value === undefined ? 'is missing' : 'must be a JSON object');
}

function textOf(value: unknown, at: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new DidomiMessageError(at, 'must be a text such as "gdpr"');
}

function anyId(message: Fields): string | null {
  const { parameters } = message;
  if (typeof parameters !== 'object' || parameters === null || !('entity' in parameters)) return null;
  const { entity } = parameters;
  if (typeof entity !== 'object' || entity === null || !('id' in entity)) return null;
  return typeof entity.id === 'string' ? entity.id : null;
}
