const SECOND_MS = 1_000;

/** How long calls that came back all at once count as a sign that Brevo counts in windows, in ms. */
const WINDOWS_STAY_MS = 60_000;

/** Calls gone from a bucket for which whoever is alone need not slow down, as a part of the limit. */
const SPARE = 0.1;

/** With windows: what a refusal leaves of the share, and what a window without one adds to it. */
const IN_WINDOWS = {
  most: 0.97,
  afterRefusal: 0.8,
  growth: 0.004,
  /** Where so much of a window was left over, as a part of the limit, growth is faster. */
  plenty: 0.3,
  fastGrowth: 0.03,
} as const;

/**
 * Which share of the account's rate this process may take, so that all who use the account together use it up and no
 * more. Nobody coordinates: everybody sees in Brevo's headers how many calls are left for all of them.
 *
 * Brevo does not say how it counts. Where calls come back one after the other (a bucket that fills evenly), everybody
 * calls the slower the fewer are left. So all settle where together they make as many calls as Brevo gives, each as many
 * as the others, and whoever is alone has all. Where they come back at once (windows of a second), few are left at the
 * end of each window also for one that is alone. There the share grows a little with each window and falls with a
 * refusal, which in the end makes the shares alike too.
 */
export class SharedPace {
  private inBucket = 1;
  private inWindows: number = IN_WINDOWS.most;
  private windowsUntil = Number.NEGATIVE_INFINITY;
  private left: { readonly remaining: number; readonly at: number } | undefined;
  private refused = false;

  /**
   * @param limit calls a second of the account
   * @param remaining of them, at the time of an answer
   * @param refused whether the answer was that there is none left
   * @param now ms
   */
  learn(limit: number, remaining: number, refused: boolean, now: number): void {
    const { left } = this;
    this.left = { remaining, at: now };
    if (left && remaining - left.remaining > mayHaveComeBack(limit, now - left.at)) {
      this.windowsUntil = now + WINDOWS_STAY_MS;
      this.endWindow(left.remaining / limit);
    }
    if (refused && !this.refused) this.inWindows *= IN_WINDOWS.afterRefusal;
    this.refused ||= refused;
    this.inBucket = Math.min(1, (remaining + 1) / (limit * (1 - SPARE)));
  }

  /** Above 0, at most 1. @param now ms */
  current(now: number): number {
    return this.hasWindows(now) ? this.inWindows : this.inBucket;
  }

  /** Whether calls seem to come back all at once. @param now ms */
  hasWindows(now: number): boolean {
    return now < this.windowsUntil;
  }

  private endWindow(leftOver: number): void {
    if (!this.refused) {
      const growth = leftOver > IN_WINDOWS.plenty ? IN_WINDOWS.fastGrowth : IN_WINDOWS.growth;
      this.inWindows = Math.min(IN_WINDOWS.most, this.inWindows + growth);
    }
    this.refused = false;
  }
}

/** More cannot have come back one after the other, whatever answers were late. */
function mayHaveComeBack(limit: number, ms: number): number {
  return (ms / SECOND_MS) * limit + limit / 20 + 1;
}
