import { isGrpcServiceError } from '@temporalio/client';

/** Temporal cannot be reached, or did not take what it was given. Trying again is harmless. */
export class TemporalUnavailableError extends Error {
  override readonly name = 'TemporalUnavailableError';

  constructor(address: string, reason: unknown) {
    super(`Temporal${address === '' ? '' : ` at ${address}`} does not take it: ${describe(reason)}`);
  }
}

function describe(reason: unknown): string {
  if (isGrpcServiceError(reason)) return reason.details || reason.message;
  return reason instanceof Error ? reason.message : String(reason);
}
