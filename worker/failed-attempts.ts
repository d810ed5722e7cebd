import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInterceptors } from '@temporalio/worker';
import { BREVO_FAILURES, type ContactActivities } from '../workflows/activities-contract';
import { DIDOMI_FAILURES, type DidomiActivities } from '../workflows/didomi-contract';

/** An attempt of a call for a contact that failed, and is made again. No personal data. */
export interface FailedAttempt {
  readonly integration: string;
  /** From 1. */
  readonly attempt: number;
}

export type FailedAttemptListener = (failed: FailedAttempt) => void;

/** What is done for one contact. Waiting for an account that is held is none of it. */
const CALLS: ReadonlySet<string> = new Set<
  Exclude<keyof (ContactActivities & DidomiActivities), 'awaitBrevo'>
>(['lookUpContact', 'createContact', 'updateContact', 'clearBlacklist', 'readDidomiUser']);

/** Waiting for one's turn, and for somebody to do what the contact's outcome asks for already. */
const ROUTINE: ReadonlySet<string | null | undefined> = new Set([
  BREVO_FAILURES.rateLimited,
  BREVO_FAILURES.held,
  DIDOMI_FAILURES.rateLimited,
  DIDOMI_FAILURES.held,
]);

/**
 * An interceptor that tells of attempts that failed, for whatever reason. A contact whose calls fail again and again is
 * neither held nor rejected, and the status of an answer does not say whether it was of any use.
 */
export function failedAttempts(listener: FailedAttemptListener) {
  return ({ info }: Pick<Context, 'info'>): ActivityInterceptors => ({
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          const integration = integrationIn(input.args);
          if (integration !== undefined && CALLS.has(info.activityType) && isMadeAgain(error)) {
            listener({ integration, attempt: info.attempt });
          }
          throw error;
        }
      },
    },
  });
}

function isMadeAgain(error: unknown): boolean {
  if (error instanceof CancelledFailure) return false;
  if (!(error instanceof ApplicationFailure)) return true;
  return error.nonRetryable !== true && !ROUTINE.has(error.type);
}

function integrationIn([input]: readonly unknown[]): string | undefined {
  if (typeof input !== 'object' || input === null || !('integration' in input)) return undefined;
  return typeof input.integration === 'string' ? input.integration : undefined;
}
