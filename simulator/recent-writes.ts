import type { Contact } from './contact';

interface Write {
  readonly at: number;
  readonly id: number;
  readonly before: Contact | undefined;
}

/** Remembers what contacts were before the latest writes, so that reads can lag behind them. */
export class RecentWrites {
  private writes: Write[] = [];

  record(id: number, before: Contact | undefined, at: number): void {
    this.writes.push({ at, id, before });
  }

  /** Contacts written after `asOf` (ms), as they were then; undefined = did not exist. Forgets all earlier writes. */
  statesAt(asOf: number): ReadonlyMap<number, Contact | undefined> {
    this.writes = this.writes.filter((write) => write.at > asOf);
    const states = new Map<number, Contact | undefined>();
    for (const { id, before } of this.writes) {
      if (!states.has(id)) states.set(id, before);
    }
    return states;
  }
}
