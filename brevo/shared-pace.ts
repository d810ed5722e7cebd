const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** Most of a rate of which nothing is saved up: calls on their way come closer to each other than they were sent. */
const MOST = 0.97;

/** How long calls that came back all at once count as a sign that Brevo counts in windows, in ms. */
const WINDOWS_STAY_MS = 60_000;

/** How long calls that had been saved up count as a sign that Brevo keeps a bucket, in ms. */
const BUCKET_STAYS_MS = 600_000;

/** A little less than a second, so that no call which has just come back is counted twice, in ms. */
const COUNTED_MS = 900;

/** Calls gone from a bucket for which whoever is alone need not slow down, as a part of the limit. */
const SPARE = 0.1;

/**
 * In a bucket calls get scarce because of others. Where they have been so for this long, in ms, but not so scarce as two
 * others make them, and nothing was ever saved up, or where there are refusals in spite of it, there is perhaps none.
 */
const NO_BUCKET = { afterMs: 5_000, scarce: 0.9, others: 0.39, refusals: 2, first: 1.5 } as const;
/** Weight of each answer in what is usual. */
const USUAL = 0.1;

/**
 * A refusal leaves so much of the share that was got until then, and never takes more than the rest of `least`. Within
 * `oneMs` it counts once: what was refused was on its way already.
 */
const REFUSAL = { leaves: 0.9, least: 0.5, oneMs: 500 } as const;

/** No share is smaller, however often Brevo refuses. */
const LEAST = 0.05;

/** How a share comes back: fast at first, hardly at all near the one that was refused, and fast again beyond, in 1/s³. */
const GROWTH = 2e-6;

/** How much the share grows in a second for each part of the limit that was left beyond these. */
const PLENTY = { left: 0.2, leftInWindow: 0.3, growth: 0.1 } as const;

/**
 * Which share of the account's rate this process may take, so that all who use the account together use it up and no
 * more. Nobody coordinates: everybody sees in Brevo's headers how many calls are left for all of them, and is refused
 * where there are none.
 *
 * Brevo does not say how it counts. Where calls that nobody makes are saved up (a bucket that fills evenly), everybody
 * calls the slower the fewer are left. So all settle where together they make as many calls as Brevo gives, each as many
 * as the others, and whoever is alone has all. Where nothing is saved up (windows of a second, or the second before each
 * call), few are left at the full rate also for one that is alone, and without headers nobody knows: there only a refusal
 * tells. It shows how many calls of a second were this process's part. That share is taken up again, and exceeded only
 * slowly, which in the end makes the shares alike too.
 */
export class SharedPace {
  private inBucket = 1;
  private bucketUntil = Number.NEGATIVE_INFINITY;
  private windowsUntil = Number.NEGATIVE_INFINITY;
  /** Neither bucket nor windows, as far as can be seen. */
  private isPlain = false;
  private left: { readonly remaining: number; readonly at: number } | undefined;
  private usuallyInBucket = 0;
  private scarceSince: number | undefined;
  /** When calls of the last second were counted that were not refused. */
  private made: readonly number[] = [];
  /** When calls of the last minute were refused. */
  private refusals: readonly number[] = [];
  /** The share that is aimed at since, and the one from which it began. */
  private aim: { readonly at: number; readonly share: number; readonly from: number } | undefined;
  /** On top of it, because plenty was left. */
  private gained = 0;
  private leastLeft: { readonly remaining: number; readonly since: number } | undefined;

  /** An answer came that is no refusal. @param countedAt ms, about when Brevo counted its call @param now ms */
  noteMade(countedAt: number, now: number): void {
    this.made = [...this.made.filter((at) => at > now - SECOND_MS), countedAt];
  }

  /**
   * @param limit calls a second of the account
   * @param remaining of them, at the time of an answer
   * @param now ms
   */
  learn(limit: number, remaining: number, now: number): void {
    const { left } = this;
    this.left = { remaining, at: now };
    this.inBucket = Math.min(1, (remaining + 1) / (limit * (1 - SPARE)));
    this.usuallyInBucket += (this.inBucket - this.usuallyInBucket) * USUAL;
    if (left && remaining - left.remaining > mayHaveComeBack(limit, now - left.at)) {
      this.windowsUntil = now + WINDOWS_STAY_MS;
      this.bucketUntil = Number.NEGATIVE_INFINITY;
      this.gain(left.remaining / limit - PLENTY.leftInWindow);
    }
    if (this.hasWindows(now)) return;
    this.lookForBucket(limit, remaining, now);
    this.gainOfLeast(limit, remaining, now);
  }

  /** Whether Brevo says what is left. */
  hears(): boolean {
    return this.left !== undefined;
  }

  /** Brevo answers without saying what is left: what it said before is no guide any more. */
  forgetLeft(): void {
    this.left = undefined;
    this.leastLeft = undefined;
    this.scarceSince = undefined;
  }

  /** Brevo had no call left. @param limit calls a second of the account, as far as known @param now ms */
  refuse(limit: number, now: number): void {
    if (this.refusals.some((at) => at > now - REFUSAL.oneMs)) return;
    this.refusals = [...this.refusals.filter((at) => at > now - MINUTE_MS), now];
    const share = this.current(now);
    if (this.refusals.length >= NO_BUCKET.refusals) this.isPlain = true;
    const made = this.made.filter((at) => at > now - SECOND_MS).length;
    const got = Math.max(share * REFUSAL.least, Math.min(share, (made + 1) / limit));
    // Whoever gets less than before leaves room, so that others come up to it.
    const isLess = this.aim !== undefined && got < this.aim.share;
    this.aimAt(isLess ? (got * (1 + REFUSAL.leaves)) / 2 : got, got * REFUSAL.leaves, now);
  }

  /** Above 0, at most 1. @param now ms */
  current(now: number): number {
    if (this.hasWindows(now)) return this.untilRefused(now);
    if (this.isPlain || !this.left) return this.untilRefused(now);
    if (this.hasBucket(now) || !this.aim) return this.inBucket;
    return Math.min(this.inBucket, this.untilRefused(now));
  }

  /** Whether calls seem to come back all at once. @param now ms */
  hasWindows(now: number): boolean {
    return now < this.windowsUntil;
  }

  /** Whether no calls left means that there are none for a while; else one comes back at any moment. @param now ms */
  isOverAtNone(now: number): boolean {
    return this.hasWindows(now) || !this.isPlain;
  }

  private hasBucket(now: number): boolean {
    return now < this.bucketUntil;
  }

  private lookForBucket(limit: number, remaining: number, now: number): void {
    // Without a bucket, calls made and calls left in a second are no more than the limit.
    const made = this.made.filter((at) => at > now - COUNTED_MS).length;
    if (remaining + made > limit) {
      this.bucketUntil = now + BUCKET_STAYS_MS;
      this.isPlain = false;
      this.refusals = [];
    }
    const isScarce = this.inBucket < NO_BUCKET.scarce && this.usuallyInBucket > NO_BUCKET.others;
    if (!isScarce || this.hasBucket(now) || this.isPlain) this.scarceSince = undefined;
    else this.scarceSince ??= now;
    if (this.scarceSince !== undefined && now - this.scarceSince > NO_BUCKET.afterMs) {
      this.isPlain = true;
      const share = Math.min(MOST, this.inBucket * NO_BUCKET.first);
      this.aimAt(share, share, now);
    }
  }

  private gainOfLeast(limit: number, remaining: number, now: number): void {
    const { leastLeft } = this;
    if (leastLeft && now - leastLeft.since < SECOND_MS) {
      this.leastLeft = { remaining: Math.min(remaining, leastLeft.remaining), since: leastLeft.since };
      return;
    }
    if (leastLeft) this.gain(leastLeft.remaining / limit - PLENTY.left);
    this.leastLeft = { remaining, since: now };
  }

  private gain(left: number): void {
    this.gained += PLENTY.growth * Math.max(0, left);
  }

  private aimAt(share: number, from: number, now: number): void {
    this.aim = { at: now, share: Math.max(LEAST, share), from: Math.max(LEAST, from) };
    this.gained = 0;
  }

  private untilRefused(now: number): number {
    if (!this.aim) return this.left ? MOST : 1;
    const { at, share, from } = this.aim;
    const beyond = (now - at) / SECOND_MS - Math.cbrt((share - from) / GROWTH);
    return Math.min(MOST, share + GROWTH * beyond ** 3 + this.gained);
  }
}

/** More cannot have come back one after the other, whatever answers were late. */
function mayHaveComeBack(limit: number, ms: number): number {
  return (ms / SECOND_MS) * limit + limit / 20 + 1;
}
