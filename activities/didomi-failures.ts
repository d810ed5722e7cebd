import { ApplicationFailure } from '@temporalio/activity';
import {
  DidomiApiError,
  DidomiHeldError,
  DidomiRateLimitedError,
  DidomiRefusedError,
} from '../didomi/api/errors';
import { DidomiMessageError } from '../didomi/message-error';
import { DIDOMI_FAILURES, type DidomiFailureDetail } from '../workflows/didomi-contract';

/**
 * Turns what the Didomi client throws into what Temporal does next. Where somebody has to do something first, the
 * failure is final unless the workflow is `patient`, so that the workflow can tell. Anything else is passed on.
 */
export function didomiFailure(error: unknown, patient: boolean): unknown {
  if (error instanceof DidomiMessageError) return held({ reason: unreadable(error) }, patient);
  if (!(error instanceof DidomiApiError)) return error;
  const { message } = error;
  const detail = detailOf(error);
  if (error instanceof DidomiHeldError || error instanceof DidomiRefusedError) return held(detail, patient);
  if (error instanceof DidomiRateLimitedError) {
    const { retryAfterMs: nextRetryDelay } = error;
    return ApplicationFailure.create({
      message,
      type: DIDOMI_FAILURES.rateLimited,
      details: [detail],
      nextRetryDelay,
    });
  }
  return ApplicationFailure.create({ message, type: DIDOMI_FAILURES.unavailable, details: [detail] });
}

function held(detail: DidomiFailureDetail, patient: boolean): ApplicationFailure {
  return ApplicationFailure.create({
    message: detail.reason,
    type: DIDOMI_FAILURES.held,
    details: [detail],
    nonRetryable: !patient,
  });
}

/** The message names a path, and never a value. */
function unreadable({ message }: DidomiMessageError): string {
  return `A record of Didomi's cannot be used: ${message}`;
}

function detailOf({ message, status, code }: DidomiApiError): DidomiFailureDetail {
  return {
    reason: message,
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
  };
}
