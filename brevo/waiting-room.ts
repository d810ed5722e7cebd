import { type GateNews, LOOK, type Turn } from './gate';
import type { HeldGate } from './held-gate';

/** A contact that waits until Brevo serves its account again. */
export interface Visitor {
  /** Tells contacts apart: a workflow id. */
  readonly who: string;
  /** It takes something back, so it goes first. */
  readonly withdrawal: boolean;
  /** The kind of call that it could not make; a look comes before it in any case. */
  readonly needs?: string | undefined;
  /** How often in a row Brevo itself has refused this contact. */
  readonly refusals?: number | undefined;
  /** Somebody wants it to be tried now. */
  readonly asked?: boolean | undefined;
  /** ms since 1970: since when it waits. */
  readonly since: number;
}

export type Answer =
  /** The gate is open for what it needs. */
  | { readonly kind: 'go'; readonly news?: GateNews }
  /** It may try, as the only one. */
  | { readonly kind: 'turn' }
  /** It is to ask again after that many ms. */
  | { readonly kind: 'wait'; readonly ms: number };

export interface WaitingRoomOptions {
  readonly requestsPerSecond: number;
  /** Monotonic clock in ms. */
  readonly now?: () => number;
  /** Spreads those who ask again, in [0, 1). */
  readonly random?: () => number;
}

interface Waiting {
  readonly visitor: Visitor;
  /** By the monotonic clock: when it asks again. */
  readonly asksAt: number;
}

const TIDY_EVERY_MS = 1_000;

/** Nobody asks again earlier, in ms. */
const ASK_AGAIN_MS = 10_000;
const SPREAD = 0.2;
/** While withdrawals that could go still sleep, the others ask again after so long, in ms. */
const AFTER_WITHDRAWALS_MS = 2_000;
/** Who is so late is taken not to come any more, in ms: another process has it, or its workflow has ended. */
const LATE_MS = 10_000;
/** Visits a second at most, for each of withdrawals and others: enough to keep Brevo busy once it serves again. */
const LEAST_VISITS_PER_SECOND = 20;
/**
 * The turn is given so long before its call may be made, in ms: until then whoever goes first has come by. Where several
 * processes have moments of their own, contacts come by in any of them, and one that is about to come may come elsewhere.
 */
const TURN_AHEAD_MS = { alone: 2_000, among: 11_000 } as const;
/** Where fewer wait among several processes, the turn is given to the first, however long before. */
const MANY = 10;
/** How long a turn lasts without a call beyond the wait for its moment, in ms: for Temporal. */
const TURN_MS = 10_000;
/** How long a turn is kept for somebody who is about to come and goes first, in ms. */
const KEPT_FOR_MS = 15_000;
/** Longest time that one whom Brevo refused waits for another try, in ms: while the account is refused, and otherwise. */
const LONGEST_BEFORE_TURN_MS = 15_000;
const LONGEST_ALONE_MS = 600_000;

/**
 * Where contacts wait until Brevo serves their account: they come by, ask, and are sent away for a while, so that
 * nobody holds a place meanwhile. However many wait, visits stay few; they need not be more frequent than Brevo's own
 * limit lets contacts through afterwards.
 *
 * Withdrawals come by first and go first. While the gate is closed, one contact at a time has the turn to try: first
 * those of which Brevo is not known to refuse what they need, because they may show that it serves other kinds of call.
 */
export class WaitingRoom {
  private readonly now: () => number;
  private readonly random: () => number;
  private readonly visitsPerSecond: number;
  private readonly withdrawals = new Map<string, Waiting>();
  private readonly others = new Map<string, Waiting>();
  private tidiedAt = Number.NEGATIVE_INFINITY;
  private readonly bornAt = Date.now();
  private readonly bornAtMonotonic: number;
  private turn: { readonly who: string; readonly from?: number; until: number } | undefined;
  private keptSince: number | undefined;

  constructor(
    private readonly gate: HeldGate,
    { requestsPerSecond, now, random }: WaitingRoomOptions,
  ) {
    this.now = now ?? (() => performance.now());
    this.random = random ?? Math.random;
    this.visitsPerSecond = Math.max(LEAST_VISITS_PER_SECOND, 2 * requestsPerSecond);
    this.bornAtMonotonic = this.now();
  }

  /** What a contact that waits is to do. */
  ask(visitor: Visitor): Answer {
    const ms = this.isOpenFor(visitor) ? this.beforeGoing(visitor) : this.beforeTurn(visitor);
    if (ms > 0) {
      const wait = ms * (1 + SPREAD * this.random());
      this.forget(visitor);
      const waiting = visitor.withdrawal ? this.withdrawals : this.others;
      waiting.set(visitor.who, { visitor, asksAt: this.now() + wait });
      return { kind: 'wait', ms: wait };
    }
    this.forget(visitor);
    const news = this.gate.news();
    if (this.isOpenFor(visitor)) return { kind: 'go', ...(news && { news }) };
    const until = this.now() + this.gate.tries().longestMs() + TURN_MS;
    this.turn = { who: visitor.who, until };
    this.keptSince = undefined;
    return { kind: 'turn' };
  }

  /** Reserves the moments of the turn's calls, which another process may make. */
  reserve(who: string): Turn {
    const tries = this.gate.tries();
    const due = tries.dueInMs();
    const from = Date.now() + due;
    this.turn = { who, from, until: this.now() + due + 2 * tries.stepMs() + TURN_MS };
    return { from };
  }

  /** The turn to try, where it is this contact's. */
  turnOf(who: string): Turn | undefined {
    const turn = this.current();
    if (turn?.who !== who) return undefined;
    return turn.from === undefined ? {} : { from: turn.from };
  }

  /** The turn goes on: its contact is about to make a call. */
  prolongTurn(who: string): void {
    if (this.turn?.who !== who) return;
    this.turn.until = Math.max(this.turn.until, this.now() + this.gate.tries().stepMs() + TURN_MS);
  }

  /** The contact has tried. */
  endTurn(who: string): void {
    if (this.turn?.who !== who) return;
    this.turn = undefined;
  }

  /** How many are known to wait in this process. */
  count(): { readonly withdrawals: number; readonly others: number } {
    this.tidy();
    return { withdrawals: this.withdrawals.size, others: this.others.size };
  }

  private isOpenFor({ needs = LOOK }: Visitor): boolean {
    return this.gate.isOpenFor(LOOK) && this.gate.isOpenFor(needs);
  }

  /** How long a contact for which the gate is open stays, in ms. */
  private beforeGoing(visitor: Visitor): number {
    const { refusals = 0, since, asked, withdrawal } = visitor;
    // Brevo refuses it what it does for others: not again and again.
    if (refusals > 1 && !asked && since > this.gate.openSince()) {
      const left = since + Math.min(LONGEST_ALONE_MS, 5_000 * 2 ** refusals) - Date.now();
      if (left > 0) return left;
    }
    if (withdrawal) return 0;
    // What waited in an earlier process is not known here before it has come by.
    const isNew = this.now() - this.bornAtMonotonic < ASK_AGAIN_MS * (1 + SPREAD) + AFTER_WITHDRAWALS_MS;
    if (!(isNew && since < this.bornAt) && !this.isAnyWithdrawalToGo()) return 0;
    return Math.max(AFTER_WITHDRAWALS_MS, this.spread(visitor));
  }

  /** How long a contact for which the gate is closed stays until it may have the turn, in ms. */
  private beforeTurn(visitor: Visitor): number {
    const { who, refusals = 0, asked, since } = visitor;
    const soon = Math.max(ASK_AGAIN_MS, this.spread(visitor));
    const turn = this.current();
    if (turn && turn.who !== who) return soon;
    const due = this.gate.tries().dueInMs();
    if (due > this.turnAheadMs()) return Math.max(Math.min(due, ASK_AGAIN_MS), this.spread(visitor));
    if (refusals > 1 && !asked) {
      const left = since + Math.min(LONGEST_BEFORE_TURN_MS, 2_500 * 2 ** refusals) - Date.now();
      if (left > 0) return Math.max(left, Math.min(soon, LONGEST_BEFORE_TURN_MS));
    }
    return this.isKeptForAnother(visitor) ? soon : 0;
  }

  /** Somebody who goes first is about to come; not waited for without end, since another process may have it. */
  private isKeptForAnother(visitor: Visitor): boolean {
    // What reading tells, anybody may try: it changes nothing, and is the same for all.
    if (this.gate.readingTells()) return false;
    const soon = this.now() + ASK_AGAIN_MS * (1 + SPREAD);
    const place = this.place(visitor);
    let isExpected = false;
    this.tidy();
    for (const { visitor: other, asksAt } of [...this.withdrawals.values(), ...this.others.values()]) {
      isExpected ||= asksAt < soon && other.who !== visitor.who && this.place(other) < place;
    }
    if (!isExpected) return false;
    this.keptSince ??= this.now();
    return this.now() - this.keptSince <= KEPT_FOR_MS;
  }

  /** Who has the turn first: the lower. */
  private place({ asked, needs = LOOK, withdrawal }: Visitor): number {
    return (asked ? 0 : 4) + (this.gate.refuses(needs) ? 2 : 0) + (withdrawal ? 0 : 1);
  }

  private isAnyWithdrawalToGo(): boolean {
    this.tidy();
    for (const { visitor } of this.withdrawals.values()) {
      if ((visitor.refusals ?? 0) <= 1 && this.isOpenFor(visitor)) return true;
    }
    return false;
  }

  /** ms between two visits of one contact, so that all of its kind together come no more often than they may. */
  private spread({ withdrawal }: Visitor): number {
    const { withdrawals, others } = this.count();
    return ((withdrawal ? withdrawals : others) / this.visitsPerSecond) * 1_000;
  }

  private turnAheadMs(): number {
    // Just after it has closed, hardly anybody has come by yet.
    const isYoung = this.now() - this.gate.closedAt() < ASK_AGAIN_MS * (1 + SPREAD);
    if (isYoung || this.gate.tries().isAlone()) return TURN_AHEAD_MS.alone;
    const { withdrawals, others } = this.count();
    return withdrawals + others < MANY ? Number.POSITIVE_INFINITY : TURN_AHEAD_MS.among;
  }

  private current(): { readonly who: string; readonly from?: number } | undefined {
    if (this.turn && this.turn.until <= this.now()) this.endTurn(this.turn.who);
    return this.turn;
  }

  private forget({ who }: Visitor): void {
    this.withdrawals.delete(who);
    this.others.delete(who);
  }

  /** Lets go of those who do not come back. Thousands may wait, so not at every visit. */
  private tidy(): void {
    const now = this.now();
    if (now - this.tidiedAt < TIDY_EVERY_MS) return;
    this.tidiedAt = now;
    for (const waiting of [this.withdrawals, this.others]) {
      for (const [who, { asksAt }] of waiting) if (asksAt + LATE_MS < now) waiting.delete(who);
    }
  }
}
