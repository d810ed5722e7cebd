import { plainProblem } from './problem';

export interface InFlightLimits {
  readonly requests: number;
  /** Of all bodies together. One request alone may be larger. */
  readonly bytes: number;
}

/** How many requests are worked on at once: more would only wait in memory for the same Temporal server. */
export class InFlight {
  private requests = 0;
  private bytes = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limits: InFlightLimits) {}

  /**
   * @param bytes the most that the body can be
   * @throws ProblemError 429 when too much is under way
   */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const { limits } = this;
    const tooMany = this.requests >= limits.requests;
    if (tooMany || (this.requests > 0 && this.bytes + bytes > limits.bytes)) {
      throw plainProblem(
        429,
        { detail: 'Too many requests are being worked on. Send it again; nothing of it was taken.' },
        { 'retry-after': '1' },
      );
    }
    this.requests += 1;
    this.bytes += bytes;
    try {
      return await work();
    } finally {
      this.requests -= 1;
      this.bytes -= bytes;
      if (this.requests === 0) for (const resolve of this.waiting.splice(0)) resolve();
    }
  }

  /** Resolves when nothing is under way, also nothing whose caller went away. */
  ended(): Promise<void> {
    if (this.requests === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
