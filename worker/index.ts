import {
  type ActivityInterceptorsFactory,
  type NativeConnection,
  Worker,
  type WorkerDeploymentOptions,
  type WorkerOptions,
  type WorkerTuner,
} from '@temporalio/worker';
import { contactActivities } from '../activities/contact-activities';
import { Didomi } from '../activities/didomi';
import { didomiActivities } from '../activities/didomi-activities';
import { forgetActivities } from '../activities/forget-activities';
import { Integrations } from '../activities/integrations';
import { BrevoAccounts, type BrevoAccountsOptions } from '../brevo/accounts';
import { Forgettings } from '../client/forgettings';
import { contactKeyIn } from '../client/keys';
import { temporalClient } from '../client/temporal-client';
import type { Config, WorkerVersion } from '../config';
import { conversion } from '../encryption/data-converter';
import { brevoTaskQueue } from '../workflows/contract';
import { type AccountState, AccountWatch } from './account-watch';
import { activityTracing } from './activity-tracing';
import { BrevoSlots } from './brevo-slots';
import { type FailedAttemptListener, failedAttempts } from './failed-attempts';
import { forgetParts } from './forget-parts';
import { type OutcomeListener, outcomeSinks } from './outcomes';
import { ownShare } from './process-share';
import { createOfferingReaders, type ReaderParts } from './reader';
import { type ShutdownTimes, shutdownOptions } from './shutdown-times';
import { tellOfSlowAnswers } from './slow-answers';
import { workflowBundle } from './workflow-bundle';

export interface ConsentSyncWorkerOptions {
  readonly config: Config;
  readonly brevoApiUrl: string;
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly shutdown?: ShutdownTimes;
  /** Which version of a Worker Deployment this worker is; absent: it takes no part in Worker Versioning. */
  readonly version?: WorkerVersion | undefined;
  /** What it takes to read the sources of resyncs; absent: this worker reads none. */
  readonly reader?: ReaderParts | undefined;
  /** Told when Brevo refuses an account, partly or as a whole, and when it serves it again. */
  readonly onAccount?: ((state: AccountState) => void) | undefined;
  /** Told every some minutes of an account that is still refused. */
  readonly onStillHeld?: ((state: AccountState) => void) | undefined;
  /** Told of each outcome that a contact comes to in this process. */
  readonly onOutcome?: OutcomeListener | undefined;
  /** Told of each call that this process makes to Brevo. */
  readonly onCall?: BrevoAccountsOptions['onCall'];
  /** Told of each attempt of a call for a contact that failed in this process, and is made again. */
  readonly onFailedAttempt?: FailedAttemptListener | undefined;
  /** How long the first attempt of a call waits for Brevo's answer, in ms; for tests. */
  readonly brevoTimeoutMs?: number | undefined;
  /** Changes to the worker that runs workflows; for tests. */
  readonly workflowWorker?: Partial<WorkerOptions>;
}

export interface ConsentSyncWorker {
  /** The Brevo accounts that this worker calls. */
  readonly accounts: BrevoAccounts;
  /** What Brevo says to them, now. */
  accountStates(): AccountState[];
  /** Resolves once everything has drained after shutdown(); rejects when a worker fails for good. */
  run(): Promise<void>;
  shutdown(): void;
}

/** Brevo calls of one integration that may be under way at once: enough for the whole rate at answers that take 20 s. */
const SLOTS_PER_REQUEST_A_SECOND = 20;
const MAX_SLOTS = 400;

/** Calls that wait in this process, so that the next is there when its turn comes: those of half a second. */
const SECONDS_OF_WAITING = 0.5;
const LEAST_WAITING = 2;

/** Temporal tells of a cancellation in its answer to a heartbeat: no later than this, in ms. */
const HEARTBEAT_THROTTLE_MS = 3_000;

/**
 * One worker for workflows and, for each integration, one that calls its Brevo account: a queue of its own keeps a
 * noisy integration from starving another, and lets the server hold to the account's rate and put withdrawals first.
 */
export async function createWorker(options: ConsentSyncWorkerOptions): Promise<ConsentSyncWorker> {
  const { config, connection, namespace, brevoApiUrl } = options;
  const [first] = config.integrations.values();
  const accounts = new BrevoAccounts({
    baseUrl: brevoApiUrl,
    requestsPerSecond: first?.requestsPerSecond ?? 10,
    timeoutMs: options.brevoTimeoutMs,
    onSlowAnswer: tellOfSlowAnswers(config),
    onCall: options.onCall,
  });
  const integrations = new Integrations(config, accounts);
  const didomi = new Didomi(config);
  const { taskQueue } = config.temporal;
  const client = temporalClient(config, { connection, namespace });
  const forgettings = new Forgettings(client, taskQueue);
  const activities = contactActivities(integrations, (integration, workflowId) =>
    forgettings.since({ integration, contactKey: contactKeyIn(workflowId) }),
  );
  const common = {
    connection,
    namespace,
    ...conversion(config),
    ...shutdownOptions(options.shutdown),
    ...(options.version && { workerDeploymentOptions: deploymentOptions(options.version) }),
    interceptors: { activity: activityInterceptors(options) },
  };
  const workers = await Promise.all([
    Worker.create({
      ...common,
      workflowBundle: { codePath: workflowBundle(config) },
      taskQueue,
      activities: {
        awaitBrevo: activities.awaitBrevo,
        ...didomiActivities(integrations, didomi),
        ...forgetActivities(forgetParts(client, options.reader?.root)),
      },
      sinks: outcomeSinks(options.onOutcome),
      ...options.workflowWorker,
    }),
    ...[...config.integrations].map(([name, { requestsPerSecond, apiKey }]) =>
      Worker.create({
        ...common,
        taskQueue: brevoTaskQueue(taskQueue, name),
        activities: { ...activities },
        maxTaskQueueActivitiesPerSecond: requestsPerSecond,
        maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
        tuner: tunerOf(
          new BrevoSlots({
            budget: accounts.of(apiKey).budget,
            party: name,
            most: Math.min(MAX_SLOTS, Math.ceil(requestsPerSecond * SLOTS_PER_REQUEST_A_SECOND)),
            mostWaiting: Math.max(LEAST_WAITING, Math.ceil(requestsPerSecond * SECONDS_OF_WAITING)),
          }),
        ),
      }),
    ),
  ]);
  const readers = options.reader
    ? await createOfferingReaders({
        config,
        connection,
        namespace,
        brevoApiUrl,
        accounts,
        shutdown: options.shutdown,
        ...options.reader,
      })
    : [];
  const [{ options: named }] = workers;
  const place = { connection, namespace, taskQueue, identity: named.identity };
  const watch = new AccountWatch(config, accounts, {
    onChange: options.onAccount,
    onStillHeld: options.onStillHeld,
    share: () => ownShare(place),
  });
  return new WorkerGroup([...workers, ...readers], accounts, watch, [accounts, didomi, watch]);
}

function activityInterceptors({
  onFailedAttempt,
}: Pick<ConsentSyncWorkerOptions, 'onFailedAttempt'>): ActivityInterceptorsFactory[] {
  return [...activityTracing(), ...(onFailedAttempt ? [failedAttempts(onFailedAttempt)] : [])];
}

/** These workers have activities alone: the rest is what cannot be left out. */
function tunerOf(activityTaskSlotSupplier: BrevoSlots): WorkerTuner {
  const least = { type: 'fixed-size', numSlots: 2 } as const;
  return {
    activityTaskSlotSupplier,
    workflowTaskSlotSupplier: least,
    localActivityTaskSlotSupplier: least,
    nexusTaskSlotSupplier: least,
  };
}

/**
 * A contact moves to the current version with its next task: it stays open for days, and one that is held for as
 * long as it takes, so that a worker that had to see all of its contacts closed would hardly ever end.
 */
function deploymentOptions(version: WorkerVersion): WorkerDeploymentOptions {
  return { version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' };
}

/** Several workers that live and die together. */
class WorkerGroup implements ConsentSyncWorker {
  constructor(
    private readonly workers: readonly Worker[],
    readonly accounts: BrevoAccounts,
    private readonly watch: AccountWatch,
    private readonly clients: readonly { close(): void }[],
  ) {}

  async run(): Promise<void> {
    const runs = this.workers.map((worker) => worker.run());
    // One that fails takes the others along: half a worker would look alive and do nothing.
    for (const run of runs) run.catch(() => this.shutdown());
    const results = await Promise.allSettled(runs);
    for (const client of this.clients) client.close();
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  accountStates(): AccountState[] {
    return this.watch.states();
  }

  shutdown(): void {
    this.accounts.shutDown();
    for (const worker of this.workers) {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    }
  }
}
