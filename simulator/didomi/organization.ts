import { randomUUID } from 'node:crypto';
import { type EventEntity, toIso, type UserEntity } from './entities';
import { conflict, notFound } from './errors';
import { EventHistory } from './event-history';
import { type NewEvent, readEventChange, readEvents, readUserChange, wholeConsents } from './event-input';
import { merged, NO_CONSENTS } from './merge';
import {
  eventCreated,
  eventDeleted,
  eventUpdated,
  userChanged,
  userDeleted,
  type WebhookMessage,
} from './messages';
import type { DidomiSwitches } from './switches';
import { UserRecords } from './user-records';

/** What came of a change: the records that it was about, and the webhook messages that Didomi sends for it. */
export interface Change<Entity> {
  readonly entities: readonly Entity[];
  readonly messages: readonly WebhookMessage[];
}

/** The consents of one Didomi organization: events, and the users that they add up to. */
export class Organization {
  readonly events = new EventHistory();
  readonly users: UserRecords;

  /** @param now milliseconds since the epoch */
  constructor(
    readonly id: string,
    private readonly now: () => number,
    private readonly switches: () => DidomiSwitches,
  ) {
    this.users = new UserRecords(id, () => switches().recordRegulation === 'shown');
  }

  /**
   * Takes one event or an array of up to 100: all or none.
   * @throws ApiError when one of them is no event, or its id is taken
   */
  createEvents(input: unknown): Change<EventEntity> {
    const inputs = readEvents(input).map((event) => ({ ...event, id: event.id ?? randomUUID() }));
    const ids = new Set<string>();
    for (const { id } of inputs) {
      if (this.events.get(id) !== undefined || ids.has(id)) throw conflict('An event with this id exists');
      ids.add(id);
    }
    const entities: EventEntity[] = [];
    const messages: WebhookMessage[] = [];
    for (const one of inputs) {
      const event = this.newEvent(one);
      this.events.add(event);
      entities.push(event);
      messages.push(eventCreated(event), ...(event.status === 'confirmed' ? this.merge(event, event) : []));
    }
    return { entities, messages };
  }

  /** @throws ApiError when there is no such event, or the change is none that an event takes */
  patchEvent(id: string, input: unknown): Change<EventEntity> {
    const old = this.event(id);
    const { consents, status, proofs_id, delegate } = readEventChange(input);
    const event: EventEntity = {
      ...old,
      ...(status !== undefined && { status }),
      ...(proofs_id !== undefined && { proofs_id }),
      ...(delegate !== undefined && { delegate }),
      ...(consents !== undefined && { consents: wholeConsents(consents) }),
      updated_at: toIso(this.now()),
    };
    this.events.replace(event, this.countsAnew(old, event) ? event.updated_at : undefined);
    const counts = old.status === 'confirmed' || event.status === 'confirmed';
    const messages = [eventUpdated(old, event), ...(counts ? this.merge(event, event) : [])];
    return { entities: [event], messages };
  }

  /**
   * Deletes an event; the user becomes what the remaining confirmed events of that regulation add up to.
   * @throws ApiError when there is no such event
   */
  deleteEvent(id: string): Change<EventEntity> {
    const event = this.event(id);
    this.events.delete(event);
    const { deletedEvent, deletionSource } = this.switches();
    const cause = deletionSource === 'deleted_event' ? event : undefined;
    const merge = event.status === 'confirmed' ? this.merge(event, cause) : [];
    return { entities: [event], messages: [eventDeleted(event, deletedEvent), ...merge] };
  }

  /**
   * Changes who a user is; an organization_user_id may change too (seen in Didomi's API description).
   * @throws ApiError when there is no such user, or the change is none that a user takes
   */
  patchUser(id: string, input: unknown): Change<UserEntity> {
    const { organization_user_id, metadata, country } = readUserChange(input);
    const before = this.recordsOf(id);
    this.users.change(id, {
      ...(organization_user_id !== undefined && { organization_user_id }),
      ...(metadata !== undefined && { metadata }),
      ...(country !== undefined && { country }),
    });
    const revisions = before.map(({ regulation, entity }) => {
      const user = this.users.revise(id, regulation, entity.consents, toIso(this.now()));
      return { user, message: userChanged(regulation, entity, user, undefined) };
    });
    return {
      entities: revisions.map(({ user }) => user),
      messages: revisions.map(({ message }) => message),
    };
  }

  /**
   * Erases a user and all that is known of them.
   * @throws ApiError when there is no such user
   */
  deleteUser(id: string): Change<UserEntity> {
    const records = this.recordsOf(id);
    const events = this.events.ofUser(id);
    for (const event of events) this.events.delete(event);
    this.users.delete(id);
    const { deletedUserEvents, deletedEvent } = this.switches();
    const told = deletedUserEvents === 'told' ? events.map((event) => eventDeleted(event, deletedEvent)) : [];
    const messages = records.map(({ regulation, entity }) => userDeleted(regulation, entity));
    return { entities: records.map(({ entity }) => entity), messages: [...told, ...messages] };
  }

  /** @throws ApiError when there is no such event */
  event(id: string): EventEntity {
    const event = this.events.get(id);
    if (event === undefined) throw notFound('No event with this id');
    return event;
  }

  private recordsOf(userId: string): { regulation: string; entity: UserEntity }[] {
    const records = this.users.regulationsOf(userId).flatMap((regulation) => {
      const entity = this.users.entity(userId, regulation);
      return entity === undefined ? [] : [{ regulation, entity }];
    });
    if (records.length === 0) throw notFound('No user with this id');
    return records;
  }

  /**
   * Makes a user's record anew from the confirmed events.
   *
   * @param about any event of that user and regulation
   * @param cause the event that the user message names as its source
   */
  private merge(about: EventEntity, cause: EventEntity | undefined): WebhookMessage[] {
    const { user, regulation } = about;
    const old = this.users.entity(user.id, regulation);
    const events = this.events.confirmed(user.id, regulation);
    if (events.includes(about)) this.users.meet(user);
    const consents = events.reduce((held, event) => merged(held, event.consents), NO_CONSENTS);
    const entity = this.users.revise(user.id, regulation, consents, toIso(this.now()));
    return [userChanged(regulation, old, entity, cause)];
  }

  /** Didomi orders events by update or by creation; what only adds a proof does not make a choice newer (inferred). */
  private countsAnew(old: EventEntity, event: EventEntity): boolean {
    if (old.status !== event.status) return true;
    const patched = JSON.stringify(old.consents) !== JSON.stringify(event.consents);
    return patched && this.switches().patchedConsents === 'updated';
  }

  private newEvent({ created_at, user, consents, ...rest }: NewEvent & { readonly id: string }): EventEntity {
    const now = this.now();
    return {
      organization_id: this.id,
      created_at: toIso(created_at ?? now),
      updated_at: toIso(now),
      ...rest,
      user: { ...user, id: this.userIdOf(user) },
      consents: wholeConsents(consents),
    };
  }

  /** Without an id the user is the one of that organization_user_id (inferred), else a new one (seen in the reference). */
  private userIdOf({ id, organization_user_id }: NewEvent['user']): string {
    const known = organization_user_id === undefined ? undefined : this.users.idOf(organization_user_id);
    const given = this.switches().sameOrganizationUserId === 'one_user' ? (known ?? id) : (id ?? known);
    return given ?? randomUUID();
  }
}
