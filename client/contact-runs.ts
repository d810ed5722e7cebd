import { setTimeout as pause } from 'node:timers/promises';
import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../workflows/contract';
import { FORGET_SIGNAL, type ForgetWish } from '../workflows/forget/contract';

/** The latest run of a workflow, as Temporal has it at this moment. */
export interface LatestRun {
  readonly runId: string;
  /** The first of the runs that were continued as new from one another. */
  readonly chain: string;
  readonly open: boolean;
  /** ms since 1970. */
  readonly startedAt: number;
  readonly outcome: string | null;
}

export interface ErasedRuns {
  readonly deleted: number;
  /** Ended runs that Temporal still shows, although it was told to delete them. */
  readonly left: number;
}

/**
 * Temporal lists what has just ended some time later, and deletes it up to a minute later: pauses between two looks, in
 * ms. It is looked at until two looks in a row show nothing.
 */
const PAUSES_MS = [250, 750, 1_000, 1_000, 2_000, ...Array.from({ length: 23 }, () => 5_000)] as const;
const QUIET_LOOKS = 2;
/** gRPC: there is no such run. */
const NOT_FOUND = 5;

/** The runs of one workflow id, open and ended. Temporal's errors come out as they are. */
export class ContactRuns {
  constructor(private readonly temporal: Client) {}

  /** Does not depend on Temporal's listing. */
  async latest(workflowId: string, runId?: string): Promise<LatestRun | undefined> {
    try {
      const described = await this.temporal.workflow.getHandle(workflowId, runId).describe();
      const outcome = described.searchAttributes[SEARCH_ATTRIBUTES.outcome]?.at(0);
      return {
        runId: described.runId,
        chain: described.raw.workflowExecutionInfo?.firstRunId || described.runId,
        open: described.status.name === 'RUNNING',
        startedAt: described.startTime.getTime(),
        outcome: typeof outcome === 'string' ? outcome : null,
      };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  /** Runs that Temporal lists, open ones too. */
  async count(workflowId: string): Promise<number> {
    return (await this.listed(workflowId)).length;
  }

  /** Has an open workflow end as soon as nothing is lost by it. */
  async askToEnd(workflowId: string, wish: ForgetWish): Promise<void> {
    try {
      await this.temporal.workflow.getHandle(workflowId).signal(FORGET_SIGNAL, wish);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  /** Whether that workflow is open, and has not been followed by another of the same id. */
  async isOpen(workflowId: string, chain: string): Promise<boolean> {
    const latest = await this.latest(workflowId);
    return latest?.open === true && latest.chain === chain;
  }

  /** Ends a workflow at once; what it still owed is lost. */
  async terminate(workflowId: string, chain: string): Promise<void> {
    const options = { firstExecutionRunId: chain };
    try {
      await this.temporal.workflow.getHandle(workflowId, undefined, options).terminate('forgotten');
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  /**
   * Deletes all runs that have ended. One that is open is left alone, whoever began it meanwhile.
   *
   * @param exceptRun one that is kept
   */
  async erase(workflowId: string, exceptRun?: string): Promise<ErasedRuns> {
    const deleted = new Set<string>();
    let quiet = 0;
    let left = 0;
    for (const ms of [...PAUSES_MS, undefined]) {
      const ended = (await this.ended(workflowId)).filter((runId) => runId !== exceptRun);
      for (const runId of ended) if (await this.delete(workflowId, runId)) deleted.add(runId);
      left = ended.length;
      quiet = left === 0 ? quiet + 1 : 0;
      if (quiet === QUIET_LOOKS || ms === undefined) break;
      await pause(ms);
    }
    return { deleted: deleted.size, left };
  }

  private async ended(workflowId: string): Promise<string[]> {
    const latest = await this.latest(workflowId);
    const listed = (await this.listed(workflowId)).filter(({ isOpen }) => !isOpen);
    const runs = [...listed.map(({ runId }) => runId), ...(latest && !latest.open ? [latest.runId] : [])];
    return [...new Set(runs)].filter((runId) => !latest?.open || runId !== latest.runId);
  }

  private async listed(workflowId: string): Promise<{ readonly runId: string; readonly isOpen: boolean }[]> {
    const runs: { readonly runId: string; readonly isOpen: boolean }[] = [];
    // The id has no character that would have to be escaped.
    for await (const { runId, status } of this.temporal.workflow.list({
      query: `WorkflowId = "${workflowId}"`,
    })) {
      runs.push({ runId, isOpen: status.name === 'RUNNING' });
    }
    return runs;
  }

  /** @returns whether there was such a run */
  private async delete(workflowId: string, runId: string): Promise<boolean> {
    const { workflowService, options } = this.temporal;
    try {
      await workflowService.deleteWorkflowExecution({
        namespace: options.namespace,
        workflowExecution: { workflowId, runId },
      });
      return true;
    } catch (error) {
      if (isGrpcServiceError(error) && error.code === NOT_FOUND) return false;
      throw error;
    }
  }
}
