import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Config } from '../config';
import { identifierOf } from '../consent/identifier';
import type { Outcome } from '../consent/outcome';
import { DecryptionError } from '../encryption/errors';
import { CONSENT_SYNC_WORKFLOW, SEARCH_ATTRIBUTES, STATUS_QUERY } from '../workflows/contract';
import type { ConsentSyncStatus } from '../workflows/story';
import type { Keys } from './keys';

/** One contact's story in one integration. */
export interface ContactStory extends ConsentSyncStatus {
  readonly workflowId: string;
  readonly runId: string;
  /** Whether the contact's workflow is still open. */
  readonly open: boolean;
  /** Set when no worker answered, or the answer cannot be decrypted: then only the outcome is known. */
  readonly incomplete?: string;
}

/** How long a worker may take to answer, in ms. */
const QUERY_DEADLINE_MS = 10_000;
/** Workflows looked at for one event id. */
const MAX_FOUND = 20;

/** Finds out what became of contacts, without changing anything. */
export class Stories {
  constructor(
    private readonly config: Config,
    private readonly keys: Keys,
    private readonly temporal: Client,
  ) {}

  /** By organization_user_id, Didomi event id or workflow id. */
  async find(id: string): Promise<ContactStory[]> {
    // Ids of contacts and events come from outside, and may look like a workflow's.
    const ways = [
      ...(id.startsWith('consent-sync/') ? [() => this.present([id])] : []),
      () => this.ofContact(id),
      () => this.ofEvent(id),
    ];
    for (const way of ways) {
      const stories = await way();
      if (stories.length > 0) return stories;
    }
    return [];
  }

  ofContact(organizationUserId: string): Promise<ContactStory[]> {
    const workflowIds = [...this.config.integrations].flatMap(([integration, { rules }]) => {
      const identifier = identifierOf(organizationUserId, rules.identifier);
      return identifier ? [this.keys.workflowId(integration, identifier)] : [];
    });
    return this.present(workflowIds);
  }

  private async ofEvent(eventId: string): Promise<ContactStory[]> {
    const key = this.keys.eventKey(eventId);
    const query = `WorkflowType = "${CONSENT_SYNC_WORKFLOW}" AND ${SEARCH_ATTRIBUTES.eventIds} = "${key}"`;
    const workflowIds = new Set<string>();
    for await (const { workflowId } of this.temporal.workflow.list({ query, pageSize: MAX_FOUND })) {
      workflowIds.add(workflowId);
      if (workflowIds.size === MAX_FOUND) break;
    }
    return this.present([...workflowIds]);
  }

  private async present(workflowIds: readonly string[]): Promise<ContactStory[]> {
    const stories = await Promise.all(workflowIds.map((workflowId) => this.read(workflowId)));
    return stories.flatMap((story) => story ?? []);
  }

  /** @param workflowId of a contact */
  async read(workflowId: string): Promise<ContactStory | undefined> {
    const handle = this.temporal.workflow.getHandle(workflowId);
    const description = await handle.describe().catch(unlessNotFound);
    if (!description) return undefined;
    const open = description.status.name === 'RUNNING';
    const about = { workflowId, runId: description.runId, open };
    try {
      const status =
        description.status.name === 'COMPLETED'
          ? ((await handle.result()) as ConsentSyncStatus)
          : await this.temporal.withDeadline(Date.now() + QUERY_DEADLINE_MS, () =>
              handle.query<ConsentSyncStatus, []>(STATUS_QUERY),
            );
      return { ...status, ...about };
    } catch (error) {
      const outcome = description.searchAttributes[SEARCH_ATTRIBUTES.outcome]?.at(0);
      const attempts = description.raw.pendingWorkflowTask?.attempt ?? 1;
      const incomplete = error instanceof DecryptionError ? error.message : unanswered(attempts);
      return { ...bareStatus(workflowId, outcome), incomplete, ...about };
    }
  }
}

function unlessNotFound(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}

/** @param attempts at the workflow's next task: more than one where a worker met something that it cannot read, say. */
function unanswered(attempts: number): string {
  return attempts > 1
    ? `no worker answered, and this workflow has stood still for ${attempts - 1} attempts: read in the log of the workers why it cannot go on, or start one (consent-sync worker)`
    : 'no worker answered: start one (consent-sync worker) to see the whole story';
}

/** What can be told when no worker answers. */
function bareStatus(
  workflowId: string,
  outcome: unknown,
): Omit<ContactStory, 'workflowId' | 'runId' | 'open' | 'incomplete'> {
  return {
    integration: workflowId.split('/')[1] ?? '',
    identifierKind: 'ext_id',
    outcome: typeof outcome === 'string' ? (outcome as Outcome) : null,
    dryRun: false,
    inForce: [],
    events: [],
    calls: [],
    rejected: [],
  };
}
