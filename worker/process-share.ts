import type { NativeConnection } from '@temporalio/worker';
import type { Share } from '../brevo/probe-pace';

/** A worker's poll ends after a minute: one that was not heard of for longer has gone. */
const GONE_AFTER_MS = 75_000;

const DEADLINE_MS = 5_000;

const WORKFLOW_TASK_QUEUE = 1;

export interface OwnPlace {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  /** As this process names itself to Temporal. */
  readonly identity: string;
}

/**
 * Which of the processes that work for a task queue this one is, as Temporal knows those that poll it.
 *
 * @returns undefined when Temporal does not tell
 */
export async function ownShare({
  connection,
  namespace,
  taskQueue,
  identity,
}: OwnPlace): Promise<Share | undefined> {
  try {
    const { pollers } = await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: WORKFLOW_TASK_QUEUE,
      }),
    );
    const alive = (pollers ?? []).filter(
      ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < GONE_AFTER_MS,
    );
    const names = [...new Set([identity, ...alive.map((poller) => poller.identity ?? '')])].sort();
    return { count: names.length, rank: names.indexOf(identity) };
  } catch {
    return undefined;
  }
}
