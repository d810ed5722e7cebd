import { consentsOf, type Sayings, type Slot } from './consents';
import type { Json } from './delivery';
import type { Value } from './said';
import { type Spelling, spelled } from './wire';

/** What webhooks the integration is subscribed to, or what of them survives the way. */
export type Told = 'event' | 'user' | 'both' | 'none';

interface StoredEvent {
  readonly id: string;
  readonly user: string;
  readonly regulation: string;
  readonly createdAt: number;
  updatedAt: number;
  readonly tellsUpdatedAt: boolean;
  status: 'confirmed' | 'pending_approval';
  /** From when on it counts, for the order in which events make up the user. */
  effectiveAt: number;
  says: Sayings;
}

interface UserRecord {
  readonly id: string;
  readonly regulation: string;
  readonly createdAt: number;
  updatedAt: number;
  version: number;
  holds: Sayings;
}

/**
 * Didomi as far as its documentation tells: events are partial changes, a user is what its confirmed events come to,
 * one record a regulation. Every change makes messages that agree with each other. Times in whole seconds.
 */
export class DidomiWorld {
  private readonly events: StoredEvent[] = [];
  private readonly records = new Map<string, UserRecord>();
  private readonly organizationUserIds = new Map<string, string>();

  constructor(
    public now: number,
    private readonly organizationUserId: string,
    private readonly spelling: Spelling,
  ) {}

  choose(
    user: string,
    regulation: string,
    says: Sayings,
    options: { pending: boolean; createdAt: number; tellsUpdatedAt: boolean },
    told: Told,
  ): Json[] {
    const event: StoredEvent = {
      id: `event-${this.events.length + 1}`,
      user,
      regulation,
      createdAt: options.createdAt,
      updatedAt: this.now,
      tellsUpdatedAt: options.tellsUpdatedAt,
      status: options.pending ? 'pending_approval' : 'confirmed',
      effectiveAt: options.createdAt,
      says,
    };
    this.events.push(event);
    return this.messages(event, undefined, told);
  }

  /** Changes what a past event says; undefined takes a slot out of it. */
  patch(which: number, slot: Slot, value: Value | null | undefined, told: Told): Json[] {
    return this.change(which, told, (event) => {
      const says = new Map(event.says);
      if (value === undefined) says.delete(slot);
      else says.set(slot, value);
      event.says = says;
    });
  }

  approve(which: number, told: Told): Json[] {
    return this.change(which, told, (event) => {
      if (event.status === 'confirmed') return;
      event.status = 'confirmed';
      event.effectiveAt = this.now;
    });
  }

  fallBack(which: number, told: Told): Json[] {
    return this.change(which, told, (event) => {
      event.status = 'pending_approval';
    });
  }

  addProof(which: number, told: Told): Json[] {
    return this.change(which, told, () => undefined);
  }

  /** Something about a user changes that is no consent, and that no event caused. */
  touch(user: string, regulation: string): Json[] {
    const record = this.records.get(keyOf(user, regulation));
    return record ? [this.updateRecord(record, record.holds, undefined, this.ouidOf(user))] : [];
  }

  /** The user goes by another organization_user_id from now on. */
  move(user: string, to: string): Json[] {
    const before = this.ouidOf(user);
    this.organizationUserIds.set(user, to);
    return [...this.records.values()]
      .filter(({ id }) => id === user)
      .map((record) => this.updateRecord(record, record.holds, undefined, before));
  }

  private change(which: number, told: Told, change: (event: StoredEvent) => void): Json[] {
    const event = this.events[which % Math.max(1, this.events.length)];
    if (!event) return [];
    const before = { ...event };
    change(event);
    event.updatedAt = this.now;
    return this.messages(event, before, told);
  }

  private messages(event: StoredEvent, before: StoredEvent | undefined, told: Told): Json[] {
    const aboutUser = this.recompute(event);
    const aboutEvent = before
      ? {
          type: 'event.updated',
          regulation: event.regulation,
          parameters: { old_entity: this.entityOfEvent(before), new_entity: this.entityOfEvent(event) },
        }
      : {
          type: 'event.created',
          regulation: event.regulation,
          parameters: { entity: this.entityOfEvent(event) },
        };
    return [
      ...(told === 'event' || told === 'both' ? [aboutEvent] : []),
      ...(aboutUser && (told === 'user' || told === 'both') ? [aboutUser] : []),
    ];
  }

  /** A user is its confirmed events, applied one after the other, the newest last. */
  private recompute(cause: StoredEvent): Json | undefined {
    const { user, regulation } = cause;
    const holds = new Map<Slot, Value | null>();
    this.events
      .filter((event) => event.user === user && event.regulation === regulation)
      .filter(({ status }) => status === 'confirmed')
      .sort((a, b) => a.effectiveAt - b.effectiveAt)
      .forEach(({ says }) => {
        for (const [slot, value] of says) if (value !== null) holds.set(slot, value);
      });
    const record = this.records.get(keyOf(user, regulation));
    if (record) return this.updateRecord(record, holds, cause, this.ouidOf(user));
    if (cause.status !== 'confirmed') return undefined;
    const created = { id: user, regulation, createdAt: this.now, updatedAt: this.now, version: 1, holds };
    this.records.set(keyOf(user, regulation), created);
    return {
      type: 'user.created',
      regulation,
      parameters: { entity: this.entityOfUser(created, this.ouidOf(user)) },
    };
  }

  private updateRecord(
    record: UserRecord,
    holds: Sayings,
    cause: StoredEvent | undefined,
    ouidBefore: string,
  ): Json {
    const old = this.entityOfUser(record, ouidBefore);
    record.holds = holds;
    record.updatedAt = this.now;
    record.version += 1;
    return {
      type: 'user.updated',
      regulation: record.regulation,
      parameters: {
        ...(cause && { source: { id: cause.id, created_at: this.spell(cause.createdAt) } }),
        old_entity: old,
        new_entity: this.entityOfUser(record, this.ouidOf(record.id)),
      },
    };
  }

  private entityOfEvent(event: StoredEvent): Json {
    return {
      id: event.id,
      organization_id: 'acme',
      created_at: this.spell(event.createdAt),
      ...(event.tellsUpdatedAt && { updated_at: this.spell(event.updatedAt) }),
      status: event.status,
      regulation: event.regulation,
      user: { id: event.user, organization_user_id: this.ouidOf(event.user), country: 'FR' },
      consents: consentsOf(event.says),
    };
  }

  private entityOfUser(record: UserRecord, organizationUserId: string): Json {
    return {
      id: record.id,
      organization_id: 'acme',
      organization_user_id: organizationUserId,
      version: record.version,
      created_at: this.spell(record.createdAt),
      updated_at: this.spell(record.updatedAt),
      country: null,
      consents: consentsOf(record.holds),
    };
  }

  private ouidOf(user: string): string {
    return this.organizationUserIds.get(user) ?? this.organizationUserId;
  }

  private spell(seconds: number): string {
    return spelled(seconds, this.spelling);
  }
}

function keyOf(user: string, regulation: string): string {
  return `${user}/${regulation}`;
}
