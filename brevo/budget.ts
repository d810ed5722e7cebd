import { BrevoRateLimitedError } from './errors';
import { type AnswerHeaders, rateHeaders, waitMs, withJitter } from './rate-headers';
import { SharedPace } from './shared-pace';
import { type Priority, Turns } from './turns';

export type { Priority } from './turns';

export interface RateBudgetOptions {
  /** Calls a second of this process for the account. */
  readonly requestsPerSecond: number;
  /** Monotonic clock in ms. */
  readonly now?: () => number;
  /** Spreads those who are sent away, in [0, 1). */
  readonly random?: () => number;
}

export interface AcquireOptions {
  /** For the error: `PUT /contacts/{identifier}`. */
  readonly call: string;
  readonly priority: Priority;
  /** On whose behalf, for example the integration: parties of the same priority take turns. Default: one for all. */
  readonly party?: string | undefined;
  /** Longest wait in ms that the caller will sit out here. */
  readonly maxWaitMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly options: AcquireOptions;
  readonly priority: Priority;
  readonly party: string;
  readonly deadline: number;
  readonly grant: () => void;
  readonly refuse: (error: unknown) => void;
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** A little less than the spacing at 20 calls a second, and far less than what one bucket of Brevo's holds. */
const MOST_LATE_MS = 40;
const LONGEST_PER_SECOND_RESET_MS = 60_000;
/** From this status on an answer may be that of a machine before Brevo, which knows of no rate. */
const SERVER_TROUBLE = 500;

/**
 * Paces the calls to one Brevo account. Calls are spread evenly, with no burst at the start, so that no second ever
 * holds more than the limit; what Brevo's headers say only slows them further, as when other processes use the account
 * too. One budget an account and process, shared by all who call it: Brevo counts by account.
 */
export class RateBudget {
  private readonly configuredIntervalMs: number;
  private readonly now: () => number;
  private readonly random: () => number;
  private readonly turns = new Turns<Waiter>();
  private readonly sharedPace = new SharedPace();
  private readonly whenLeft = new Set<() => void>();
  private intervalMs: number;
  /** Of the whole account: by its headers, else as configured. */
  private brevosIntervalMs: number;
  private lastAt = Number.NEGATIVE_INFINITY;
  private pausedUntil = Number.NEGATIVE_INFINITY;
  private latestSentAt = Number.NEGATIVE_INFINITY;
  private lastRemaining = Number.NEGATIVE_INFINITY;
  private refilledAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor({ requestsPerSecond, now, random }: RateBudgetOptions) {
    if (!(requestsPerSecond > 0 && Number.isFinite(requestsPerSecond))) {
      throw new RangeError(`requests_per_second must be a number above 0, not ${requestsPerSecond}`);
    }
    this.configuredIntervalMs = SECOND_MS / requestsPerSecond;
    this.intervalMs = this.configuredIntervalMs;
    this.brevosIntervalMs = this.configuredIntervalMs;
    this.now = now ?? (() => performance.now());
    this.random = random ?? Math.random;
  }

  /**
   * Resolves when the caller may make one call, in order of priority, then of arrival.
   * @throws BrevoRateLimitedError when that takes longer than `maxWaitMs`: its `retryAfterMs` is when to ask again;
   * the reason of `signal` when that is aborted
   */
  async acquire(options: AcquireOptions): Promise<void> {
    const { signal, priority, party = '', maxWaitMs } = options;
    signal?.throwIfAborted();
    if (this.closed) throw new Error('The rate budget is closed.');
    if (this.expectedWaitMs(options) > maxWaitMs) throw this.refusal(options);
    let onAbort: (() => void) | undefined;
    try {
      await new Promise<void>((grant, refuse) => {
        const waiter: Waiter = { options, priority, party, deadline: this.now() + maxWaitMs, grant, refuse };
        this.turns.add(waiter);
        onAbort = () => this.dismiss(waiter, signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        this.serve();
      });
    } finally {
      if (onAbort) signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Learns from an answer about contacts; those about the account have a bucket of their own.
   *
   * @param sentAt when the call began, on the budget's clock: an answer that was overtaken tells nothing new
   */
  observe(headers: AnswerHeaders, status: number, sentAt = this.now()): void {
    const said = rateHeaders(headers);
    const now = this.now();
    const pace = this.sharedPace;
    const isRefused = status === 429;
    if (!isRefused) pace.noteMade((sentAt + now) / 2, now);
    if (sentAt < this.latestSentAt && !isRefused) return;
    this.latestSentAt = Math.max(this.latestSentAt, sentAt);
    const hourly = (said.resetMs ?? 0) > LONGEST_PER_SECOND_RESET_MS;
    if (said.limit !== undefined && said.limit > 0) {
      this.brevosIntervalMs = (hourly ? HOUR_MS : SECOND_MS) / said.limit;
      const isUsual = !isRefused || pace.hears();
      if (said.remaining !== undefined && !hourly && isUsual) pace.learn(said.limit, said.remaining, now);
    }
    if (said.remaining === undefined && !isRefused && status < SERVER_TROUBLE) pace.forgetLeft();
    if (isRefused && !hourly) pace.refuse(SECOND_MS / this.brevosIntervalMs, now);
    const share = hourly ? 1 : pace.current(now);
    this.intervalMs = Math.max(this.configuredIntervalMs, this.brevosIntervalMs / share);
    if (said.remaining !== undefined) {
      // Brevo counted the call on its way, about half-way.
      if (said.remaining > this.lastRemaining) this.refilledAt = (sentAt + now) / 2;
      this.lastRemaining = said.remaining;
    }
    const isOver = said.remaining === 0 && ((said.resetMs ?? 0) > SECOND_MS || pace.isOverAtNone(now));
    if (isRefused || isOver) {
      // Those who were told the same would come back at the same moments from then on, and meet each time.
      const apart = isRefused ? this.random() * this.intervalMs : 0;
      this.pauseUntil(this.nextRefill(now + waitMs(said)) + apart);
    }
    this.serve();
  }

  /** On the clock of `observe`, in ms. */
  time(): number {
    return this.now();
  }

  /** How many wait on behalf of this party. */
  waitingOf(party: string): number {
    return this.turns.sizeOf(party);
  }

  /** Has `told` called each time that somebody has stopped waiting. */
  onLeft(told: () => void): void {
    this.whenLeft.add(told);
  }

  /** Sends everybody away who waits; nothing can be acquired afterwards. */
  close(): void {
    this.closed = true;
    for (const waiter of [...this.turns.everyone()])
      this.dismiss(waiter, new Error('The rate budget is closed.'));
  }

  /**
   * When there are calls again, at the `latest` by Brevo's reset. That is in whole seconds, and one second each time
   * would halve our pace; but a window of a second that we saw begin ends a second after that, perhaps by now.
   */
  private nextRefill(latest: number): number {
    const next = this.refilledAt + SECOND_MS;
    const now = this.now();
    const isOfTheSecond = latest <= now + SECOND_MS;
    return isOfTheSecond && (next > now || this.sharedPace.hasWindows(now)) ? Math.min(next, latest) : latest;
  }

  private pauseUntil(time: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, time);
  }

  private earliest(): number {
    return Math.max(this.lastAt + this.intervalMs, this.pausedUntil, this.now());
  }

  /** How long a newcomer waits if nobody overtakes it, in ms. */
  private expectedWaitMs({ priority, party = '' }: AcquireOptions): number {
    return this.earliest() - this.now() + this.turns.ahead({ priority, party }) * this.intervalMs;
  }

  private refusal(options: AcquireOptions): BrevoRateLimitedError {
    const { call } = options;
    const retryAfterMs = withJitter(Math.max(this.expectedWaitMs(options), this.intervalMs), this.random);
    const message = `${call} waits for its turn: the rate budget of the Brevo account is used up for the moment.`;
    return new BrevoRateLimitedError(message, { call }, retryAfterMs);
  }

  /**
   * Lets go whose turn it is, sends away who cannot wait longer, and sleeps until either happens again.
   *
   * @param dueAt when it was time for this: by how much a timer was late is made up for with the next call, or a busy
   * process would lose a part of its rate
   */
  private serve(dueAt = this.now()): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (;;) {
      const next = this.turns.first();
      if (next === undefined || this.earliest() > this.now()) break;
      this.turns.remove(next, true);
      const due = Math.min(Math.max(dueAt, this.lastAt + this.intervalMs), this.now());
      this.lastAt = Math.max(due, this.now() - MOST_LATE_MS);
      next.grant();
      this.tellOfLeaving();
    }
    let wakeAt = this.earliest();
    for (const waiter of [...this.turns.everyone()]) {
      if (waiter.deadline <= this.now()) this.dismiss(waiter, this.refusal(waiter.options));
      else wakeAt = Math.min(wakeAt, waiter.deadline);
    }
    if (this.turns.first() !== undefined) {
      this.timer = setTimeout(() => this.serve(wakeAt), Math.ceil(Math.max(wakeAt - this.now(), 1)));
    }
  }

  private dismiss(waiter: Waiter, reason: unknown): void {
    this.turns.remove(waiter);
    if (this.turns.first() === undefined) {
      clearTimeout(this.timer);
      this.timer = undefined;
    }
    waiter.refuse(reason);
    this.tellOfLeaving();
  }

  private tellOfLeaving(): void {
    for (const told of this.whenLeft) told();
  }
}
