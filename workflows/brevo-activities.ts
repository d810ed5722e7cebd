import {
  ActivityCancellationType,
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type Admission,
  type AwaitBrevoInput,
  BREVO_FAILURES,
  type BrevoFailureDetail,
  type ContactActivities,
} from './activities-contract';
import { brevoTaskQueue, PRIORITY } from './contract';
import type { Urgency } from './urgency';

const RETRY_WITHOUT_END = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '1 minute',
} as const;

/** A call to which Brevo does not answer, with its wait for a turn, and some to spare. */
const START_TO_CLOSE = '3 minutes';
/** Six calls, as clearing the blacklist may make, that Brevo answers after a minute and a half each. */
const LONGEST_START_TO_CLOSE = '10 minutes';

/** A worker that has died is known by then, and somebody else goes on. */
const HEARTBEAT_TIMEOUT = '15 seconds';

const activities = proxyActivities<ContactActivities>({ startToCloseTimeout: START_TO_CLOSE });

/** Options of a call to the Brevo account: it waits in the account's own queue, where its priority counts. */
function callOptions(integration: string, urgency: Urgency, summary: string): ActivityOptions {
  return {
    startToCloseTimeout: LONGEST_START_TO_CLOSE,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: RETRY_WITHOUT_END,
    taskQueue: brevoTaskQueue(workflowInfo().taskQueue, integration),
    priority: { priorityKey: PRIORITY[urgency], fairnessKey: integration },
    summary,
  };
}

/** How an activity is asked for. */
export interface CallInfo {
  readonly urgency: Urgency;
  /** What a person reads in the Temporal UI. */
  readonly summary: string;
  /** How the contact got past the wait for a held account, if it had to wait. */
  readonly gate?: Admission | undefined;
}

/** Calls one activity at the given urgency. */
export function call<Name extends Exclude<keyof ContactActivities, 'awaitBrevo'>>(
  name: Name,
  input: Parameters<ContactActivities[Name]>[0],
  { urgency, summary, gate }: CallInfo,
): ReturnType<ContactActivities[Name]> {
  const options = callOptions(input.integration, urgency, summary);
  const activity = activities[name] as {
    executeWithOptions(options: ActivityOptions, args: [typeof input]): Promise<unknown>;
  };
  const admitted = gate ? { ...input, gate } : input;
  return activity.executeWithOptions(options, [admitted]) as ReturnType<ContactActivities[Name]>;
}

/**
 * Waits until the account serves the contact again, or the contact is to try. Not in the account's own queue: the many
 * that wait must not use up the rate of the few that work. The activity itself says when it is to be asked again.
 */
export function awaitBrevo(
  input: AwaitBrevoInput,
  { urgency, summary }: Pick<CallInfo, 'urgency' | 'summary'>,
): Promise<Admission | undefined> {
  return activities.awaitBrevo.executeWithOptions(
    {
      startToCloseTimeout: START_TO_CLOSE,
      heartbeatTimeout: HEARTBEAT_TIMEOUT,
      retry: { initialInterval: '10 seconds', backoffCoefficient: 1.2, maximumInterval: '30 seconds' },
      priority: { priorityKey: PRIORITY[urgency] },
      summary,
    },
    [input],
  );
}

export type BrevoFailureKind = keyof typeof BREVO_FAILURES;

/** What the Brevo client said, where an activity ended with a failure of ours. */
export function brevoFailure(
  error: unknown,
): { readonly kind: BrevoFailureKind; readonly detail: BrevoFailureDetail } | undefined {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) return undefined;
  const { type, details } = error.cause;
  const found = Object.entries(BREVO_FAILURES).find(([, name]) => name === type);
  if (!found) return undefined;
  const [detail] = details ?? [];
  return { kind: found[0] as BrevoFailureKind, detail: detail as BrevoFailureDetail };
}
