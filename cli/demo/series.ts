/** Counts by the second, for the last seconds. */
export class Series {
  private readonly counts = new Map<number, number>();

  constructor(private readonly length: number) {}

  add(seconds: number): void {
    const second = Math.floor(seconds);
    this.counts.set(second, (this.counts.get(second) ?? 0) + 1);
  }

  /** Latest last; the running second is left out, as it is not over. */
  values(seconds: number): number[] {
    const last = Math.floor(seconds) - 1;
    const first = Math.max(0, last - this.length + 1);
    return Array.from(
      { length: Math.max(0, last - first + 1) },
      (_, index) => this.counts.get(first + index) ?? 0,
    );
  }
}
