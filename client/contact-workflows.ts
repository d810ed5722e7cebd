import { randomUUID } from 'node:crypto';
import {
  type Client,
  Connection,
  WithStartWorkflowOperation,
  type WorkflowStartOptions,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure, defineSearchAttributeKey, type Workflow } from '@temporalio/common';
import { isOptOut, type Statement } from '../consent/statement';
import {
  CONSENT_CHANGE_SIGNAL,
  CONSENT_SYNC_WORKFLOW,
  type ConsentSyncInput,
  PRIORITY,
  SEARCH_ATTRIBUTES,
  type SettledChange,
  SUBMIT_AND_WAIT_UPDATE,
  type SubmittedChange,
} from '../workflows/contract';
import { ContactForgottenError, isTemporalError, TemporalUnavailableError } from './errors';
import { Forgettings } from './forgettings';
import { contactKeyIn } from './keys';
import type { ForgetOrder, Signal } from './submission';

/** How long Temporal may take to store an event, in ms. */
export const STORE_DEADLINE_MS = 5_000;
const ATTEMPTS_TO_WAIT = 3;
const LISTED_AT_ONCE = 1_000;

/** For a person who opens the workflow in the Temporal UI and does not know us. */
const STATIC_DETAILS = [
  'Keeps one Brevo contact in step with the consent that Didomi collected.',
  'Current details say what is in force, since when and from which event, and what Brevo was told.',
  'The search attribute `ConsentSyncOutcome` has the outcome.',
].join(' ');

/** Starts or joins the workflows of contacts. */
export class ContactWorkflows {
  private readonly forgettings: Forgettings;

  constructor(
    private readonly temporal: Client,
    private readonly taskQueue: string,
  ) {
    this.forgettings = new Forgettings(temporal, taskQueue);
  }

  /**
   * Resolves once Temporal has the change, or that the contact is to be forgotten.
   * @throws TemporalUnavailableError
   */
  async store(signal: Signal | ForgetOrder): Promise<void> {
    if ('wish' in signal) {
      await this.speaking(() => this.forgettings.begin(signal.contact, signal.wish));
      return;
    }
    const options = {
      signal: CONSENT_CHANGE_SIGNAL,
      signalArgs: [signal.change],
      ...this.startOptions(signal),
    };
    await this.speaking(() => this.temporal.workflow.signalWithStart(CONSENT_SYNC_WORKFLOW, options));
  }

  /**
   * As `store`, and waits until the change is settled in Brevo, or held.
   * @throws TemporalUnavailableError
   * @throws ContactForgottenError
   */
  settle(signal: Signal): Promise<SettledChange> {
    return this.settleWithin(signal, ATTEMPTS_TO_WAIT);
  }

  /**
   * Keys of the contacts of an integration to which Brevo's account may still owe a write: what Brevo holds of them may
   * be about to change. Temporal's listing is about a second behind.
   */
  async owed(integration: string): Promise<ReadonlySet<string>> {
    const { outcome } = SEARCH_ATTRIBUTES;
    const query = [
      `WorkflowType = "${CONSENT_SYNC_WORKFLOW}"`,
      `TaskQueue = "${this.taskQueue}"`,
      `${SEARCH_ATTRIBUTES.integration} = "${integration}"`,
      'ExecutionStatus = "Running"',
      `(${outcome} IS NULL OR ${outcome} = "held")`,
    ].join(' AND ');
    const keys = new Set<string>();
    for await (const { workflowId } of this.temporal.workflow.list({ query, pageSize: LISTED_AT_ONCE })) {
      keys.add(contactKeyIn(workflowId));
    }
    return keys;
  }

  /** @throws TemporalUnavailableError also when Temporal does not answer in time */
  async speaking<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await this.temporal.withDeadline(Date.now() + STORE_DEADLINE_MS, call);
    } catch (error) {
      throw this.inOurTerms(error);
    }
  }

  private async settleWithin(signal: Signal, attempts: number): Promise<SettledChange> {
    const startWorkflowOperation = new WithStartWorkflowOperation<Workflow>(CONSENT_SYNC_WORKFLOW, {
      ...this.startOptions(signal),
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
    try {
      return await this.temporal.workflow.executeUpdateWithStart<Workflow, SettledChange, [SubmittedChange]>(
        SUBMIT_AND_WAIT_UPDATE,
        { startWorkflowOperation, args: [signal.change], updateId: randomUUID() },
      );
    } catch (error) {
      if (attempts > 1 && endedMeanwhile(error)) {
        await this.requireNotForgotten(signal);
        return this.settleWithin(signal, attempts - 1);
      }
      throw this.inOurTerms(error);
    }
  }

  /** Else a change would bring the contact back that was deleted with it. */
  private async requireNotForgotten({ integration, workflowId, change }: Signal): Promise<void> {
    const since = await this.forgettings.since({ integration, contactKey: contactKeyIn(workflowId) });
    if (since !== undefined && since >= change.receivedAt) throw new ContactForgottenError();
  }

  private startOptions({ integration, identifier, workflowId, change }: Signal): WorkflowStartOptions & {
    args: [ConsentSyncInput];
  } {
    return {
      workflowId,
      taskQueue: this.taskQueue,
      args: [{ integration, identifier }],
      ...(withdraws(change) && { priority: FIRST }),
      staticSummary: `${integration}: contact by ${identifier.kind}`,
      staticDetails: STATIC_DETAILS,
      typedSearchAttributes: [
        { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.integration, 'KEYWORD'), value: integration },
        {
          key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.eventIds, 'KEYWORD_LIST'),
          value: [change.eventKey],
        },
      ],
    };
  }

  private inOurTerms(error: unknown): unknown {
    return isTemporalError(error) ? new TemporalUnavailableError(addressOf(this.temporal), error) : error;
  }
}

/** A contact of which nothing is known yet is not looked at behind thousands of others where it withdraws. */
const FIRST = { priorityKey: PRIORITY.withdrawal };

function withdraws({ bulk, statements }: SubmittedChange): boolean {
  return !bulk && statements.some(saysNo);
}

function saysNo(statement: Statement): boolean {
  if ('choice' in statement) return isOptOut(statement.choice.value);
  return 'snapshot' in statement && isOptOut(statement.snapshot.value);
}

/** The workflow was done, or continued as new, before it took the update up. */
function endedMeanwhile(error: unknown): boolean {
  return (
    error instanceof WorkflowUpdateFailedError &&
    error.cause instanceof ApplicationFailure &&
    error.cause.type === 'AcceptedUpdateCompletedWorkflow'
  );
}

function addressOf({ connection }: Client): string {
  return connection instanceof Connection ? (connection.options.address ?? '') : '';
}
