import type { Consents, EventEntity, Metadata, UserEntity } from './entities';

/** What a user is, under every regulation. */
interface Person {
  readonly organization_user_id?: string;
  readonly metadata: Metadata;
  readonly country: string | null;
  readonly last_seen_country: string | null;
}

/** The state of one user under one regulation. */
interface UserRecord {
  /** Counts records in the order of their making, so that a page can begin after one. */
  readonly seq: number;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly consents: Consents;
}

export interface ListedUser {
  readonly seq: number;
  readonly regulation: string;
  readonly entity: UserEntity;
}

const NOBODY: Person = { metadata: {}, country: null, last_seen_country: null };

/** The users of an organization: who they are, and one record for each regulation. */
export class UserRecords {
  private readonly people = new Map<string, Person>();
  /** By user id, then by regulation. */
  private readonly records = new Map<string, Map<string, UserRecord>>();
  private lastSeq = 0;

  /** @param showsRegulation whether a record names its regulation */
  constructor(
    private readonly organizationId: string,
    private readonly showsRegulation: () => boolean,
  ) {}

  entity(userId: string, regulation: string): UserEntity | undefined {
    const record = this.records.get(userId)?.get(regulation);
    return record === undefined ? undefined : this.shown(userId, regulation, record);
  }

  regulationsOf(userId: string): string[] {
    return [...(this.records.get(userId)?.keys() ?? [])];
  }

  list(): ListedUser[] {
    return [...this.records].flatMap(([userId, records]) =>
      [...records].map(([regulation, record]) => ({
        seq: record.seq,
        regulation,
        entity: this.shown(userId, regulation, record),
      })),
    );
  }

  /** The Didomi user who has this organization_user_id; of several the first. */
  idOf(organizationUserId: string): string | undefined {
    for (const [id, person] of this.people) if (person.organization_user_id === organizationUserId) return id;
    return undefined;
  }

  /**
   * Takes from an event who the user is: metadata is merged, and an organization_user_id is given to a user who has
   * none (seen in Didomi's API description).
   */
  meet({ id, organization_user_id, metadata, country, last_seen_country }: EventEntity['user']): void {
    const person = this.people.get(id) ?? NOBODY;
    const organizationUserId = person.organization_user_id ?? organization_user_id;
    this.people.set(id, {
      ...(organizationUserId !== undefined && { organization_user_id: organizationUserId }),
      metadata: { ...person.metadata, ...metadata },
      country: country ?? person.country,
      last_seen_country: last_seen_country ?? person.last_seen_country,
    });
  }

  change(userId: string, changes: Partial<Person>): void {
    const person = this.people.get(userId) ?? NOBODY;
    const metadata = { ...person.metadata, ...changes.metadata };
    this.people.set(userId, { ...person, ...changes, metadata });
  }

  /** @param at ISO time of the revision */
  revise(userId: string, regulation: string, consents: Consents, at: string): UserEntity {
    const records = this.records.get(userId) ?? new Map<string, UserRecord>();
    const held = records.get(regulation) ?? { seq: this.nextSeq(), version: 0, created_at: at };
    const record = { ...held, version: held.version + 1, updated_at: at, consents };
    this.records.set(userId, records.set(regulation, record));
    return this.shown(userId, regulation, record);
  }

  delete(userId: string): void {
    this.people.delete(userId);
    this.records.delete(userId);
  }

  private shown(userId: string, regulation: string, record: UserRecord): UserEntity {
    return {
      id: userId,
      organization_id: this.organizationId,
      ...(this.people.get(userId) ?? NOBODY),
      version: record.version,
      created_at: record.created_at,
      updated_at: record.updated_at,
      ...(this.showsRegulation() && { regulation }),
      consents: record.consents,
    };
  }

  private nextSeq(): number {
    this.lastSeq += 1;
    return this.lastSeq;
  }
}
