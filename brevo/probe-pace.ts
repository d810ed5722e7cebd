/** Which of several processes this one is. */
export interface Share {
  /** How many processes call the account. */
  readonly count: number;
  /** This one's place among them, from 0. */
  readonly rank: number;
}

export const NO_SHARE: Share = { count: 1, rank: 0 };

/** Longest cycle of several processes, in paces: each tries at least once a minute. */
const MOST_SLOTS = 5;

/** A slot is so much longer than the pace, and a call may be so late in it: then the next one's keeps the pace. */
const LATE = 0.1;

/**
 * The moments at which a process may try an account that Brevo refuses: never two within the pace. Several processes
 * take turns by the clock: time is cut into slots a little longer than the pace, and each process has every n-th of them,
 * at whose beginning it may call. So their calls keep the pace together, as far as their clocks agree.
 */
export class ProbePace {
  share: Share = NO_SHARE;
  /** Calls that a turn is made of, for which a slot has to be long enough: a look and a write, or one that only reads. */
  callsInTurn: 1 | 2 = 1;
  private lastAt = Number.NEGATIVE_INFINITY;
  private readonly waiting = new Set<() => void>();
  private isShutDown = false;

  /** @param paceMs ms between two calls @param now monotonic clock in ms */
  constructor(
    private readonly paceMs: number,
    private readonly now: () => number,
  ) {}

  isDue(): boolean {
    return this.dueInMs() <= 0;
  }

  isAlone(): boolean {
    return this.count() <= 1;
  }

  /** Longest time until the next moment of this process, in ms. */
  longestMs(): number {
    return this.isAlone() ? this.paceMs : this.slotMs() * this.count();
  }

  /** Time from one call of a turn to the next, in ms. */
  stepMs(): number {
    return this.paceMs * (1 + LATE);
  }

  /** A call was made, or answered, now. */
  noteCall(): void {
    this.lastAt = this.now();
  }

  /**
   * Resolves when a call may be made, and counts it as made.
   *
   * @param from ms since 1970: the moment, where another process has reserved it
   * @throws the reason of `signal`
   */
  async moment(signal: AbortSignal | undefined, from?: number): Promise<'now' | 'shut down'> {
    for (let ms = this.untilMs(from); ms > 0; ms = this.untilMs(from)) {
      if (this.isShutDown) return 'shut down';
      signal?.throwIfAborted();
      await this.sleep(ms, signal);
    }
    signal?.throwIfAborted();
    this.noteCall();
    return 'now';
  }

  shutDown(): void {
    this.isShutDown = true;
    for (const wake of this.waiting) wake();
  }

  /** How long it is until a call may be made, in ms. */
  dueInMs(): number {
    const alone = this.sinceLastMs();
    if (this.isAlone() || this.paceMs === 0) return alone;
    const count = this.count();
    const slotMs = this.slotMs();
    const at = Date.now() + alone;
    const own = this.share.rank % count;
    const slot = Math.floor(at / slotMs);
    const isOwn = slot % count === own && at % slotMs <= this.paceMs * LATE;
    if (isOwn) return alone;
    const ahead = (own - (slot % count) + count) % count || count;
    return (slot + ahead) * slotMs - Date.now();
  }

  private untilMs(from: number | undefined): number {
    return from === undefined ? this.dueInMs() : Math.max(from - Date.now(), this.sinceLastMs());
  }

  private sinceLastMs(): number {
    return Math.max(0, this.lastAt + this.paceMs - this.now());
  }

  private count(): number {
    return Math.min(this.share.count, MOST_SLOTS);
  }

  private slotMs(): number {
    return this.stepMs() * this.callsInTurn;
  }

  private sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.ceil(ms));
      this.waiting.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
