import type { BrevoValue } from '../consent/attribute';
import type { Identifier } from '../consent/identifier';
import type { HttpRequest } from '../http/http-exchange';
import { accountAnswer, type KeyOwner } from './account-answer';
import { createdAnswer, listAnswer } from './answers';
import { attributesAnswer, type BrevoAttribute, type NewAttribute } from './attribute';
import type { Priority, RateBudget } from './budget';
import { type CallObserver, observing } from './call-observer';
import { type BrevoContact, contactAnswer } from './contact';
import { contactPath, identity, type NewContact } from './contact-address';
import {
  type ContactPage,
  type IdsQuery,
  type ListedContact,
  type PageQuery,
  pageAnswer,
} from './contact-page';
import { BrevoNotFoundError, BrevoRefusedError } from './errors';
import { type Answer, type CallInfo, failureOf, strangeAnswer } from './failure';
import { ATTRIBUTE_LIST, type Caller, LOOK } from './gate';
import { HeldGate } from './held-gate';
import { type BrevoHttp, brevoHttp } from './http';
import { Patience } from './patience';
import { readAnswer } from './read-answer';
import { isSomebodyElse } from './same-contact';
import { type ClockReading, clockReading } from './server-clock';
import { earlierDays } from './statistics-window';
import { traced } from './traced';

export interface BrevoClientOptions {
  readonly apiKey: string;
  /** With the version, for example `https://api.brevo.com/v3`. */
  readonly baseUrl: string;
  /** Shared by all clients of the account. */
  readonly budget: RateBudget;
  /** Shared by all clients of the account; one of its own by default. */
  readonly gate?: HeldGate;
  /** For the first attempt of a call, without the wait for its turn; default 20 s. Later ones wait up to 4.5 times as long. */
  readonly timeoutMs?: number;
  /** Told of answers that took longer than half of that. */
  readonly onSlowAnswer?: ((call: string, ms: number) => void) | undefined;
  /** Told of each call that was made. */
  readonly onCall?: CallObserver | undefined;
  readonly userAgent?: string;
}

export interface CallOptions {
  /** Ends the wait for a turn, and a read; a write that has begun comes to its end, so that it is known how. */
  readonly signal?: AbortSignal | undefined;
  /** Who goes first when calls wait for their turn; default `live`. */
  readonly priority?: Priority;
  /** On whose behalf, for example the integration: parties of the same priority take turns; default: one for all. */
  readonly party?: string;
  /** Longest wait for a turn in ms, then BrevoRateLimitedError; default 10 s. */
  readonly maxWaitMs?: number;
  /** More texts that must not show in an error. */
  readonly secrets?: readonly string[];
  /** For whom the call is made, and whether it is that one's turn to try an account that Brevo refuses. */
  readonly caller?: Omit<Caller, 'signal'>;
  /** Which attempt of the same call this is, from 1: a later one waits longer for its answer. */
  readonly attempt?: number;
}

export interface ContactChange {
  readonly attributes?: Readonly<Record<string, BrevoValue>>;
  /** Absent: untouched. */
  readonly emailBlacklisted?: boolean;
}

const TIMEOUT_MS = 20_000;
const MAX_WAIT_MS = 10_000;

/** A page of contacts may be long. One contact is not, and hundreds may be read at once. */
const MAX_ANSWER_BYTES = 4 * 1_048_576;
const MAX_PAGE_BYTES = 16 * 1_048_576;

/** Only these teach the budget: account, attributes and lists may have a bucket of their own, by the hour. */
const ABOUT_CONTACTS = /\/contacts(\/\{identifier\})?$/;

/**
 * Brevo's contacts API, as far as we use it. Every call waits for its turn in the account's budget, is made at most
 * once (retries are the caller's), and fails with one of the errors in `errors.ts` or with the reason of an aborted
 * signal; nothing else comes out, so neither key nor identifier can leak.
 */
export class BrevoClient {
  private readonly http: BrevoHttp;
  /** Hidden from inspection, as every place that holds the key. */
  readonly #apiKey: string;
  private readonly budget: RateBudget;
  private readonly gate: HeldGate;
  private readonly patience: Patience;
  private latestClock: ClockReading | undefined;
  private readonly onCall: CallObserver | undefined;

  constructor(options: BrevoClientOptions) {
    const { apiKey, baseUrl, budget, gate, timeoutMs = TIMEOUT_MS, userAgent = 'consent-sync' } = options;
    this.http = brevoHttp({ apiKey, baseUrl, timeoutMs, userAgent });
    this.patience = new Patience(timeoutMs, options.onSlowAnswer);
    this.onCall = options.onCall;
    this.#apiKey = apiKey;
    this.budget = budget;
    this.gate = gate ?? new HeldGate();
  }

  /**
   * The contact, or null when Brevo has none. Without `statisticsSince` its unsubscriptions and complaints are those
   * of Brevo's default, the last 90 days; with it they reach back at least to then, which takes a second call when
   * that is longer ago.
   */
  async getContact(
    identifier: Identifier,
    { statisticsSince, ...options }: CallOptions & { readonly statisticsSince?: Date } = {},
  ): Promise<BrevoContact | null> {
    const days = earlierDays(statisticsSince, Date.now());
    if (!days) return this.readContact(identifier, '', options);
    const range = `&startDate=${days.start}&endDate=${days.end}`;
    const before = await this.readContact(identifier, range, options);
    const now = await this.readContact(identifier, '', options);
    if (before === null || now === null) return now;
    return {
      ...now,
      unsubscriptions: [...before.unsubscriptions, ...now.unsubscriptions],
    };
  }

  /**
   * Creates a contact and nothing else: one that exists is left alone (BrevoDuplicateError).
   * @throws TypeError for a contact id: Brevo gives those
   */
  async createContact(contact: NewContact, options: CallOptions = {}): Promise<{ readonly id: number }> {
    const call = this.describe('POST /contacts', contact.identifier);
    const body = {
      ...identity(contact),
      ...(contact.emailBlacklisted && { emailBlacklisted: true }),
      ...(contact.listIds && contact.listIds.length > 0 && { listIds: contact.listIds }),
    };
    return this.send({ method: 'POST', path: '/contacts', body }, call, options, (answer, hiding) =>
      readAnswer(answer, hiding, 201, createdAnswer),
    );
  }

  /** @throws BrevoNotFoundError when Brevo has no such contact */
  async updateContact(
    identifier: Identifier,
    change: ContactChange,
    options: CallOptions = {},
  ): Promise<void> {
    const call = this.describe('PUT /contacts/{identifier}', identifier);
    const body = {
      ...(change.attributes &&
        Object.keys(change.attributes).length > 0 && { attributes: change.attributes }),
      ...(change.emailBlacklisted !== undefined && { emailBlacklisted: change.emailBlacklisted }),
    };
    await this.send(
      { method: 'PUT', path: contactPath(identifier, call), body },
      call,
      options,
      (answer, hiding) => {
        if (answer.status !== 204) throw strangeAnswer(answer, hiding, 'Brevo confirms a change with 204');
      },
    );
  }

  /**
   * One page of all contacts, the earliest created first, so that new ones don't shift it; a contact that is deleted
   * meanwhile does.
   */
  async pageOfContacts(
    { limit, offset, attributes }: PageQuery,
    options: CallOptions = {},
  ): Promise<ContactPage> {
    const call = this.describe('GET /contacts');
    const path = `/contacts?limit=${limit}&offset=${offset}&sort=asc`;
    return this.send(
      { method: 'GET', path, maxAnswerBytes: MAX_PAGE_BYTES },
      call,
      options,
      (answer, hiding) => readAnswer(answer, hiding, 200, pageAnswer(attributes)),
    );
  }

  /** Those contacts of these ids that Brevo has, in any order; others may be among them. */
  async contactsOf(
    { ids, attributes }: IdsQuery,
    options: CallOptions = {},
  ): Promise<readonly ListedContact[]> {
    const call = this.describe('GET /contacts');
    const path = `/contacts?limit=${ids.length}&${ids.map((id) => `ids=${id}`).join('&')}`;
    const { contacts } = await this.send({ method: 'GET', path }, call, options, (answer, hiding) =>
      readAnswer(answer, hiding, 200, pageAnswer(attributes)),
    );
    return contacts;
  }

  /** The account's attributes of all categories. */
  async listAttributes(options: CallOptions = {}): Promise<readonly BrevoAttribute[]> {
    const call = this.describe(ATTRIBUTE_LIST);
    return this.send({ method: 'GET', path: '/contacts/attributes' }, call, options, (answer, hiding) => {
      return readAnswer(answer, hiding, 200, attributesAnswer).attributes;
    });
  }

  /**
   * Creates an attribute of category `normal`.
   * @throws BrevoRefusedError also when there is one of that name, which is left as it is
   */
  async createAttribute({ name, type }: NewAttribute, options: CallOptions = {}): Promise<void> {
    const call = this.describe('POST /contacts/attributes/{category}/{name}');
    const path = `/contacts/attributes/normal/${encodeURIComponent(name)}`;
    await this.send({ method: 'POST', path, body: { type } }, call, options, (answer, hiding) => {
      if (answer.status !== 201)
        throw strangeAnswer(answer, hiding, 'Brevo confirms a new attribute with 201');
    });
  }

  /** The list, or null when Brevo has none of that id. */
  async getList(
    id: number,
    options: CallOptions = {},
  ): Promise<{ readonly id: number; readonly name: string } | null> {
    const call = this.describe('GET /contacts/lists/{listId}');
    try {
      return await this.send(
        { method: 'GET', path: `/contacts/lists/${id}` },
        call,
        options,
        (answer, hiding) => readAnswer(answer, hiding, 200, listAnswer),
      );
    } catch (error) {
      if (error instanceof BrevoRefusedError && error.status === 404) return null;
      throw error;
    }
  }

  /** Which account the key belongs to. Brevo allows 100 of these an hour, so they are for a check by hand. */
  async getAccount(options: CallOptions = {}): Promise<KeyOwner> {
    const call = this.describe('GET /account');
    return this.send({ method: 'GET', path: '/account' }, call, options, (answer, hiding) =>
      readAnswer(answer, hiding, 200, accountAnswer),
    );
  }

  /** Brevo's clock beside ours, as the latest answer told it. */
  clock(): ClockReading | undefined {
    return this.latestClock;
  }

  /** Closes idle connections. */
  close(): void {
    this.http.close();
  }

  private async readContact(
    identifier: Identifier,
    range: string,
    options: CallOptions,
  ): Promise<BrevoContact | null> {
    const call = this.describe(LOOK, identifier);
    try {
      return await this.send(
        { method: 'GET', path: contactPath(identifier, call) + range },
        call,
        options,
        (answer, hiding) => {
          const answered = readAnswer(answer, hiding, 200, contactAnswer);
          const { email: _, ...contact } = answered;
          if (!isSomebodyElse(identifier, answered)) return contact;
          throw strangeAnswer(answer, hiding, 'with another contact than the one that was asked for');
        },
      );
    } catch (error) {
      if (error instanceof BrevoNotFoundError) return null;
      throw error;
    }
  }

  private describe(name: string, identifier?: Identifier): CallInfo {
    return {
      name,
      writes: !name.startsWith('GET'),
      namesContact: name.endsWith('{identifier}'),
      secrets: identifier === undefined ? [this.#apiKey] : [this.#apiKey, identifier.value],
    };
  }

  private async send<T>(
    request: HttpRequest,
    call: CallInfo,
    {
      signal,
      priority = 'live',
      party,
      maxWaitMs = MAX_WAIT_MS,
      secrets = [],
      caller,
      attempt = 1,
    }: CallOptions,
    /** Is given the call with all that its errors must hide. */
    reading: (answer: Answer, hiding: CallInfo) => T,
  ): Promise<T> {
    const admitted = await this.gate.admit(call, { ...caller, signal });
    try {
      await this.budget.acquire({ call: call.name, priority, party, maxWaitMs, signal });
      const hiding = { ...call, secrets: [...call.secrets, ...secrets, ...textsIn(request.body)] };
      return await admitted.ask(async () => {
        const sentAt = this.budget.time();
        const ending = call.writes ? undefined : signal;
        const answer = await observing({ operation: call.name, party }, this.onCall, ending, () =>
          this.patience.wait(call.name, attempt, (timeoutMs) =>
            traced(request.method, call.name, () =>
              this.http.exchange({ maxAnswerBytes: MAX_ANSWER_BYTES, ...request, timeoutMs }, hiding, ending),
            ),
          ),
        );
        this.latestClock = clockReading(answer.headers, Date.now());
        if (ABOUT_CONTACTS.test(call.name)) this.budget.observe(answer.headers, answer.status, sentAt);
        if (answer.status < 200 || answer.status > 299) throw failureOf(answer, hiding);
        return reading(answer, hiding);
      });
    } finally {
      admitted.end();
    }
  }
}

/** Shorter texts are words of Brevo's own language more often than they are somebody's. */
const SHORTEST_SECRET = 3;

/** Every text that we send may tell who the contact is, and Brevo may quote it. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.length >= SHORTEST_SECRET ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
