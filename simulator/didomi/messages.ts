import type { EventEntity, UserEntity } from './entities';

/** A webhook message as Didomi sends it, not flattened. */
export interface WebhookMessage {
  readonly type: `${'event' | 'user'}.${'created' | 'updated' | 'deleted'}`;
  readonly regulation: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export function eventCreated(event: EventEntity): WebhookMessage {
  return { type: 'event.created', regulation: event.regulation, parameters: { entity: event } };
}

/** What `source` holds for an event is inferred. */
export function eventUpdated(old: EventEntity, event: EventEntity): WebhookMessage {
  const parameters = { source: sourceOf(event), old_entity: old, new_entity: event };
  return { type: 'event.updated', regulation: event.regulation, parameters };
}

/** Didomi's published sample shows `id` and `created_at` alone. */
export function eventDeleted(event: EventEntity, form: 'bare' | 'whole'): WebhookMessage {
  const entity = form === 'whole' ? event : sourceOf(event);
  return { type: 'event.deleted', regulation: event.regulation, parameters: { entity } };
}

/** @param cause the event that changed the user, if any */
export function userChanged(
  regulation: string,
  old: UserEntity | undefined,
  user: UserEntity,
  cause: EventEntity | undefined,
): WebhookMessage {
  if (old === undefined) return { type: 'user.created', regulation, parameters: { entity: user } };
  const source = cause === undefined ? {} : { source: sourceOf(cause) };
  return { type: 'user.updated', regulation, parameters: { ...source, old_entity: old, new_entity: user } };
}

export function userDeleted(regulation: string, user: UserEntity): WebhookMessage {
  return { type: 'user.deleted', regulation, parameters: { entity: user } };
}

function sourceOf({ id, created_at }: EventEntity) {
  return { id, created_at };
}
