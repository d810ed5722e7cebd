import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../workflows/contract';
import {
  FORGET_WORKFLOW,
  type ForgetInput,
  type ForgetWish,
  forgetWorkflowId,
  type KeptContact,
} from '../workflows/forget/contract';

const PREFIX = forgetWorkflowId({ integration: '', contactKey: '' }).slice(0, -1);
const STATIC_DETAILS =
  'Has one contact forgotten: waits until its workflow has written what it owes, deletes all of its runs, and stays for 30 days, so that no resync which had read of the contact before brings it back.';

/** Which contacts are to be forgotten, or are: a workflow each, that every process finds by its id. */
export class Forgettings {
  constructor(
    private readonly temporal: Client,
    private readonly taskQueue: string,
  ) {}

  /** Resolves once Temporal has the wish. One of the same contact before is replaced. */
  async begin(contact: KeptContact, wish: ForgetWish): Promise<void> {
    const { integration, contactKey } = contact;
    await this.temporal.workflow.start(FORGET_WORKFLOW, {
      workflowId: forgetWorkflowId(contact),
      taskQueue: this.taskQueue,
      // What counts is when the latest run began.
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
      args: [{ integration, contactKey, wish } satisfies ForgetInput],
      staticSummary: `${integration}: forget a contact`,
      staticDetails: STATIC_DETAILS,
      typedSearchAttributes: [
        { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.integration, 'KEYWORD'), value: integration },
      ],
    });
  }

  /** Since when a contact is to be forgotten, in ms since 1970; undefined: it is not, or long ago. */
  async since(contact: KeptContact): Promise<number | undefined> {
    try {
      const { startTime } = await this.temporal.workflow.getHandle(forgetWorkflowId(contact)).describe();
      return startTime.getTime();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  /** All of them, as Temporal's listing has them: about a second behind. */
  async all(): Promise<KeptContact[]> {
    const query = `WorkflowType = "${FORGET_WORKFLOW}" AND TaskQueue = "${this.taskQueue}" AND ExecutionStatus = "Running"`;
    const contacts: KeptContact[] = [];
    for await (const { workflowId } of this.temporal.workflow.list({ query, pageSize: LISTED_AT_ONCE })) {
      const [integration = '', contactKey = ''] = workflowId.slice(PREFIX.length).split('/');
      contacts.push({ integration, contactKey });
    }
    return contacts;
  }
}

const LISTED_AT_ONCE = 1_000;
