import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { pollersOf, QUEUE_KIND } from './pollers';

const TIMEOUT_MS = 5_000;
const LOOK_EVERY_MS = 50;

/**
 * What the server's clock shows beside ours, both ms since 1970. Its API tells no time, but since when somebody asks for
 * work: so we ask for some, on a queue that has none, and see when that was.
 *
 * @param taskQueue one that nobody gives work to
 * @returns undefined when the server does not tell within 5 s
 */
export async function serverClock(
  connection: Connection,
  namespace: string,
  taskQueue: string,
): Promise<{ readonly theirs: number; readonly ours: number } | undefined> {
  const identity = `clock-${randomUUID()}`;
  const enough = new AbortController();
  const deadline = Date.now() + TIMEOUT_MS;
  const ours = Date.now();
  const asking = connection
    .withAbortSignal(enough.signal, () =>
      connection.withDeadline(deadline, () =>
        connection.workflowService.pollWorkflowTaskQueue({
          namespace,
          taskQueue: { name: taskQueue },
          identity,
        }),
      ),
    )
    .catch(() => undefined);
  try {
    while (Date.now() < deadline) {
      const pollers = await pollersOf(connection, namespace, taskQueue, QUEUE_KIND.workflow);
      const we = pollers.find((poller) => poller.identity === identity);
      if (we) return { theirs: we.lastSeenAt, ours };
      await pause(LOOK_EVERY_MS);
    }
    return undefined;
  } finally {
    enough.abort();
    await asking;
  }
}
