import { DidomiMessageError } from '../message-error';
import { Connection } from './connection';
import { DidomiRefusedError } from './errors';
import { type CallInfo, strangeAnswer, strangeRecord } from './failure';
import {
  assertPerson,
  assertSame,
  type EventRecord,
  type Listing,
  readEventRecord,
  readListing,
  readUserRecord,
  type UserRecord,
} from './records';

export interface DidomiApiOptions {
  readonly organizationId: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** With the version; default `https://api.didomi.io/v1`. */
  readonly apiUrl?: string;
  /** For one HTTP exchange; default 20 s. */
  readonly timeoutMs?: number;
  /** ms since 1970; default Date.now. */
  readonly now?: () => number;
  readonly userAgent?: string;
}

export interface ReadOptions {
  /** Whose records are read: Didomi keeps consents apart by regulation. */
  readonly regulations: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

export interface PageOptions {
  readonly regulation: string;
  /** Of the page before; the first page when absent. */
  readonly cursor?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface UserPage {
  readonly users: readonly UserRecord[];
  /** Records that are not understood: which field, and why; without values. */
  readonly unreadable: readonly string[];
  /** Where the next page begins; null = this was the last. */
  readonly cursor: string | null;
}

/** Whose events: a Didomi user's, or those of all who share an organization_user_id. */
export type EventsOf = { readonly organizationUserId: string } | { readonly userId: string };

const API_URL = 'https://api.didomi.io/v1';
const TIMEOUT_MS = 20_000;

/** More pages about one person than there can be: an answer that never ends is none. */
const MAX_PAGES = 100;

/**
 * Didomi's REST API, as far as we read it. Every call is made once (retries are the caller's; only a token that has
 * ended is renewed, once), and fails with one of the errors in `errors.ts` or with the reason of an aborted signal;
 * nothing else comes out, so neither credentials nor an organization_user_id can leak.
 *
 * Regulations are read one by one: a user record need not name its own (none was seen to), and consents of two
 * regulations must not be taken for each other.
 */
export class DidomiApi {
  private readonly connection: Connection;
  private readonly organizationId: string;

  constructor({ organizationId, apiKey, apiSecret, apiUrl, timeoutMs, now, userAgent }: DidomiApiOptions) {
    this.organizationId = organizationId;
    this.connection = new Connection({
      apiKey,
      apiSecret,
      apiUrl: apiUrl ?? API_URL,
      timeoutMs: timeoutMs ?? TIMEOUT_MS,
      now: now ?? Date.now,
      userAgent: userAgent ?? 'consent-sync',
    });
  }

  /**
   * The records of all Didomi users who have this organization_user_id, which may be several; none when Didomi knows
   * nobody by it. Whether Didomi tells upper from lower case is not known: spell it as Didomi does.
   *
   * @throws DidomiRecordError when one of the records is not understood, or is somebody else's
   */
  usersOf(organizationUserId: string, options: ReadOptions): Promise<UserRecord[]> {
    const filter = { organization_user_id: organizationUserId };
    return this.readAll('/consents/users', filter, options, (raw, at, regulation) => {
      const record = readUserRecord(raw, at, regulation);
      assertPerson(record.user.organization_user_id, organizationUserId, `${at}.organization_user_id`);
      return record;
    });
  }

  /**
   * The confirmed events of a person.
   *
   * @throws DidomiRecordError when one of the events is not understood, or is somebody else's
   */
  eventsOf(of: EventsOf, options: ReadOptions): Promise<EventRecord[]> {
    const filter = 'userId' in of ? { user_id: of.userId } : { organization_user_id: of.organizationUserId };
    return this.readAll('/consents/events', filter, options, (raw, at, regulation) => {
      const record = readEventRecord(raw, at, regulation);
      const { user } = record.event;
      if ('userId' in of) assertSame(user?.id, of.userId, `${at}.user.id`);
      else assertPerson(user?.organization_user_id, of.organizationUserId, `${at}.user.organization_user_id`);
      return record;
    });
  }

  /** The event, also one that is pending, or null when Didomi has none of that id (any more). */
  async event(id: string, { signal }: Pick<ReadOptions, 'signal'> = {}): Promise<EventRecord | null> {
    const call: CallInfo = { name: 'GET /consents/events/{id}', secrets: [id] };
    // A URL cannot hold these as a part of its path: they would name what lies above.
    if (id === '.' || id === '..') throw unspeakable(call);
    const path = `/consents/events/${encoded(id, call)}?${this.query({}, call)}`;
    let body: unknown;
    try {
      body = await this.connection.get(path, call, signal);
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
    return understood(call, () => {
      const record = readEventRecord(body, 'event');
      assertSame(record.event.id, id, 'event.id');
      return record;
    });
  }

  /** One page of all users. A record that is not understood does not keep the others from being read. */
  async pageOfUsers({ regulation, cursor, signal }: PageOptions): Promise<UserPage> {
    const page = await this.list('/consents/users', { regulation }, cursor, signal);
    const users: UserRecord[] = [];
    const unreadable: string[] = [];
    for (const [index, raw] of page.data.entries()) {
      try {
        users.push(readUserRecord(raw, `data[${index}]`, regulation));
      } catch (error) {
        if (!(error instanceof DidomiMessageError)) throw error;
        unreadable.push(error.message);
      }
    }
    return { users, unreadable, cursor: page.cursor };
  }

  /** Closes idle connections. */
  close(): void {
    this.connection.close();
  }

  private async readAll<Item>(
    path: ListingPath,
    filter: Filter,
    { regulations, signal }: ReadOptions,
    read: (raw: unknown, at: string, regulation: string) => Item,
  ): Promise<Item[]> {
    const records: Item[] = [];
    for (const regulation of regulations) {
      const call = callOf(path, filter);
      let cursor: string | null | undefined;
      for (let pages = 0; cursor !== null; pages += 1) {
        if (pages === MAX_PAGES) throw strangeAnswer(200, call, `its list has more than ${MAX_PAGES} pages`);
        const page: Listing = await this.list(path, { ...filter, regulation }, cursor, signal);
        records.push(
          ...understood(call, () => page.data.map((raw, index) => read(raw, `data[${index}]`, regulation))),
        );
        cursor = page.cursor;
      }
    }
    return records;
  }

  private async list(
    path: ListingPath,
    filter: Filter,
    cursor: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Listing> {
    const asked = { ...filter, ...(cursor !== undefined && { $cursor: cursor }) };
    const call = callOf(path, asked);
    const body = await this.connection.get(`${path}?${this.query(asked, call)}`, call, signal);
    try {
      return readListing(body);
    } catch (error) {
      if (error instanceof DidomiMessageError) throw strangeAnswer(200, call, error.message);
      throw error;
    }
  }

  /** Every value encoded once; names as Didomi writes them, `$cursor` among them. */
  private query(filter: Filter, call: CallInfo): string {
    return Object.entries({ organization_id: this.organizationId, ...filter })
      .map(([name, value]) => `${name}=${encoded(value, call)}`)
      .join('&');
  }
}

type ListingPath = '/consents/users' | '/consents/events';
type Filter = Readonly<Record<string, string>>;

function callOf(path: ListingPath, { regulation: _, ...filter }: Filter): CallInfo {
  return { name: `GET ${path}`, secrets: Object.values(filter) };
}

/** @throws DidomiRefusedError for what no URL can hold, and for nothing: an empty filter may stand for everybody */
function encoded(value: string, call: CallInfo): string {
  if (value.trim() === '' || !value.isWellFormed()) throw unspeakable(call);
  return encodeURIComponent(value);
}

function unspeakable({ name }: CallInfo): DidomiRefusedError {
  return new DidomiRefusedError(`${name}: this id cannot be put in an address.`, { call: name });
}

/** Didomi's own 404 is a refusal; that of a wrong address is not. */
function isNotFound(error: unknown): boolean {
  return error instanceof DidomiRefusedError && error.status === 404;
}

function understood<T>(call: CallInfo, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DidomiMessageError) throw strangeRecord(call, error.message);
    throw error;
  }
}
