const SECONDS = 60;

/** How many of something there were in the last minute. */
export class Minute {
  private readonly counts = new Array<number>(SECONDS).fill(0);
  /** The second of the latest count. */
  private latest = 0;

  /** @param now s, of a clock that does not go back */
  add(now: number): void {
    this.forgetUpTo(now);
    const slot = this.latest % SECONDS;
    this.counts[slot] = (this.counts[slot] ?? 0) + 1;
  }

  count(now: number): number {
    this.forgetUpTo(now);
    return this.counts.reduce((sum, one) => sum + one, 0);
  }

  private forgetUpTo(now: number): void {
    const second = Math.floor(now);
    const passed = Math.min(second - this.latest, SECONDS);
    for (let step = 1; step <= passed; step += 1) this.counts[(this.latest + step) % SECONDS] = 0;
    // What is more than a minute ago has left nothing, wherever it stood.
    this.latest = Math.max(this.latest, second);
  }
}
