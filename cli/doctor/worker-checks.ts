import type { Connection } from '@temporalio/client';
import type { Config } from '../../config';
import { pollersOf, QUEUE_KIND } from '../../temporal/pollers';
import { brevoTaskQueue } from '../../workflows/contract';
import { type Finding, good, warning } from './finding';

/** A worker's poll ends after a minute: one that was not heard of for longer has gone. */
const GONE_AFTER_MS = 75_000;

/**
 * Whether anybody works on what is stored: a warning, because a service that is yet to be started is checked too.
 *
 * @param now by the server's clock, ms since 1970
 */
export async function checkWorkers(
  connection: Connection,
  namespace: string,
  { temporal: { taskQueue }, integrations }: Config,
  now: number,
): Promise<Finding[]> {
  const queues = [
    { of: 'the contacts', queue: taskQueue, kind: QUEUE_KIND.workflow },
    ...[...integrations.keys()].map((integration) => ({
      of: `the integration "${integration}"`,
      queue: brevoTaskQueue(taskQueue, integration),
      kind: QUEUE_KIND.activity,
    })),
  ];
  const found = await Promise.all(
    queues.map(async ({ of, queue, kind }): Promise<Finding[]> => {
      const pollers = await pollersOf(connection, namespace, queue, kind);
      if (pollers.some(({ lastSeenAt }) => now - lastSeenAt < GONE_AFTER_MS)) return [];
      return [
        warning(
          'workers',
          `no worker is running for ${of} (task queue ${queue}): events are stored, and wait`,
          'Run "consent-sync start", or "consent-sync worker", with this configuration.',
        ),
      ];
    }),
  );
  const missing = found.flat();
  return missing.length > 0 ? missing : [good('workers', 'run for every integration')];
}
