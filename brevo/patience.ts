import { BrevoUnavailableError } from './errors';

/** The longest wait for an answer is this many times the shortest. */
const MOST_PATIENT = 4.5;

/**
 * How long answers of one account are waited for. Each attempt of a call waits twice as long as the one before, so that
 * a Brevo that takes a minute for everything still gets to hear of a withdrawal; and the next calls of the same kind
 * begin with what the last ones needed, so that each of them does not put the same load on Brevo several times.
 */
export class Patience {
  private readonly neededMs = new Map<string, number>();

  /**
   * @param shortestMs for the first attempt while answers come quickly
   * @param onSlowAnswer told of answers that took longer than half of that
   */
  constructor(
    private readonly shortestMs: number,
    private readonly onSlowAnswer?: (call: string, ms: number) => void,
  ) {}

  /**
   * Makes a call with a time limit, and learns from how long it takes.
   *
   * @param kind of the call, as `PUT /contacts/{identifier}`
   * @param attempt from 1
   * @throws whatever `exchange` throws
   */
  async wait<T>(kind: string, attempt: number, exchange: (timeoutMs: number) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const timeoutMs = this.timeoutMs(kind, attempt);
    try {
      const answer = await exchange(timeoutMs);
      const ms = performance.now() - startedAt;
      this.neededMs.set(kind, 2 * ms);
      if (ms > this.shortestMs / 2) this.onSlowAnswer?.(kind, ms);
      return answer;
    } catch (error) {
      if (isTimeout(error)) this.neededMs.set(kind, 2 * timeoutMs);
      throw error;
    }
  }

  private timeoutMs(kind: string, attempt: number): number {
    const grown = this.shortestMs * 2 ** Math.max(0, attempt - 1);
    return Math.min(Math.max(grown, this.neededMs.get(kind) ?? 0), this.shortestMs * MOST_PATIENT);
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof BrevoUnavailableError && error.code === 'ETIMEDOUT';
}
