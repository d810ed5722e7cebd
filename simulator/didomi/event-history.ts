import type { EventEntity } from './entities';

interface HistoryEntry {
  readonly event: EventEntity;
  /** ISO time that decides in which order events are merged. */
  readonly countsFrom: string;
}

/** The events of an organization, in the order in which they came. */
export class EventHistory {
  private readonly entries = new Map<string, HistoryEntry>();
  /** Ids of events by Didomi user. */
  private readonly byUser = new Map<string, Set<string>>();

  get(id: string): EventEntity | undefined {
    return this.entries.get(id)?.event;
  }

  all(): EventEntity[] {
    return [...this.entries.values()].map(({ event }) => event);
  }

  add(event: EventEntity): void {
    const ids = this.byUser.get(event.user.id) ?? new Set();
    this.byUser.set(event.user.id, ids.add(event.id));
    this.entries.set(event.id, { event, countsFrom: event.created_at });
  }

  /** @param countsFrom ISO time; as it was when undefined */
  replace(event: EventEntity, countsFrom: string | undefined): void {
    const held = this.entries.get(event.id)?.countsFrom ?? event.created_at;
    this.entries.set(event.id, { event, countsFrom: countsFrom ?? held });
  }

  delete({ id, user }: EventEntity): void {
    this.entries.delete(id);
    this.byUser.get(user.id)?.delete(id);
  }

  ofUser(userId: string): EventEntity[] {
    return this.entriesOf(userId).map(({ event }) => event);
  }

  /** What counts for a user, in the order in which it is merged: the newest last (seen in Didomi's API reference). */
  confirmed(userId: string, regulation: string): EventEntity[] {
    return this.entriesOf(userId)
      .filter(({ event }) => event.regulation === regulation && event.status === 'confirmed')
      .sort((one, other) => compare(one.countsFrom, other.countsFrom))
      .map(({ event }) => event);
  }

  private entriesOf(userId: string): HistoryEntry[] {
    return [...(this.byUser.get(userId) ?? [])].flatMap((id) => this.entries.get(id) ?? []);
  }
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
