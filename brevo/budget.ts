import { BrevoRateLimitedError } from './errors';
import { type AnswerHeaders, rateHeaders, waitMs, withJitter } from './rate-headers';

const PRIORITIES = ['withdrawal', 'live', 'bulkWithdrawal', 'bulk'] as const;
/** Who goes first when calls wait, in this order. */
export type Priority = (typeof PRIORITIES)[number];

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
  /** Longest wait in ms that the caller will sit out here. */
  readonly maxWaitMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly options: AcquireOptions;
  readonly deadline: number;
  readonly grant: () => void;
  readonly refuse: (error: unknown) => void;
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const LONGEST_PER_SECOND_RESET_MS = 60_000;

/**
 * Paces the calls to one Brevo account. Calls are spread evenly, with no burst at the start, so that no second ever
 * holds more than the limit; what Brevo's headers say only slows them further. One budget an account, shared by all
 * who call it: Brevo counts by account.
 */
export class RateBudget {
  private readonly configuredIntervalMs: number;
  private readonly now: () => number;
  private readonly random: () => number;
  private readonly waiting: Readonly<Record<Priority, Set<Waiter>>> = {
    withdrawal: new Set(),
    live: new Set(),
    bulkWithdrawal: new Set(),
    bulk: new Set(),
  };
  private intervalMs: number;
  private nextAt = Number.NEGATIVE_INFINITY;
  private pausedUntil = Number.NEGATIVE_INFINITY;
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
    this.now = now ?? (() => performance.now());
    this.random = random ?? Math.random;
  }

  /**
   * Resolves when the caller may make one call, in order of priority, then of arrival.
   * @throws BrevoRateLimitedError when that takes longer than `maxWaitMs`: its `retryAfterMs` is when to ask again;
   * the reason of `signal` when that is aborted
   */
  async acquire(options: AcquireOptions): Promise<void> {
    const { signal, priority, maxWaitMs } = options;
    signal?.throwIfAborted();
    if (this.closed) throw new Error('The rate budget is closed.');
    if (this.expectedWaitMs(priority) > maxWaitMs) throw this.refusal(options);
    let onAbort: (() => void) | undefined;
    try {
      await new Promise<void>((grant, refuse) => {
        const waiter: Waiter = { options, deadline: this.now() + maxWaitMs, grant, refuse };
        this.waiting[priority].add(waiter);
        onAbort = () => this.dismiss(waiter, signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        this.serve();
      });
    } finally {
      if (onAbort) signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Learns from an answer about contacts; those about the account have a bucket of their own. */
  observe(headers: AnswerHeaders, status: number): void {
    const said = rateHeaders(headers);
    const now = this.now();
    const hourly = (said.resetMs ?? 0) > LONGEST_PER_SECOND_RESET_MS;
    if (said.limit !== undefined && said.limit > 0) {
      const brevosIntervalMs = (hourly ? HOUR_MS : SECOND_MS) / said.limit;
      this.intervalMs = Math.max(this.configuredIntervalMs, brevosIntervalMs);
    }
    if (said.remaining !== undefined) {
      if (said.remaining > this.lastRemaining) this.refilledAt = now;
      this.lastRemaining = said.remaining;
    }
    if (status === 429) this.pauseUntil(now + waitMs(said));
    else if (said.remaining === 0) this.pauseUntil(this.nextRefill(now + waitMs(said)));
    this.serve();
  }

  /** Sends everybody away who waits; nothing can be acquired afterwards. */
  close(): void {
    this.closed = true;
    for (const waiter of this.everyone()) this.dismiss(waiter, new Error('The rate budget is closed.'));
  }

  /**
   * When there are calls again, at the `latest` by Brevo's reset. That is in whole seconds, and one second each time
   * would halve our pace; but a bucket of the second that we saw refilled is refilled again within a second of that.
   */
  private nextRefill(latest: number): number {
    const next = this.refilledAt + SECOND_MS;
    const isOfTheSecond = latest <= this.now() + SECOND_MS;
    return isOfTheSecond && next > this.now() ? Math.min(next, latest) : latest;
  }

  private pauseUntil(time: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, time);
  }

  private earliest(): number {
    return Math.max(this.nextAt, this.pausedUntil, this.now());
  }

  /** How long a newcomer waits if nobody overtakes it, in ms. */
  private expectedWaitMs(priority: Priority): number {
    let ahead = 0;
    for (const other of PRIORITIES) {
      ahead += this.waiting[other].size;
      if (other === priority) break;
    }
    return this.earliest() - this.now() + ahead * this.intervalMs;
  }

  private refusal({ call, priority }: AcquireOptions): BrevoRateLimitedError {
    const retryAfterMs = withJitter(Math.max(this.expectedWaitMs(priority), this.intervalMs), this.random);
    const message = `${call} waits for its turn: the rate budget of the Brevo account is used up for the moment.`;
    return new BrevoRateLimitedError(message, { call }, retryAfterMs);
  }

  private *everyone(): Iterable<Waiter> {
    for (const priority of PRIORITIES) yield* this.waiting[priority];
  }

  private first(): Waiter | undefined {
    for (const waiter of this.everyone()) return waiter;
    return undefined;
  }

  /** Lets go whose turn it is, sends away who cannot wait longer, and sleeps until either happens again. */
  private serve(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (let next = this.first(); next !== undefined && this.earliest() <= this.now(); next = this.first()) {
      this.waiting[next.options.priority].delete(next);
      this.nextAt = this.now() + this.intervalMs;
      next.grant();
    }
    let wakeAt = this.earliest();
    for (const waiter of this.everyone()) {
      if (waiter.deadline <= this.now()) this.dismiss(waiter, this.refusal(waiter.options));
      else wakeAt = Math.min(wakeAt, waiter.deadline);
    }
    if (this.first() !== undefined) {
      this.timer = setTimeout(() => this.serve(), Math.ceil(Math.max(wakeAt - this.now(), 1)));
    }
  }

  private dismiss(waiter: Waiter, reason: unknown): void {
    this.waiting[waiter.options.priority].delete(waiter);
    if (this.first() === undefined) {
      clearTimeout(this.timer);
      this.timer = undefined;
    }
    waiter.refuse(reason);
  }
}
