import type { BrevoAccount } from '../../../brevo/accounts';
import type { AttributeDirectory } from '../../../brevo/attribute-directory';
import { RateBudget } from '../../../brevo/budget';
import { BrevoClient } from '../../../brevo/client';
import type { Answer, CallInfo } from '../../../brevo/failure';
import { HeldGate } from '../../../brevo/held-gate';
import { networkFailure } from '../../../brevo/no-answer';
import { WaitingRoom } from '../../../brevo/waiting-room';
import type { HttpRequest } from '../../../http/http-exchange';
import { Account } from '../../../simulator/account';
import type { Contact } from '../../../simulator/contact';
import { updateFromBody } from '../../../simulator/contact-writes';
import { ApiError } from '../../../simulator/errors';
import { act } from '../../../simulator/recipients';
import { matchRoute } from '../../../simulator/routes';
import { type ContactSeed, seed } from '../../../simulator/seeds';
import type { SimulatorSwitches } from '../../../simulator/switches';
import type { GivenLook } from '../../../workflows/contract';
import type { Fault, InBrevo } from './scenario';
import type { Moment, Timeline } from './timeline';

export const EMAIL = 'ana@example.com';

type Listed = GivenLook['look']['contact'];

type Look = Extract<Moment, { kind: 'look' }>;

interface Handled {
  readonly answer: Answer;
  readonly look: Look | undefined;
}

/** How one call's attempt is told apart from others, and what stands between it and Brevo. */
export interface Way {
  readonly attempt: number;
  /** Time passes, in which things happen. */
  step(): Promise<void>;
  fault(): Fault;
  die(): void;
  /** Whether Temporal still waits for this attempt. */
  isHeard(): boolean;
  later(ms: number, what: () => void): void;
  /** Resolves much later; another worker has taken over by then. */
  sleepTooLong(ms: number): Promise<void>;
}

/** The simulator's own logic with the product's own client before it, and no HTTP between. */
export class BrevoInProcess {
  readonly account: Account;
  readonly budget: RateBudget;
  private turns = 0;

  constructor(
    private readonly timeline: Timeline,
    private readonly now: () => number,
    switches: Partial<SimulatorSwitches>,
  ) {
    this.account = new Account({ attributes: TYPES, switches, now });
    // Every look at this clock is a turn later, so that nobody waits for one.
    this.budget = new RateBudget({ requestsPerSecond: 1e6, now: () => ++this.turns });
  }

  seed(contact: ContactSeed): void {
    seed(this.account, { email: EMAIL, ...contact });
  }

  contact(): Contact | undefined {
    return this.account.contacts.find('email', EMAIL);
  }

  /** As a list of contacts shows it. */
  listed(): Listed {
    const contact = this.contact();
    if (!contact) return null;
    const { id, emailBlacklisted, attributes, createdAt } = contact;
    const mapped = Object.entries(attributes).filter(([name, value]) => name in TYPES && value !== null);
    return { id, emailBlacklisted, attributes: Object.fromEntries(mapped), createdAt };
  }

  /** Somebody else acts on the contact, if there is one. */
  happen(what: InBrevo): void {
    const before = this.contact();
    if (!before) return;
    if ('by' in what) act(this.account, { email: EMAIL, kind: ACTS[what.by] });
    else updateFromBody(this.account, before, what.otherSystem);
    const after = this.contact();
    this.timeline.add({
      kind: 'elsewhere',
      at: this.now(),
      what,
      before: before.emailBlacklisted,
      after: after?.emailBlacklisted ?? false,
    });
  }

  /** The account as a worker opens it. @param way of the attempt that calls */
  open(way: () => Way): BrevoAccount {
    // Nothing but the scenario moves its clock, so nobody waits for the moment of a try.
    const gate = new HeldGate({ now: this.now, probeEveryMs: 0, heard: true });
    const client = new BrevoClient({
      apiKey: 'key',
      baseUrl: 'http://brevo.invalid/v3',
      budget: this.budget,
      gate,
    });
    const exchange = (request: HttpRequest, call: CallInfo, signal?: AbortSignal) =>
      this.exchange(request, call, signal, way());
    Object.assign(client, { http: { exchange } });
    const lookUp = async (ids: readonly string[]) =>
      new Map(ids.map((id) => [id, { name: id, type: { kind: typeOf(id) } }]));
    const room = new WaitingRoom(gate, { requestsPerSecond: 10, now: this.now, random: () => 0 });
    const attributes = { lookUp } as unknown as AttributeDirectory;
    return { client, budget: this.budget, attributes, gate, room };
  }

  private async exchange(
    request: HttpRequest,
    call: CallInfo,
    signal: AbortSignal | undefined,
    way: Way,
  ): Promise<Answer> {
    await way.step();
    signal?.throwIfAborted();
    const lost = () => networkFailure({ code: 'ECONNRESET', inHandshake: false }, call, 'brevo.invalid');
    const fault = way.fault();
    if (typeof fault === 'object' && 'sleepsMs' in fault) await way.sleepTooLong(fault.sleepsMs);
    if (fault === 'diesBefore') way.die();
    if (fault === 'diesBefore' || fault === 'lostBefore') throw lost();
    if (fault === '503') return { status: 503, headers: {}, body: '<html>' };
    if (fault === '403' && call.writes)
      return { status: 403, headers: {}, body: '{"code":"permission_denied"}' };
    const late = typeof fault === 'object' && 'lateMs' in fault;
    if (late && call.writes) {
      way.later(fault.lateMs, () => this.handle(request, way));
      throw lost();
    }
    const { answer, look } = this.handle(request, way);
    await way.step();
    if (fault === 'diesAfter') way.die();
    if (fault === 'diesAfter' || fault === 'lostAfter' || late) throw lost();
    signal?.throwIfAborted();
    if (look) look.heard = way.isHeard();
    return answer;
  }

  private handle({ method, path, body }: HttpRequest, { attempt }: Way): Handled {
    const [segment = '', query = ''] = path.split('?');
    const match = matchRoute(method, segment);
    if (typeof match !== 'object') throw new Error(`no route ${method} ${segment}`);
    const before = this.contact()?.emailBlacklisted;
    const text = body === undefined ? '' : JSON.stringify(body);
    let reply: { status: number; body?: unknown };
    try {
      reply = match.route.handle(this.account, {
        method,
        params: match.params,
        query: new URLSearchParams(query),
        text,
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      reply = { status: error.status, body: error.body() };
    }
    const after = this.contact()?.emailBlacklisted;
    const at = this.now();
    let look: Look | undefined;
    if (method === 'GET' && segment !== '/contacts/attributes') {
      look = { kind: 'look', at, attempt, saw: before, heard: false };
      this.timeline.add(look);
    }
    if (method !== 'GET' && reply.status < 300) {
      const sent = (body ?? {}) as { emailBlacklisted?: boolean; attributes?: Record<string, unknown> };
      this.timeline.add({ kind: 'write', at, attempt, sent, before: before ?? false, after: after ?? false });
    }
    const answered = reply.body === undefined ? '' : JSON.stringify(reply.body);
    return { answer: { status: reply.status, headers: {}, body: answered }, look };
  }
}

const TYPES = { NEWS: 'boolean', LEDGER: 'text' } as const;

export function typeOf(id: string): 'boolean' | 'text' {
  return id === 'LEDGER' ? TYPES.LEDGER : TYPES.NEWS;
}

const ACTS = {
  user: 'userUnsubscription',
  admin: 'adminUnsubscription',
  complaint: 'complaint',
} as const;
