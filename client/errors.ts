import { isGrpcServiceError, NamespaceNotFoundError, ServiceError } from '@temporalio/client';

/** Temporal cannot be reached, or did not take what it was given. Trying again is harmless. */
export class TemporalUnavailableError extends Error {
  override readonly name = 'TemporalUnavailableError';

  constructor(address: string, reason: unknown) {
    super(`Temporal${address === '' ? '' : ` at ${address}`} does not take it: ${describe(reason)}`);
  }
}

/** The contact was forgotten while the change was being settled, which is forgotten with it. */
export class ContactForgottenError extends Error {
  override readonly name = 'ContactForgottenError';

  constructor() {
    super('The contact was forgotten meanwhile, and this change with it. Submit it again if it is to count.');
  }
}

/** An integration is resynced by one run at a time. */
export class ResyncRunningError extends Error {
  override readonly name = 'ResyncRunningError';

  constructor({ run, integration }: { readonly run: string; readonly integration: string }) {
    super(
      `The integration "${integration}" already has a resync under way, ${run}. See it with "consent-sync resync status ${run}", go on with it with "resync start --resume ${run}", or end it with "resync cancel ${run}".`,
    );
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
