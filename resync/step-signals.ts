/** When a step of a run ends. */
export interface StepSignals {
  /** Nothing further is begun then; a call that is under way comes to its end, and counts. */
  readonly ending: AbortSignal;
  /** What is under way is broken off too. Then the step is ending as well. */
  readonly interrupted: AbortSignal;
}

/** Whether this was thrown because the step ends: no failure. */
export function isEndOf({ ending, interrupted }: StepSignals, error: unknown): boolean {
  return [ending, interrupted].some(({ aborted, reason }) => aborted && error === reason);
}
