import {
  BrevoDuplicateError,
  BrevoHeldError,
  BrevoNotFoundError,
  BrevoRateLimitedError,
  BrevoRefusedError,
  type HeldReason,
} from './errors';
import { ATTRIBUTE_LIST, type Caller, type GateNews, type GateState, type KindOfCall, LOOK } from './gate';
import { OwnRefusals } from './own-refusals';
import { NO_SHARE, ProbePace, type Share } from './probe-pace';

export interface HeldGateOptions {
  /** Least time in ms between two calls while the gate is closed. */
  readonly probeEveryMs?: number;
  /** Monotonic clock in ms. */
  readonly now?: () => number;
  /** Brevo has answered before: the first call need not go alone. */
  readonly heard?: boolean;
}

/** Leave to make one call; to be ended in any case. */
export interface Admitted {
  /** Makes the call. @throws BrevoHeldError when the gate was closed meanwhile; whatever `exchange` throws */
  ask<T>(exchange: () => Promise<T>): Promise<T>;
  end(): void;
}

const PROBE_EVERY_MS = 10_000;

interface Closure {
  latest: BrevoHeldError;
  /** ms since 1970. */
  readonly since: number;
  /** ms since 1970: Brevo refused then, and what was known before of its serving is over. */
  refusedAt: number;
  /** By the monotonic clock: what began before tells nothing of the account as it is now. */
  closedAt: number;
  /** Kinds that Brevo refuses; none where it refuses everything. */
  refused: ReadonlySet<string>;
  /** Also kinds that are not known to be refused wait. */
  everything: boolean;
}

/**
 * Spares Brevo the calls of an account that it does not serve. One gate an account and process.
 *
 * A wrong key or IP address (401) closes it for everything, and any answer to a later call opens it. Missing credits or
 * a permission (402, 403) close it too, but may concern one kind of call alone: an answer to that kind opens it, and a
 * write of another kind that is answered *narrows* it to the refused kinds. While it is closed a caller passes only if
 * it is its turn, and no two calls of the process follow each other within ten seconds.
 */
export class HeldGate {
  private readonly now: () => number;
  private readonly pace: ProbePace;
  private readonly ownRefusals = new OwnRefusals();
  private readonly watchers: ((state: GateState) => void)[] = [];
  private readonly bornAt = Date.now();
  private closure: Closure | undefined;
  private latestNews: GateNews | undefined;
  private refusals = 0;
  /** The very first call goes alone: a hundred contacts that start with a wrong key cost one call. */
  private first: Promise<void> | undefined;
  private heard: boolean;

  constructor({ probeEveryMs, now, heard }: HeldGateOptions = {}) {
    this.heard = heard ?? false;
    this.now = now ?? (() => performance.now());
    this.pace = new ProbePace(probeEveryMs ?? PROBE_EVERY_MS, this.now);
  }

  /**
   * Lets a caller in, at once where the gate is open for its kind of call; one whose turn it is waits for the moment.
   *
   * @throws BrevoHeldError when the gate is closed to it; its `asked` is false
   * @throws BrevoRateLimitedError when the gate is shut down while it waits
   * @throws the reason of `signal`
   */
  async admit(call: KindOfCall, caller: Caller = {}): Promise<Admitted> {
    while (this.first !== undefined && !this.heard) await this.first;
    const mayTry = this.mayTry(call, caller);
    if (this.forbids(call.name)) {
      if (!mayTry) throw this.refusalOf(call);
      const moment = await this.pace.moment(caller.signal, this.momentOf(call, caller));
      if (moment === 'shut down') throw tryLater(call);
    }
    let ended = (): void => undefined;
    if (!this.heard) {
      this.first = new Promise((resolve) => {
        ended = resolve;
      });
    }
    return {
      ask: (exchange) => this.ask(call, { who: caller.who, mayTry }, exchange),
      end: () => {
        this.first = undefined;
        ended();
      },
    };
  }

  /** Whether the gate is open for this kind of call. */
  isOpenFor(kind: string): boolean {
    return !this.forbids(kind);
  }

  /** ms since 1970: since when nothing has stood in the way of this process. */
  openSince(): number {
    return Math.max(this.bornAt, this.latestNews?.at ?? 0);
  }

  /** Whether Brevo has refused this kind of call, so that a try of it would tell. */
  refuses(kind: string): boolean {
    return this.closure?.refused.has(kind) ?? false;
  }

  /** Any answer of Brevo's would open the gate. */
  opensWithAnyAnswer(): boolean {
    return this.closure !== undefined && this.closure.refused.size === 0;
  }

  /** What calls keep while the gate is closed. */
  tries(): Pick<ProbePace, 'dueInMs' | 'isAlone' | 'longestMs' | 'stepMs'> {
    return this.pace;
  }

  /** Whether a call that only reads would tell that the account is served again. */
  readingTells(): boolean {
    const { closure } = this;
    return (
      closure !== undefined &&
      (closure.refused.size === 0 || READS_OF_CONTACTS.some((kind) => closure.refused.has(kind)))
    );
  }

  /** By the monotonic clock in ms: when it closed; long ago where it is open. */
  closedAt(): number {
    return this.closure?.closedAt ?? Number.NEGATIVE_INFINITY;
  }

  /** What closed the gate. */
  reason(): string | undefined {
    return this.closure?.latest.message;
  }

  /** For other processes: that Brevo serves the account again. */
  news(): GateNews | undefined {
    return this.latestNews;
  }

  /** What another process found out. It counts where it is later than what this one knows. */
  learn({ at, refused }: GateNews): void {
    if (!this.closure || at <= this.closure.refusedAt) return;
    if (refused.length === 0) this.open();
    else this.narrow(new Set(refused));
  }

  state(): GateState {
    const { closure, refusals } = this;
    if (!closure) return { state: 'open', refusals };
    const { latest, since, refused, everything } = closure;
    const { reason, message, call, status, code, requestId } = latest;
    return {
      state: everything ? 'closed' : 'narrowed',
      held: {
        reason,
        message,
        call,
        ...(status !== undefined && { status }),
        ...(code !== undefined && { code }),
        ...(requestId !== undefined && { requestId }),
        since,
        refusedCalls: [...refused],
      },
      refusals,
    };
  }

  /** Has `listener` told when the gate closes, narrows or opens. */
  watch(listener: (state: GateState) => void): void {
    this.watchers.push(listener);
  }

  /** Several processes call the account: each tries in its own time. */
  setShare(share: Share | undefined): void {
    this.pace.share = share ?? NO_SHARE;
  }

  /** Ends the waits: the process ends. */
  shutDown(): void {
    this.pace.shutDown();
  }

  private momentOf({ writes }: KindOfCall, { turn }: Caller): number | undefined {
    if (turn?.from === undefined) return undefined;
    return turn.from + (writes ? this.pace.stepMs() : 0);
  }

  private forbids(kind: string): boolean {
    return this.closure !== undefined && (this.closure.everything || this.closure.refused.has(kind));
  }

  /** Who waits for nothing and nobody, such as a resync that reads, tries when that may open the gate. */
  private mayTry(call: KindOfCall, { who, turn }: Caller): boolean {
    if (turn) return true;
    const wouldTell = this.opensWithAnyAnswer() || this.refuses(call.name);
    return who === undefined && wouldTell && this.pace.isDue();
  }

  private async ask<T>(
    call: KindOfCall,
    { who, mayTry }: { readonly who: string | undefined; readonly mayTry: boolean },
    exchange: () => Promise<T>,
  ): Promise<T> {
    // It may have closed while the caller waited for its turn in the budget.
    if (!mayTry && this.forbids(call.name)) throw this.refusalOf(call);
    const begunAt = this.now();
    try {
      const result = await exchange();
      this.served(call, begunAt, who);
      return result;
    } catch (error) {
      if (error instanceof BrevoHeldError) this.refuse(error, call, who);
      else if (isAnswerToUs(error)) this.served(call, begunAt, who);
      throw error;
    } finally {
      this.heard = true;
    }
  }

  private served({ name, writes }: KindOfCall, begunAt: number, who: string | undefined): void {
    this.ownRefusals.noteServed(name, who);
    const { closure } = this;
    if (!closure || begunAt < closure.closedAt) return;
    const refused = new Set([...closure.refused].filter((kind) => kind !== name));
    if (refused.size === 0) this.open();
    else if (writes || !closure.everything) this.narrow(refused);
    else closure.refused = refused;
  }

  private refuse(error: BrevoHeldError, { name }: KindOfCall, who: string | undefined): void {
    this.refusals += 1;
    this.pace.noteCall();
    const ofTheAccount = CONCERNS_EVERYTHING.has(error.reason);
    // What Brevo refuses to one contact, and does for others meanwhile, is that contact's own affair.
    if (!ofTheAccount && this.ownRefusals.isOwn(name, who)) return;
    if (!ofTheAccount) this.ownRefusals.noteRefused(name, who);
    const before = this.closure;
    const refusedAt = Date.now();
    const kinds = before ? before.refused : new Set<string>();
    if (before && !ofTheAccount && kinds.has(name)) {
      before.latest = error;
      before.refusedAt = refusedAt;
      return;
    }
    this.closure = {
      latest: error,
      since: before?.since ?? refusedAt,
      refusedAt,
      closedAt: before?.everything ? before.closedAt : this.now(),
      refused: ofTheAccount ? new Set() : new Set([...kinds, name]),
      everything: true,
    };
    if (!before || before.latest.reason !== error.reason || !before.everything) this.tell();
  }

  private open(): void {
    this.closure = undefined;
    this.latestNews = { at: Date.now(), refused: [] };
    this.tell();
  }

  private narrow(refused: ReadonlySet<string>): void {
    const { closure } = this;
    if (!closure) return;
    const was = closure.everything;
    Object.assign(closure, { refused, everything: false });
    this.latestNews = { at: Date.now(), refused: [...refused] };
    if (was) this.tell();
  }

  /** What Brevo said, about a call that it was not asked for. */
  private refusalOf({ name }: KindOfCall): BrevoHeldError {
    const { latest } = this.closure as Closure;
    const { message, status, code, requestId, reason } = latest;
    return new BrevoHeldError(message, { call: name, status, code, requestId }, reason, false);
  }

  private tell(): void {
    this.pace.callsInTurn = this.closure && !this.readingTells() ? 2 : 1;
    const state = this.state();
    for (const watcher of this.watchers) watcher(state);
  }
}

const READS_OF_CONTACTS = [LOOK, ATTRIBUTE_LIST];

/** A missing permission or credit may concern the one kind of call. */
const CONCERNS_EVERYTHING: ReadonlySet<HeldReason> = new Set(['key', 'ip']);

/** Brevo looked at what was asked, so it serves the account. */
function isAnswerToUs(error: unknown): boolean {
  return (
    error instanceof BrevoRefusedError ||
    error instanceof BrevoDuplicateError ||
    error instanceof BrevoNotFoundError
  );
}

function tryLater({ name }: KindOfCall): BrevoRateLimitedError {
  const message = `${name} was to try whether Brevo serves the account again, and the process ends.`;
  return new BrevoRateLimitedError(message, { call: name }, 1_000);
}
