import { ApplicationFailure } from '@temporalio/activity';
import {
  BrevoDuplicateError,
  BrevoError,
  BrevoHeldError,
  BrevoNotFoundError,
  BrevoRateLimitedError,
  BrevoRefusedError,
} from '../brevo/errors';
import { BREVO_FAILURES, type BrevoFailureDetail } from '../workflows/activities-contract';
import { LedgerChangedError } from './ledger-seen';

/**
 * Turns what the Brevo client throws into what Temporal does next: a failure that the workflow handles, or one
 * that Temporal retries, after Brevo's own waiting time where it told one. Anything else is passed on.
 */
export function asTemporalFailure(error: unknown, detail: Partial<BrevoFailureDetail> = {}): unknown {
  if (error instanceof LedgerChangedError) {
    const details: [BrevoFailureDetail] = [{ reason: error.message, ...detail }];
    const type = BREVO_FAILURES.ledgerChanged;
    return ApplicationFailure.create({ message: error.message, type, details, nonRetryable: true });
  }
  if (!(error instanceof BrevoError)) return error;
  const details: [BrevoFailureDetail] = [{ ...detailOf(error), ...detail }];
  const { message } = error;
  if (error instanceof BrevoRateLimitedError) {
    return ApplicationFailure.create({
      message,
      type: BREVO_FAILURES.rateLimited,
      details,
      nextRetryDelay: error.retryAfterMs,
    });
  }
  const type = finalType(error);
  if (type) return ApplicationFailure.create({ message, type, details, nonRetryable: true });
  return ApplicationFailure.create({ message, type: BREVO_FAILURES.unavailable, details });
}

function finalType(error: BrevoError): string | undefined {
  if (error instanceof BrevoHeldError) return BREVO_FAILURES.held;
  if (error instanceof BrevoDuplicateError) return BREVO_FAILURES.duplicate;
  if (error instanceof BrevoNotFoundError) return BREVO_FAILURES.notFound;
  if (error instanceof BrevoRefusedError) return BREVO_FAILURES.refused;
  return undefined;
}

function detailOf(error: BrevoError): BrevoFailureDetail {
  const { message, status, code, requestId } = error;
  return {
    reason: message,
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    ...(requestId !== undefined && { requestId }),
    ...(error instanceof BrevoHeldError && { call: error.call, ...(!error.asked && { notAsked: true }) }),
  };
}
