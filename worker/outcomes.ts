import { type InjectedSinks, Runtime } from '@temporalio/worker';
import { contactKeyIn } from '../client/keys';
import type { OutcomeReport, OutcomeSinks } from '../workflows/outcome-sink';
import { traceOutcome } from './activity-tracing';

/** An outcome that a contact came to, as this process learns of it. No personal data. */
export interface ContactOutcome extends OutcomeReport {
  readonly workflowId: string;
  readonly runId: string;
  readonly contactKey: string;
}

export type OutcomeListener = (outcome: ContactOutcome) => void;

/**
 * What contacts' workflows tell their worker: each outcome once, and none while a history is replayed.
 *
 * @param onOutcome one that throws is logged, and does the workflow no harm
 */
export function outcomeSinks(onOutcome: OutcomeListener = () => {}): InjectedSinks<OutcomeSinks> {
  return {
    consentSync: {
      outcome: {
        fn({ workflowId, runId }, report) {
          try {
            const outcome = { ...report, workflowId, runId, contactKey: contactKeyIn(workflowId) };
            traceOutcome(outcome);
            onOutcome(outcome);
          } catch (error) {
            Runtime.instance().logger.error('an outcome could not be counted or logged', { error });
          }
        },
        callDuringReplay: false,
      },
    },
  };
}
