import { NativeConnection, type TelemetryOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Config, WorkerVersion } from '../../config';
import { nativeConnectionOptions, type TemporalSettings } from '../../temporal/connection-settings';
import { type ConsentSyncWorker, type ConsentSyncWorkerOptions, createWorker } from '../../worker';
import type { ReaderParts } from '../../worker/reader';
import { shutdownWithin } from '../../worker/shutdown-times';
import { probeBrevo } from './brevo-probe';
import { heldLog } from './held-log';
import { outcomeLog } from './outcome-log';
import { pause, type Service } from './service';
import { installTemporalRuntime } from './temporal-runtime';

const RETRY_MS = 2_000;

/** Who is told of what workers do. */
export interface WorkerObservers
  extends Pick<ConsentSyncWorkerOptions, 'onOutcome' | 'onCall' | 'onFailedAttempt'> {
  /** Told of each worker before it runs. */
  onWorker?(worker: ConsentSyncWorker): void;
}

export interface WorkerLoopOptions {
  readonly config: Config;
  readonly settings: TemporalSettings;
  readonly brevoApiUrl: string;
  /** Absent: no Worker Versioning. */
  readonly version?: WorkerVersion | undefined;
  /** What it takes to read the sources of resyncs. */
  readonly reader?: ReaderParts;
  readonly logger: Logger;
  readonly observers?: WorkerObservers | undefined;
  /** How Temporal's SDK tells its metrics; absent: not at all. */
  readonly sdkMetrics?: TelemetryOptions['metrics'];
  /** How long the worker's end may take, in ms. */
  readonly shutdownMs: number;
  /** Told each time that a worker has begun to run. */
  onRunning?(): void;
}

/**
 * Keeps a worker running until the service stops: waits for Temporal to be there, and begins anew when Temporal's
 * absence ends the worker.
 */
export function keepWorking(options: WorkerLoopOptions, service: Service): void {
  installTemporalRuntime(options.logger, options.sdkMetrics);
  const loop = new WorkerLoop(options, service.stopping);
  const ended = loop.run().catch(service.fail);
  service.atEnd(async () => {
    // One that is still connecting has nothing to finish.
    if (loop.shutdown()) await ended;
  });
}

class WorkerLoop {
  private worker: ConsentSyncWorker | undefined;
  private hasProbed = false;
  /** Set at the end: the worker goes on until ingestion has drained. */
  private readonly ending = new AbortController();

  constructor(
    private readonly options: WorkerLoopOptions,
    private readonly stopping: AbortSignal,
  ) {}

  /** Says whether a worker runs that has to come to its end. */
  shutdown(): boolean {
    this.ending.abort();
    this.worker?.shutdown();
    return this.worker !== undefined;
  }

  async run(): Promise<void> {
    while (!this.ending.signal.aborted) {
      try {
        await this.work();
      } catch (error) {
        this.tell(error);
      }
      if (this.stopping.aborted) return;
      await pause(RETRY_MS, this.ending.signal);
    }
  }

  private async work(): Promise<void> {
    const { settings, config, brevoApiUrl, version, reader, logger, observers, shutdownMs } = this.options;
    const logOutcome = outcomeLog(logger);
    const connection = await NativeConnection.connect(nativeConnectionOptions(settings));
    try {
      const { namespace } = settings;
      this.worker = await createWorker({
        config,
        connection,
        namespace,
        brevoApiUrl,
        version,
        reader,
        ...heldLog(logger),
        onOutcome: (outcome) => {
          logOutcome(outcome);
          observers?.onOutcome?.(outcome);
        },
        onCall: observers?.onCall,
        onFailedAttempt: observers?.onFailedAttempt,
        shutdown: shutdownWithin(shutdownMs),
      });
      observers?.onWorker?.(this.worker);
      this.probe(this.worker);
      const running = this.worker.run();
      this.options.onRunning?.();
      logger.info({ taskQueue: config.temporal.taskQueue, ...version }, 'the worker runs');
      if (version) logger.info(version, 'it is given work once its version is made current or ramping');
      if (this.ending.signal.aborted) this.worker.shutdown();
      await running;
    } finally {
      this.worker = undefined;
      // Refused while a worker that did not come up holds it.
      await connection.close().catch(() => undefined);
    }
  }

  /** Once: with the worker's own accounts, so that a key that is wrong costs one call and not two. */
  private probe({ accounts }: ConsentSyncWorker): void {
    if (this.hasProbed) return;
    this.hasProbed = true;
    void probeBrevo(this.options.config, accounts, this.options.logger);
  }

  /** That Temporal is away is told elsewhere. */
  private tell(error: unknown): void {
    const { logger } = this.options;
    // Not what a server does: it would be the same the next time.
    if (!(error instanceof Error) || error instanceof TypeError || 'syscall' in error) throw error;
    if (this.ending.signal.aborted) {
      logger.warn({ reason: error.message }, 'the worker did not come to its end in time');
      return;
    }
    const level = error.name === 'TransportError' ? 'debug' : 'warn';
    logger[level]({ reason: error.message }, 'the worker ended; beginning anew');
  }
}
