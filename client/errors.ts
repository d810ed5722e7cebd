import { isGrpcServiceError, NamespaceNotFoundError, ServiceError } from '@temporalio/client';

/** Temporal cannot be reached, or did not take what it was given. Trying again is harmless. */
export class TemporalUnavailableError extends Error {
  override readonly name = 'TemporalUnavailableError';

  constructor(address: string, reason: unknown) {
    super(`Temporal${address === '' ? '' : ` at ${address}`} does not take it: ${describe(reason)}`);
  }
}

/** There is no such resync. */
export class UnknownRunError extends Error {
  override readonly name = 'UnknownRunError';

  constructor(run: string | undefined) {
    super(
      run === undefined
        ? 'There is no resync yet: start one with "consent-sync resync start".'
        : `There is no resync "${run}": "consent-sync resync list" shows them.`,
    );
  }
}

/** Whether a failed call says something about the server, and nothing about what it was given. */
export function isTemporalError(error: unknown): boolean {
  return (
    error instanceof ServiceError || error instanceof NamespaceNotFoundError || isGrpcServiceError(error)
  );
}

function describe(reason: unknown): string {
  if (reason instanceof NamespaceNotFoundError) return `it has no namespace "${reason.namespace}"`;
  const cause = reason instanceof ServiceError ? reason.cause : reason;
  if (isGrpcServiceError(cause)) return cause.details || cause.message;
  return cause instanceof Error ? cause.message : String(reason);
}
