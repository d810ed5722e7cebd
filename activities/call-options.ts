import { activityInfo, Context } from '@temporalio/activity';
import type { Priority } from '../brevo/budget';
import type { CallOptions } from '../brevo/client';
import type { Identifier } from '../consent/identifier';

/**
 * Longest wait for a turn inside an activity, in ms; a longer one is handed to Temporal. Rarely met, as no more is
 * fetched from Temporal than goes at once; five such waits and calls fit into an activity's time.
 */
const MAX_WAIT_MS = 15_000;

/** A cancelled activity makes no further call; whoever cancelled it looks again before writing anything else. */
export function callOptions(integration: string, about?: Identifier): CallOptions {
  return {
    party: integration,
    priority: priorityOf(activityInfo().priority?.priorityKey),
    maxWaitMs: MAX_WAIT_MS,
    signal: Context.current().cancellationSignal,
    attempt: activityInfo().attempt,
    ...(about && { secrets: [about.value] }),
  };
}

/** Temporal's priority keys, as the workflow gives them. */
export function priorityOf(key = 3): Priority {
  if (key <= 1) return 'withdrawal';
  if (key >= 5) return 'bulk';
  return key === 4 ? 'bulkWithdrawal' : 'live';
}

/** Of the workflow that asked for this activity. */
export function workflowId(): string {
  return activityInfo().workflowExecution?.workflowId ?? '';
}
