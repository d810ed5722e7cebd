import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NativeConnection } from '@temporalio/worker';
import { type NamedResync, type ResyncStatus, Resyncs, workflowIdOf } from '../../../client/resyncs';
import type { BrokenRecord } from '../../../resync/gather';
import { brokenOf, type ReportLine, reportOf } from '../../../resync/report';
import { createReader } from '../../../worker/reader';
import { type ResyncInput, type ResyncProgress, readerQueueOf } from '../../../workflows/resync/contract';
import { runNode } from '../../support/node-process';
import { until } from '../../support/until';
import { writeDay } from '../../unit/didomi-export/export-folder';
import { type Harness, type HarnessOptions, ID_KEY, someone, startHarness } from './harness';

const DAY_MS = 86_400_000;
/** On a machine that is busy with other tests. */
const STEP_MAY_TAKE_MS = 60_000;

/** With an integration of its own: only one resync of an integration may be under way in a namespace. */
export function startResyncHarness(options: HarnessOptions = {}): Promise<Harness> {
  return startHarness({ ...options, name: `resynced-${randomUUID()}` });
}

/** Who Didomi's export tells of, and what Brevo held before. */
export interface Told {
  readonly email: string;
  /** What the export says. */
  readonly enabled: boolean;
  /** The choice behind it is told along, with its time; else the export tells only how the record stands. */
  readonly chosen?: boolean;
  /** What Brevo holds; absent: it has no such contact. */
  readonly before?: {
    readonly emailBlacklisted: boolean;
    readonly attributes: { readonly OPT_EMAIL: boolean };
  };
}

export const HOLDS = {
  optIn: { emailBlacklisted: false, attributes: { OPT_EMAIL: true } },
  optOut: { emailBlacklisted: true, attributes: { OPT_EMAIL: false } },
} as const;

/** What Brevo holds of somebody whose last choice this was. */
export function heldAfter(enabled: boolean) {
  return enabled ? HOLDS.optIn : HOLDS.optOut;
}

/** People of one kind. */
export function people(count: number, kind: Omit<Told, 'email'>): Told[] {
  return Array.from({ length: count }, () => ({ ...kind, email: someone() }));
}

export interface ExportOptions {
  /** Whole days before today; default 1. */
  readonly daysAgo?: number;
  /** Lines as they are, after those of the people. */
  readonly alsoLines?: readonly unknown[];
}

/** ms since 1970: when the export says that everybody's record was last changed. */
export function toldAt(daysAgo = 1): number {
  return Math.floor((Date.now() - daysAgo * DAY_MS) / 1000) * 1000;
}

/** Writes one day of a batch export. Lays the contacts into Brevo first. */
export async function writeExport(
  harness: Harness,
  folder: string,
  told: readonly Told[],
  { daysAgo = 1, alsoLines = [] }: ExportOptions = {},
): Promise<void> {
  for (const { email, before } of told) if (before) harness.simulator.seedContact({ email, ...before });
  const at = new Date(toldAt(daysAgo)).toISOString();
  const lines = told.map(({ email, enabled, chosen }, index) => {
    const consents = { purposes: [{ id: 'newsletter', enabled }] };
    const times = { created_at: at, updated_at: at };
    const user = { id: `didomi-user-${index}`, organization_user_id: email, ...times, consents };
    const event = { id: `event-${index}`, ...times, status: 'confirmed', consents };
    return { user, events: chosen ? [event] : [] };
  });
  const half = Math.ceil(lines.length / 2);
  await writeDay(folder, at.slice(0, 10), {
    'a.json.gz': lines.slice(0, half),
    'b.json.gz': [...lines.slice(half), ...alsoLines],
  });
}

/** A process that reads for one run. */
export interface Reader {
  stop(): Promise<void>;
}

export async function startReader(harness: Harness, root: string, taskQueue: string): Promise<Reader> {
  const connection = await NativeConnection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS ?? '' });
  const worker = await createReader({
    config: harness.config,
    connection,
    namespace: 'default',
    taskQueue,
    brevoApiUrl: harness.simulator.url,
    root,
    temporal: harness.temporal,
    idKey: ID_KEY,
  });
  const running = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

/** A process of its own that reads, from the built code; to be killed. */
export function readerProcess(
  { settings, simulator }: Harness,
  root: string,
  taskQueue: string,
): ChildProcess {
  const { child } = runNode(
    process.cwd(),
    `const { NativeConnection } = require('@temporalio/worker');
     const { Client, Connection } = require('@temporalio/client');
     const { loadConfig } = require('./dist/config');
     const { createReader } = require('./dist/worker/reader');
     const { settings, address, ...options } = JSON.parse(process.env.READER);
     const worker = await createReader({
       ...options,
       config: loadConfig({ object: settings }),
       connection: await NativeConnection.connect({ address }),
       temporal: new Client({ connection: await Connection.connect({ address }) }),
     });
     await worker.run();`,
    {
      ...process.env,
      READER: JSON.stringify({
        settings,
        address: process.env.TEST_TEMPORAL_ADDRESS,
        namespace: 'default',
        taskQueue,
        brevoApiUrl: simulator.url,
        root,
        idKey: ID_KEY,
      }),
    },
  );
  return child;
}

export type RunOptions = Partial<Pick<ResyncInput, 'planOnly' | 'planOf' | 'rate' | 'source'>> & {
  /** Default: one of this process is started. */
  readonly withoutReader?: boolean;
};

let runs = 0;

/** A resync that is under way, and what reads for it. */
export class Run {
  private readers: Reader[] = [];
  private readonly resyncs: Resyncs;

  private constructor(
    readonly harness: Harness,
    readonly root: string,
    readonly input: NamedResync,
    readonly queue: string,
  ) {
    this.resyncs = new Resyncs(harness.temporal, harness.config.temporal.taskQueue);
  }

  /** @param exportFolder default: none, for a run that carries out a plan */
  static async start(
    harness: Harness,
    root: string,
    exportFolder: string | undefined,
    { withoutReader, ...options }: RunOptions = {},
  ): Promise<Run> {
    const integration = [...harness.config.integrations.keys()][0] ?? '';
    runs += 1;
    // Names sort by time, also those of one second.
    const run = `${Resyncs.newRun(Date.now()).slice(0, 15)}-${String(runs).padStart(4, '0')}`;
    const queue = readerQueueOf(harness.config.temporal.taskQueue, run);
    const input: NamedResync = {
      integration,
      run,
      planOnly: false,
      source: { kind: 'files', paths: exportFolder === undefined ? [] : [exportFolder] },
      readerQueue: queue,
      ...options,
    };
    const started = new Run(harness, root, input, queue);
    if (!withoutReader) await started.startReader();
    await started.resyncs.start(input);
    return started;
  }

  get run(): string {
    return this.input.run;
  }

  get workflowId(): string {
    return workflowIdOf(this.input);
  }

  async startReader(): Promise<void> {
    this.readers.push(await startReader(this.harness, this.root, this.queue));
  }

  async stopReaders(): Promise<void> {
    await Promise.all(this.readers.splice(0).map((reader) => reader.stop()));
  }

  status(): Promise<ResyncStatus> {
    return this.resyncs.status(this);
  }

  command(command: 'pause' | 'resume' | 'cancel'): Promise<void> {
    return this.resyncs.command(this, command);
  }

  setRate(rate: number | null): Promise<void> {
    return this.resyncs.setRate(this, rate);
  }

  /** Waits until the run is as wanted. */
  async until(what: string, isSo: (status: ResyncStatus) => boolean): Promise<void> {
    await until(what, async () => isSo(await this.status()), STEP_MAY_TAKE_MS);
  }

  /** Waits until no step is under way. */
  async untilIdle(withinMs = STEP_MAY_TAKE_MS): Promise<void> {
    const handle = this.harness.temporal.workflow.getHandle(this.workflowId);
    await until(
      'no step is under way',
      async () => ((await handle.describe()).raw.pendingActivities ?? []).length === 0,
      withinMs,
    );
  }

  /** Waits for the end. The readers are stopped. */
  async end(): Promise<ResyncProgress> {
    const progress = await this.resyncs.end(this);
    await this.stopReaders();
    return progress;
  }

  report(): Promise<ReportLine[]> {
    return all(reportOf(this.root, this.run));
  }

  broken(): Promise<BrokenRecord[]> {
    return all(brokenOf(this.root, this.run));
  }

  /** What still lies on disk for the run, beside its report. */
  async leftOnDisk(): Promise<string[]> {
    const folder = join(this.root, this.run);
    return existsSync(folder) ? readdir(folder) : [];
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** The calls about contacts that have reached Brevo. */
export function contactCalls({ simulator }: Harness) {
  return simulator
    .calls()
    .filter(({ path }) => path.startsWith('/contacts') && path !== '/contacts/attributes');
}

/** Those of them that change a contact. */
export function writes(harness: Harness) {
  return contactCalls(harness).filter(({ method }) => method !== 'GET');
}
