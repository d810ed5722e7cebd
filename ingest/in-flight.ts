import { type ProblemError, plainProblem } from './problem';

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
   * @param bytes how long the body is said to be; undefined when it is not said, and `work` tells as it comes
   * @throws ProblemError 429 when too much is under way; `work` throws it too, through what it is given
   */
  async run<T>(
    bytes: number | undefined,
    work: (arrived: (bytes: number) => void) => Promise<T>,
  ): Promise<T> {
    const { limits } = this;
    if (this.requests >= limits.requests) throw tooMuch();
    let counted = 0;
    const count = (upTo: number) => {
      const more = upTo - counted;
      if (more <= 0) return;
      const alone = this.bytes === counted;
      if (!alone && this.bytes + more > limits.bytes) throw tooMuch();
      this.bytes += more;
      counted = upTo;
    };
    count(bytes ?? 0);
    this.requests += 1;
    try {
      return await work(count);
    } finally {
      this.requests -= 1;
      this.bytes -= counted;
      if (this.requests === 0) for (const resolve of this.waiting.splice(0)) resolve();
    }
  }

  /** Resolves when nothing is under way, also nothing whose caller went away. */
  ended(): Promise<void> {
    if (this.requests === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

function tooMuch(): ProblemError {
  return plainProblem(
    429,
    { detail: 'Too many requests are being worked on. Send it again; nothing of it was taken.' },
    { 'retry-after': '1' },
  );
}
