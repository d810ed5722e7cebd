import type { Connection } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';

/** Temporal's numbers for what a task queue holds (TaskQueueType in its API). */
export const QUEUE_KIND = { workflow: 1, activity: 2 } as const;
export type QueueKind = (typeof QUEUE_KIND)[keyof typeof QUEUE_KIND];

/** Somebody who asks for work. */
export interface Poller {
  readonly identity: string;
  /** By the server's clock, ms since 1970. */
  readonly lastSeenAt: number;
}

/** Who has asked a task queue for work lately: the server forgets them after five minutes. */
export async function pollersOf(
  connection: Connection,
  namespace: string,
  taskQueue: string,
  kind: QueueKind,
): Promise<readonly Poller[]> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: kind,
  });
  return (pollers ?? []).map(({ identity, lastAccessTime }) => ({
    identity: identity ?? '',
    lastSeenAt: lastAccessTime ? tsToMs(lastAccessTime) : 0,
  }));
}
