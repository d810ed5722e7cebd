import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { Didomi } from '../activities/didomi';
import { Integrations } from '../activities/integrations';
import { resyncActivities } from '../activities/resync/resync-activities';
import { BrevoAccounts } from '../brevo/accounts';
import { ContactWorkflows } from '../client/contact-workflows';
import { Forgettings } from '../client/forgettings';
import { Keys } from '../client/keys';
import { Resyncs } from '../client/resyncs';
import type { Config } from '../config';
import { conversion } from '../encryption/data-converter';
import { forgetOldReports } from '../resync/report';
import { readerQueueOf, readersQueue } from '../workflows/resync/contract';
import { type ShutdownTimes, shutdownOptions } from './shutdown-times';
import { submitting } from './submitting';

/** What a worker needs beyond its configuration to read sources. */
export interface ReaderParts {
  /** Folder of the runs' files. */
  readonly root: string;
  readonly temporal: Client;
  readonly idKey: string;
}

export interface ReaderOptions extends ReaderParts {
  readonly config: Config;
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** Where the run, or the runs, of this reader send their steps. */
  readonly taskQueue: string;
  readonly brevoApiUrl: string;
  /** Shared with other workers of the process; default: some of its own. */
  readonly accounts?: BrevoAccounts;
  readonly shutdown?: ShutdownTimes | undefined;
}

const HEARTBEAT_THROTTLE_MS = 1_000;

/** A worker that carries out the steps of resyncs, on this machine's disk. */
export function createReader(options: ReaderOptions): Promise<Worker> {
  return Worker.create({
    ...common(options),
    taskQueue: options.taskQueue,
    activities: activitiesOf(options),
  });
}

/**
 * The workers of a service that offers to read: one that takes runs which nobody reads yet, and one for those that it
 * has taken. The latter finds them again after a restart, because its name lies beside their files.
 */
export async function createOfferingReaders(options: Omit<ReaderOptions, 'taskQueue'>): Promise<Worker[]> {
  const { taskQueue } = options.config.temporal;
  const own = readerQueueOf(taskQueue, readerName(options.root));
  await forgetOldReports(options.root, Date.now());
  const { offerToRead } = activitiesOf({ ...options, taskQueue: own });
  return Promise.all([
    Worker.create({
      ...common(options),
      taskQueue: readersQueue(taskQueue),
      activities: { offerToRead },
    }),
    createReader({ ...options, taskQueue: own }),
  ]);
}

function common({
  config,
  connection,
  namespace,
  shutdown,
}: Pick<ReaderOptions, 'config' | 'connection' | 'namespace' | 'shutdown'>) {
  return {
    connection,
    namespace,
    ...conversion(config),
    ...shutdownOptions(shutdown),
    // A step learns from its heartbeats that it is to end.
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
  };
}

function activitiesOf(options: ReaderOptions) {
  const { config, taskQueue, brevoApiUrl, root, temporal, idKey } = options;
  const [first] = config.integrations.values();
  const accounts =
    options.accounts ??
    new BrevoAccounts({ baseUrl: brevoApiUrl, requestsPerSecond: first?.requestsPerSecond ?? 10 });
  const keys = new Keys(idKey);
  const contacts = new ContactWorkflows(temporal, config.temporal.taskQueue);
  const resyncs = new Resyncs(temporal, config.temporal.taskQueue);
  const forgettings = new Forgettings(temporal, config.temporal.taskQueue);
  return resyncActivities({
    integrations: new Integrations(config, accounts),
    didomi: new Didomi(config),
    root,
    encryption: config.encryption,
    taskQueue,
    keyOf: (identifier) => keys.contactKey(identifier),
    olderRun: (integration, run) => resyncs.older({ integration, run }),
    running: async () =>
      (await resyncs.list()).filter(({ status }) => status === 'RUNNING').map(({ run }) => run),
    owed: (integration) => contacts.owed(integration),
    forgotten: () => forgettings.all(),
    submit: submitting(keys, contacts, forgettings),
  });
}

/** The same for this folder as long as it lies there. */
function readerName(root: string): string {
  const file = join(root, 'reader-name');
  mkdirSync(root, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, randomBytes(6).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
