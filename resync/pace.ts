import { setTimeout as sleep } from 'node:timers/promises';

/** Spreads turns evenly. */
export class Pace {
  private readonly gapMs: number;

  /** @param rate turns a second; undefined = no limit @param nextAt ms since 1970 */
  constructor(
    rate: number | undefined,
    public nextAt: number,
  ) {
    this.gapMs = rate === undefined ? 0 : 1000 / rate;
  }

  /** Waits for the next turn, which is not taken when the signal comes first. */
  async turn(signal: AbortSignal): Promise<void> {
    if (this.gapMs === 0) return;
    const now = Date.now();
    // A rate that was raised does not wait for what the old one would have allowed.
    const at = Math.max(now, Math.min(this.nextAt, now + this.gapMs));
    if (at > now) await sleep(at - now, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) this.nextAt = at + this.gapMs;
  }
}
