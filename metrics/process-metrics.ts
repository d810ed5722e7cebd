import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

export interface ProcessFacts {
  /** Of the package. */
  readonly version: string;
  /** Of the worker, where Worker Versioning is on. */
  readonly build?: string | undefined;
}

/** What every process tells: what it is, what it needs, and whether it reaches Temporal. */
export class ProcessMetrics {
  private readonly reachable: Gauge;

  constructor(registry: Registry, { version, build = '' }: ProcessFacts) {
    collectDefaultMetrics({ register: registry });
    // Sums of others, under names that promise counters.
    for (const what of ['handles', 'requests', 'resources']) {
      registry.removeSingleMetric(`nodejs_active_${what}_total`);
    }
    new Gauge({
      name: 'consent_sync_build_info',
      help: 'Always 1: which version runs, and which build of Worker Versioning.',
      labelNames: ['version', 'build'],
      registers: [registry],
    }).set({ version, build }, 1);
    this.reachable = new Gauge({
      name: 'consent_sync_temporal_reachable',
      help: 'Whether Temporal could be used when it was last looked at, about every two seconds.',
      registers: [registry],
    });
  }

  readonly temporalSeen = (isReady: boolean): void => this.reachable.set(isReady ? 1 : 0);
}
