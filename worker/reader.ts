import type { Client } from '@temporalio/client';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { Didomi } from '../activities/didomi';
import { Integrations } from '../activities/integrations';
import { resyncActivities } from '../activities/resync/resync-activities';
import { BrevoAccounts } from '../brevo/accounts';
import { ContactWorkflows } from '../client/contact-workflows';
import { Keys } from '../client/keys';
import { Resyncs } from '../client/resyncs';
import type { Config } from '../config';

export interface ReaderOptions {
  readonly config: Config;
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** Where the run, or the runs, of this reader send their steps. */
  readonly taskQueue: string;
  readonly brevoApiUrl: string;
  /** Folder of the runs' files. */
  readonly root: string;
  readonly temporal: Client;
  readonly idKey: string;
}

const SHUTDOWN_GRACE_MS = 10_000;
const HEARTBEAT_THROTTLE_MS = 1_000;

/** A worker that carries out the steps of resyncs, on this machine's disk. */
export async function createReader(options: ReaderOptions): Promise<Worker> {
  const { config, connection, namespace, taskQueue, brevoApiUrl, root, temporal, idKey } = options;
  const [first] = config.integrations.values();
  const accounts = new BrevoAccounts({
    baseUrl: brevoApiUrl,
    requestsPerSecond: first?.requestsPerSecond ?? 10,
  });
  const keys = new Keys(idKey);
  const contacts = new ContactWorkflows(temporal, config.temporal.taskQueue);
  const resyncs = new Resyncs(temporal, config.temporal.taskQueue);
  return Worker.create({
    connection,
    namespace,
    taskQueue,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    // A step learns from its heartbeats that it is to end.
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    activities: resyncActivities({
      integrations: new Integrations(config, accounts),
      didomi: new Didomi(config),
      root,
      taskQueue,
      keyOf: (identifier) => keys.contactKey(identifier),
      olderRun: async (integration, run) =>
        (await resyncs.running(integration)).map((one) => one.run).find((other) => other < run),
      submit: async (integration, { identifier, change }) => {
        const workflowId = keys.workflowId(integration, identifier);
        const { outcome } = await contacts.settle({ integration, identifier, workflowId, change });
        return outcome;
      },
    }),
  });
}
