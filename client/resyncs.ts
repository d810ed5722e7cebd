import { randomBytes } from 'node:crypto';
import { type Client, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../workflows/contract';
import {
  CANCEL_UPDATE,
  PAUSE_UPDATE,
  PROGRESS_QUERY,
  RESUME_UPDATE,
  RESYNC_WORKFLOW,
  type ResyncInput,
  type ResyncProgress,
  SET_RATE_UPDATE,
} from '../workflows/resync/contract';
import { decodedMessage } from './decoding';
import { UnknownRunError } from './errors';

/** What a run is started with. */
export type NamedResync = ResyncInput & { readonly run: string };

/** A run as it stands. */
export interface ResyncStatus extends ResyncProgress {
  readonly workflowId: string;
  /** Why the step under way does not get on, where Temporal knows. */
  readonly trouble?: string;
  /** The process that read the source is gone: the run waits for another in its place. */
  readonly isUnread?: boolean;
}

/** A run in a list. */
export interface ListedRun {
  readonly run: string;
  readonly integration: string;
  readonly workflowId: string;
  /** Of the workflow: RUNNING, COMPLETED, … */
  readonly status: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

export type ResyncCommand = 'pause' | 'resume' | 'cancel';

const UPDATES = { pause: PAUSE_UPDATE, resume: RESUME_UPDATE, cancel: CANCEL_UPDATE } as const;

const LATEST = 100;
const PREFIX = 'consent-resync/';
const STATIC_DETAILS =
  'Brings Brevo in line with a whole source of consents: reads it, compares it with Brevo, and submits the contacts that differ to their own workflows. Current details say how far it is.';

/** Starts bulk resyncs, and finds them again. */
export class Resyncs {
  constructor(
    private readonly temporal: Client,
    private readonly taskQueue: string,
  ) {}

  /** A name for a new run, for example `20261124-153012-4f1c`: names sort by time. @param now ms since 1970 */
  static newRun(now: number): string {
    const time = new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
    return `${time}-${randomBytes(2).toString('hex')}`;
  }

  async start(input: NamedResync): Promise<void> {
    await this.temporal.workflow.start(RESYNC_WORKFLOW, {
      workflowId: workflowIdOf(input),
      taskQueue: this.taskQueue,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      args: [input],
      staticSummary: `${input.integration}: ${input.planOnly ? 'plan of a resync' : 'resync'} ${input.run}`,
      staticDetails: STATIC_DETAILS,
      typedSearchAttributes: [
        { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.integration, 'KEYWORD'), value: input.integration },
      ],
    });
  }

  /** The latest runs, the newest first. */
  async list(): Promise<ListedRun[]> {
    const runs = new Map<string, ListedRun>();
    // Another installation may use the same namespace.
    const query = `WorkflowType = "${RESYNC_WORKFLOW}" AND TaskQueue = "${this.taskQueue}"`;
    for await (const { workflowId, status, startTime } of this.temporal.workflow.list({ query })) {
      const [integration = '', run = ''] = workflowId.slice(PREFIX.length).split('/');
      // A run that continued as new stands there several times; the first is its latest.
      if (!runs.has(workflowId)) {
        runs.set(workflowId, {
          run,
          integration,
          workflowId,
          status: status.name,
          startedAt: startTime.toISOString(),
        });
      }
      if (runs.size === LATEST) break;
    }
    return [...runs.values()].sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  }

  /** The runs of an integration that have not ended. */
  async running(integration: string): Promise<ListedRun[]> {
    return (await this.list()).filter((one) => one.integration === integration && one.status === 'RUNNING');
  }

  /** A run of the same integration that began before this one and has not ended. */
  async older({ integration, run }: Pick<NamedResync, 'integration' | 'run'>): Promise<string | undefined> {
    const running = await this.running(integration);
    const own = running.find((one) => one.run === run);
    // One that Temporal does not list yet is the latest.
    return running.find((one) => one.run !== run && (!own || startedBefore(one, own)))?.run;
  }

  /**
   * @param run default: the latest
   * @throws UnknownRunError
   */
  async find(run?: string): Promise<ListedRun> {
    const runs = await this.list();
    const found = run === undefined ? runs[0] : runs.find((one) => one.run === run);
    if (!found) throw new UnknownRunError(run);
    return found;
  }

  /** @throws UnknownRunError */
  async status({ workflowId, run }: Pick<ListedRun, 'workflowId' | 'run'>): Promise<ResyncStatus> {
    const handle = this.temporal.workflow.getHandle(workflowId);
    try {
      const { raw, status } = await handle.describe();
      if (status.name === 'COMPLETED') return { ...((await handle.result()) as ResyncProgress), workflowId };
      const progress = await handle.query<ResyncProgress, []>(PROGRESS_QUERY);
      if (status.name !== 'RUNNING') return { ...progress, workflowId, ...endedFromOutside(status.name) };
      const pending = raw.pendingActivities ?? [];
      const failure = pending.find(({ lastFailure }) => lastFailure)?.lastFailure;
      const trouble = failure && (await decodedMessage(this.temporal, failure, workflowId));
      const isReadByStart = progress.readerQueue?.endsWith(`/${run}`) === true;
      const isUnread = isReadByStart && pending.some(isUntaken);
      return { ...progress, workflowId, ...(trouble && { trouble }), ...(isUnread && { isUnread }) };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw new UnknownRunError(run);
      throw error;
    }
  }

  /** What a run came to; undefined when it has not ended, or was ended from outside. */
  async result({ workflowId, status }: ListedRun): Promise<ResyncProgress | undefined> {
    if (status !== 'COMPLETED') return undefined;
    return (await this.temporal.workflow.getHandle(workflowId).result()) as ResyncProgress;
  }

  async command({ workflowId }: Pick<ListedRun, 'workflowId'>, command: ResyncCommand): Promise<void> {
    await this.temporal.workflow.getHandle(workflowId).executeUpdate(UPDATES[command]);
  }

  /** @param rate contacts a second; null = as many as Brevo's budget allows */
  async setRate({ workflowId }: Pick<ListedRun, 'workflowId'>, rate: number | null): Promise<void> {
    await this.temporal.workflow.getHandle(workflowId).executeUpdate(SET_RATE_UPDATE, { args: [rate] });
  }

  /** Resolves with what the run came to. */
  async end({ workflowId }: Pick<ListedRun, 'workflowId'>): Promise<ResyncProgress> {
    return (await this.temporal.workflow.getHandle(workflowId).result()) as ResyncProgress;
  }
}

/** Temporal ended its workflow, or somebody did there: it says so of itself no more. */
function endedFromOutside(status: string): Pick<ResyncProgress, 'state' | 'failure'> {
  return { state: 'failed', failure: `its workflow was ended in Temporal: ${status.toLowerCase()}` };
}

function startedBefore(a: ListedRun, b: ListedRun): boolean {
  return a.startedAt < b.startedAt || (a.startedAt === b.startedAt && a.run < b.run);
}

type RawDescription = Awaited<ReturnType<WorkflowHandle['describe']>>['raw'];
type PendingActivity = NonNullable<RawDescription['pendingActivities']>[number];

/** A step that nobody takes for so long has no reader, in ms. */
const TAKEN_WITHIN_MS = 5_000;

/** Nobody has begun it, or who had is gone. */
function isUntaken({ lastFailure, lastStartedTime, scheduledTime }: PendingActivity): boolean {
  if (lastStartedTime) return Boolean(lastFailure?.timeoutFailureInfo);
  return Date.now() - Number(scheduledTime?.seconds ?? Number.NaN) * 1_000 > TAKEN_WITHIN_MS;
}

/** `consent-resync/<integration>/<run>` */
export function workflowIdOf({ integration, run }: Pick<NamedResync, 'integration' | 'run'>): string {
  return `${PREFIX}${integration}/${run}`;
}
