import type { Client } from '@temporalio/client';
import { Registry } from 'prom-client';
import type { Config } from '../config';
import { IngestMetrics } from './ingest-metrics';
import { type ProcessFacts, ProcessMetrics } from './process-metrics';
import { QueueMetrics } from './queue-metrics';
import { keepRefreshing, type RefreshingOptions } from './refreshing';
import { ResyncMetrics } from './resync-metrics';
import { SdkMetrics } from './sdk-metrics';
import { WaitingMetrics } from './waiting-metrics';
import { WorkerMetrics } from './worker-metrics';

export { serveMetrics } from './endpoint';
export type { SdkExporter } from './sdk-metrics';

/** What a process does of the service's work. */
export type Role = 'ingest' | 'worker';

export interface MetricsOptions extends ProcessFacts {
  readonly config: Pick<Config, 'integrations' | 'temporal'>;
  readonly roles: readonly Role[];
}

/** The metrics of one process: those of what it does, and no others. See docs/metrics.md. */
export class Metrics {
  readonly process: ProcessMetrics;
  readonly ingest: IngestMetrics | undefined;
  readonly worker: WorkerMetrics | undefined;
  private readonly registry = new Registry();

  private constructor(
    private readonly options: MetricsOptions,
    /** Only workers use the part of the SDK that tells metrics. */
    readonly sdk: SdkMetrics | undefined,
  ) {
    const { config, roles } = options;
    this.process = new ProcessMetrics(this.registry, options);
    this.ingest = roles.includes('ingest') ? new IngestMetrics(this.registry, config) : undefined;
    this.worker = roles.includes('worker') ? new WorkerMetrics(this.registry, config) : undefined;
  }

  static async open(options: MetricsOptions): Promise<Metrics> {
    return new Metrics(options, options.roles.includes('worker') ? await SdkMetrics.open() : undefined);
  }

  /** Keeps asking Temporal for what only it knows. */
  watch(temporal: Client, how: Omit<RefreshingOptions, 'temporal'>): void {
    const { config } = this.options;
    const queues = new QueueMetrics(this.registry, config, temporal);
    const others = this.worker
      ? [
          new WaitingMetrics(this.registry, config, temporal),
          new ResyncMetrics(this.registry, config, temporal),
        ]
      : [];
    keepRefreshing([queues, ...others], { ...how, temporal });
  }

  /** All of them, ours and the SDK's, as Prometheus text. */
  async text(): Promise<string> {
    const [ours, sdks] = await Promise.all([this.registry.metrics(), this.sdk?.text() ?? '']);
    return ours + sdks;
  }

  /** Names, kinds and labels of ours. */
  definitions() {
    return this.registry.getMetricsAsArray();
  }
}
