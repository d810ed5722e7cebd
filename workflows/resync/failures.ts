import { ActivityFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';

/** Also an attempt that failed, or whose reader died, after it was to be interrupted: Temporal does not repeat it. */
export function isInterruption(error: unknown): boolean {
  return (
    isCancellation(error) || (error instanceof ActivityFailure && error.retryState === 'CANCEL_REQUESTED')
  );
}

/** Nobody took the step. */
export function isAbandoned(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === 'SCHEDULE_TO_START'
  );
}
