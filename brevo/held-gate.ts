import {
  BrevoDuplicateError,
  BrevoHeldError,
  BrevoNotFoundError,
  BrevoRefusedError,
  type HeldReason,
} from './errors';

export interface HeldGateOptions {
  /** How often one call may try whether Brevo serves the account again. */
  readonly probeEveryMs?: number;
  /** Monotonic clock in ms. */
  readonly now?: () => number;
}

const PROBE_EVERY_MS = 10_000;

/**
 * Spares Brevo and the budget the calls of an account that Brevo does not serve: they fail at once with the error
 * that closed the gate, save one probe now and then, and the first that gets through opens it. One gate an account.
 */
export class HeldGate {
  private readonly probeEveryMs: number;
  private readonly now: () => number;
  private closedBy: BrevoHeldError | undefined;
  private nextProbeAt = 0;

  constructor({ probeEveryMs, now }: HeldGateOptions = {}) {
    this.probeEveryMs = probeEveryMs ?? PROBE_EVERY_MS;
    this.now = now ?? (() => performance.now());
  }

  /** @throws BrevoHeldError when the gate is closed and no probe is due */
  check(): void {
    if (this.closedBy !== undefined && this.now() < this.nextProbeAt) throw this.closedBy;
  }

  /**
   * Makes the call, as a probe if the gate is closed.
   * @throws BrevoHeldError when the gate is closed and no probe is due; whatever `call` throws
   */
  async pass<T>(call: () => Promise<T>): Promise<T> {
    this.check();
    this.nextProbeAt = this.now() + this.probeEveryMs;
    try {
      const result = await call();
      this.closedBy = undefined;
      return result;
    } catch (error) {
      if (error instanceof BrevoHeldError && CLOSES.has(error.reason)) {
        this.closedBy = error;
        this.nextProbeAt = this.now() + this.probeEveryMs;
      } else if (isAnswerToUs(error)) {
        this.closedBy = undefined;
      }
      throw error;
    }
  }
}

/** What concerns every call of the account; a missing permission or credit concerns the one kind of call. */
const CLOSES: ReadonlySet<HeldReason> = new Set(['key', 'ip']);

/** Brevo looked at what was asked, so it serves the account. */
function isAnswerToUs(error: unknown): boolean {
  return (
    error instanceof BrevoRefusedError ||
    error instanceof BrevoDuplicateError ||
    error instanceof BrevoNotFoundError
  );
}
