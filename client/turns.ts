interface Waiting {
  readonly left: () => number;
  readonly begin: () => void;
}

/** Lets so many at a time; those first of whose kind the least is left, and of these the one that came first. */
export class Turns {
  private taken = 0;
  private readonly waiting: Waiting[] = [];

  constructor(private readonly atOnce: number) {}

  /**
   * @param left how much is left of what this is part of, asked each time that a place gets free. Whatever is nearly
   * done is done first, so that of much that comes at once one after the other ends, instead of all too late
   * @throws whatever `act` throws
   */
  async run<T>(left: () => number, act: () => Promise<T>): Promise<T> {
    if (this.taken < this.atOnce) this.taken += 1;
    else await new Promise<void>((begin) => this.waiting.push({ left, begin }));
    try {
      return await act();
    } finally {
      const next = this.next();
      if (next) next.begin();
      else this.taken -= 1;
    }
  }

  private next(): Waiting | undefined {
    let [least, index] = [Number.POSITIVE_INFINITY, -1];
    this.waiting.forEach(({ left }, at) => {
      const mine = left();
      if (mine < least) [least, index] = [mine, at];
    });
    return this.waiting.splice(Math.max(index, 0), 1)[0];
  }
}
