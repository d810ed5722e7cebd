import { randomUUID } from 'node:crypto';
import { type Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, type WorkerOptions } from '@temporalio/worker';
import { ConsentSyncClient } from '../../../client';
import { temporalClient } from '../../../client/temporal-client';
import { type Config, loadConfig, type WorkerVersion } from '../../../config';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../simulator';
import { createWorker } from '../../../worker';

export const ID_KEY = 'a secret for tests, long enough to pass';

export const NEWSLETTER = 'consents_purposes_newsletter_enabled';

/** The real parts, small and fast: a simulator, a worker on the shared dev server, and the client SDK. */
export interface Harness {
  readonly simulator: Simulator;
  readonly client: ConsentSyncClient;
  readonly temporal: Client;
  readonly config: Config;
  /** What `config` was loaded from. */
  readonly settings: object;
  /** Starts one more worker beside the one that runs. @returns what stops it again */
  addWorker(build: WorkerBuild): Promise<() => Promise<void>>;
  stopWorker(): Promise<void>;
  /** @param restarted what it is restarted with, where that is something else */
  startWorker(restarted?: Restarted): Promise<void>;
  close(): Promise<void>;
}

/** What a worker is restarted with. */
export interface Restarted {
  readonly config?: Config;
  readonly brevoApiUrl?: string;
}

/** What a worker runs. */
export interface WorkerBuild {
  /** Workflow code; default: the one of the source tree. */
  readonly bundle?: string;
  /** Default: none, so that the worker takes no part in Worker Versioning. */
  readonly version?: WorkerVersion;
  /** Default: that of the harness. */
  readonly config?: Config;
}

export interface HarnessOptions {
  /** Of the first worker, and of each that is started anew. */
  readonly build?: WorkerBuild;
  /** Default: one of its own. */
  readonly taskQueue?: string;
  /** Of the integration; default: `default`. */
  readonly name?: string;
  /** Added to an integration that maps the newsletter purpose to OPT_EMAIL and the blacklist flag. */
  readonly integration?: Record<string, unknown>;
  readonly options?: Record<string, unknown>;
  readonly simulator?: SimulatorOptions;
  /** The whole configuration, instead of the one integration. */
  readonly config?: Record<string, unknown>;
  /** Settings beside the integrations. */
  readonly settings?: Record<string, unknown>;
  readonly requestsPerSecond?: number;
  /** Of the Temporal server; default: the one of all tests. */
  readonly address?: string;
  /** Where the worker looks for Brevo; default: the simulator. */
  readonly brevoApiUrl?: string;
  /** How long the first attempt of a call waits for Brevo's answer, in ms. */
  readonly brevoTimeoutMs?: number;
  readonly workflowWorker?: Partial<WorkerOptions>;
}

let quiet = false;

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  if (!quiet) Runtime.install({ logger: new DefaultLogger('ERROR') });
  quiet = true;
  const address = options.address ?? process.env.TEST_TEMPORAL_ADDRESS ?? '';
  const simulator = await startSimulator({ requestsPerSecond: 0, ...options.simulator });
  const settings = {
    ...(options.config ?? {
      integrations: {
        [options.name ?? 'default']: {
          upsert_mode: true,
          config: {
            api_key: 'xkeysib-test',
            list_id: 7,
            properties: [
              { id: 'OPT_EMAIL', value: NEWSLETTER },
              { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER },
            ],
          },
          ...options.integration,
          options: { remember: '1 day', ...options.options },
        },
      },
    }),
    ...options.settings,
    temporal: { task_queue: options.taskQueue ?? `test-${randomUUID()}` },
    brevo: { requests_per_second: options.requestsPerSecond ?? 500 },
  };
  const config = loadConfig({ object: settings });
  const connection = await Connection.connect({ address });
  const temporal = temporalClient(config, { connection });
  const client = new ConsentSyncClient(config, ID_KEY, temporal);

  const startOne = async ({ bundle, version, config: own }: WorkerBuild, restarted: Restarted = {}) => {
    const codePath = process.env.TEST_WORKFLOW_BUNDLE ?? '';
    // One of its own, as workers of two processes have.
    const native = await NativeConnection.connect({ address });
    const worker = await createWorker({
      config: own ?? restarted.config ?? config,
      connection: native,
      namespace: 'default',
      brevoApiUrl: restarted.brevoApiUrl ?? options.brevoApiUrl ?? simulator.url,
      brevoTimeoutMs: options.brevoTimeoutMs,
      shutdown: { graceMs: 500 },
      version,
      workflowWorker: {
        workflowBundle: bundle === undefined ? { codePath } : { code: bundle },
        ...options.workflowWorker,
      },
    });
    const running = worker.run();
    return async () => {
      worker.shutdown();
      await running;
      await native.close();
    };
  };

  let stop: (() => Promise<void>) | undefined;
  const harness: Harness = {
    simulator,
    client,
    temporal,
    config,
    settings,
    addWorker: (build) => startOne(build),
    async startWorker(restarted) {
      stop = await startOne(options.build ?? {}, restarted);
    },
    async stopWorker() {
      await stop?.();
      stop = undefined;
    },
    async close() {
      await harness.stopWorker();
      await connection.close();
      await simulator.close();
    },
  };
  await harness.startWorker();
  return harness;
}

/** An e-mail address that no other test uses. */
export function someone(): string {
  return `${randomUUID()}@example.com`;
}

/** ISO time some seconds from now, for the `at` of an event. */
export function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

interface EventOptions {
  readonly id?: string;
  readonly at?: string;
  readonly updatedAt?: string;
  readonly status?: string;
  readonly purpose?: string;
}

/** An event.created as Didomi sends it. */
export function eventCreated(
  organizationUserId: string,
  enabled: boolean | null,
  options: EventOptions = {},
) {
  const at = options.at ?? new Date().toISOString();
  return {
    type: 'event.created',
    regulation: 'gdpr',
    parameters: {
      entity: {
        id: options.id ?? randomUUID(),
        created_at: at,
        updated_at: options.updatedAt ?? at,
        status: options.status ?? 'confirmed',
        user: { id: 'didomi-user', organization_user_id: organizationUserId },
        consents: { purposes: [{ id: options.purpose ?? 'newsletter', enabled }] },
      },
    },
  };
}
