import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { CONSENT_SYNC_WORKFLOW, RETRY_SIGNAL, SEARCH_ATTRIBUTES, STATUS_QUERY } from '../workflows/contract';
import type { ConsentSyncStatus, Trouble } from '../workflows/story';
import { FAILED_OUTCOMES, type FailedOutcome } from './failed-outcomes';
import { inOrder } from './in-order';

/** Something that Brevo or Didomi refuses. */
export interface FailedValue {
  /** Mapping id; null = the contact as a whole. */
  readonly id: string | null;
  readonly status: number | null;
  readonly code: string | null;
  readonly message: string;
  readonly requestId: string | null;
  /** ISO 8601 UTC. */
  readonly since: string;
}

/** A contact that is held or rejected. What there is to say of it is null where no worker answered. */
export interface Failure {
  readonly integration: string;
  readonly workflowId: string;
  readonly outcome: FailedOutcome;
  /** HTTP status. */
  readonly status: number | null;
  readonly code: string | null;
  /** What is wrong and what to do. */
  readonly message: string | null;
  readonly requestId: string | null;
  /** ISO 8601 UTC. */
  readonly since: string | null;
  /** Who holds it; absent where it is Brevo. */
  readonly service?: 'Didomi';
  /** Each value that Brevo refuses; of a held contact, those that it refused before. */
  readonly values: readonly FailedValue[];
  /** Set when no worker answered: then only the outcome is known. */
  readonly incomplete?: string;
}

export interface FailureCount {
  readonly integration: string;
  readonly held: number;
  readonly rejected: number;
}

export interface FailureFilter {
  readonly integration?: string | undefined;
  /** Default: both. */
  readonly outcome?: FailedOutcome | undefined;
}

/** Workflows asked, or told, at once. */
const AT_ONCE = 16;
const LISTED_AT_ONCE = 500;
/** How long a worker may take to answer, in ms. */
const QUERY_DEADLINE_MS = 10_000;
/** So many contacts in a row that no worker answers for, and no further one is asked. */
const MISSES_IN_A_ROW = 3;

const INCOMPLETE =
  'no worker answered: start one (consent-sync worker), or see in its log why it cannot, to see the reason';

/** Finds the contacts that are held or rejected, and has them tried again. Temporal's listing is about a second behind. */
export class Failures {
  constructor(
    private readonly temporal: Client,
    private readonly taskQueue: string,
  ) {}

  /** How many there are, by integration; asks no worker. */
  count(integrations: readonly string[]): Promise<FailureCount[]> {
    return Promise.all(
      integrations.map(async (integration) => {
        const [held, rejected] = await Promise.all(
          FAILED_OUTCOMES.map(async (outcome) => {
            const { count } = await this.temporal.workflow.count(this.query({ integration, outcome }));
            return Number(count);
          }),
        );
        return { integration, held: held ?? 0, rejected: rejected ?? 0 };
      }),
    );
  }

  /** All of them, one after the other, with their reasons as far as a worker tells them. */
  list(filter: FailureFilter = {}): AsyncIterable<Failure> {
    let misses = 0;
    return inOrder(this.found(filter), AT_ONCE, async (found) => {
      if (misses >= MISSES_IN_A_ROW) return bare(found);
      const status = await this.statusOf(found.workflowId);
      if (status === 'no answer') {
        misses += 1;
        return bare(found);
      }
      misses = 0;
      return status && failureOf(found.workflowId, status);
    });
  }

  /**
   * Has one contact tried again: what is held as soon as the account's gate allows it, what was rejected at once.
   *
   * @returns whether there was such an open workflow
   */
  async retry(workflowId: string): Promise<boolean> {
    try {
      await this.temporal.workflow.getHandle(workflowId).signal(RETRY_SIGNAL);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** As `retry`, all of them. */
  retryAll(filter: FailureFilter = {}): AsyncIterable<FoundFailure> {
    return inOrder(this.found(filter), AT_ONCE, async (found) =>
      (await this.retry(found.workflowId)) ? found : undefined,
    );
  }

  private async *found(filter: FailureFilter): AsyncIterable<FoundFailure> {
    const listing = this.temporal.workflow.list({ query: this.query(filter), pageSize: LISTED_AT_ONCE });
    for await (const { workflowId, searchAttributes } of listing) {
      const outcome = searchAttributes[SEARCH_ATTRIBUTES.outcome]?.at(0);
      const integration = String(searchAttributes[SEARCH_ATTRIBUTES.integration]?.at(0) ?? '');
      yield { workflowId, integration, outcome: outcome === 'held' ? 'held' : 'rejected' };
    }
  }

  private query({ integration, outcome }: FailureFilter): string {
    const outcomes = (outcome ? [outcome] : FAILED_OUTCOMES).map(quoted).join(', ');
    return [
      `WorkflowType = ${quoted(CONSENT_SYNC_WORKFLOW)}`,
      `TaskQueue = ${quoted(this.taskQueue)}`,
      'ExecutionStatus = "Running"',
      `${SEARCH_ATTRIBUTES.outcome} IN (${outcomes})`,
      ...(integration === undefined ? [] : [`${SEARCH_ATTRIBUTES.integration} = ${quoted(integration)}`]),
    ].join(' AND ');
  }

  private async statusOf(workflowId: string): Promise<ConsentSyncStatus | 'no answer' | undefined> {
    try {
      return await this.temporal.withDeadline(Date.now() + QUERY_DEADLINE_MS, () =>
        this.temporal.workflow.getHandle(workflowId).query<ConsentSyncStatus, []>(STATUS_QUERY),
      );
    } catch (error) {
      return error instanceof WorkflowNotFoundError ? undefined : 'no answer';
    }
  }
}

/** As Temporal's listing shows it. */
export type FoundFailure = Pick<Failure, 'integration' | 'workflowId' | 'outcome'>;

/**
 * What fails of a contact.
 *
 * @returns undefined when nothing does
 */
export function failureOf(
  workflowId: string,
  { integration, held, rejected }: Pick<ConsentSyncStatus, 'integration' | 'held' | 'rejected'>,
): Failure | undefined {
  const trouble = held ?? rejected[0];
  if (!trouble) return undefined;
  const { id: _, ...first } = failedValue(trouble);
  return {
    integration,
    workflowId,
    outcome: held ? 'held' : 'rejected',
    ...first,
    ...(held?.service && { service: held.service }),
    values: rejected.map(failedValue),
  };
}

function failedValue({ id, status, code, reason, requestId, since }: Trouble): FailedValue {
  return {
    id: id ?? null,
    status: status ?? null,
    code: code ?? null,
    message: reason,
    requestId: requestId ?? null,
    since,
  };
}

function bare(found: FoundFailure): Failure {
  const nothing = { status: null, code: null, message: null, requestId: null, since: null, values: [] };
  return { ...found, ...nothing, incomplete: INCOMPLETE };
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
