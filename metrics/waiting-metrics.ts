import type { Client } from '@temporalio/client';
import { Gauge, type Registry } from 'prom-client';
import { Failures } from '../client/failures';
import type { Config } from '../config';

/** How many contacts wait for somebody to do something, as Temporal lists them. */
export class WaitingMetrics {
  readonly name = 'contacts waiting';
  private readonly contacts: Gauge<'integration' | 'outcome'>;
  private readonly countedAt: Gauge;
  private readonly failures: Failures;

  constructor(
    registry: Registry,
    private readonly config: Pick<Config, 'integrations' | 'temporal'>,
    temporal: Client,
  ) {
    this.failures = new Failures(temporal, config.temporal.taskQueue);
    this.contacts = new Gauge({
      name: 'consent_sync_contacts_waiting',
      help: 'Open contacts that show held or rejected. Each worker tells the same of all contacts.',
      labelNames: ['integration', 'outcome'],
      registers: [registry],
    });
    this.countedAt = new Gauge({
      name: 'consent_sync_contacts_waiting_counted_timestamp_seconds',
      help: 'When they were last counted; 0 when they were not yet.',
      registers: [registry],
    });
  }

  async refresh(): Promise<void> {
    const startedAt = Date.now() / 1000;
    for (const { integration, held, rejected } of await this.failures.count([
      ...this.config.integrations.keys(),
    ])) {
      this.contacts.set({ integration, outcome: 'held' }, held);
      this.contacts.set({ integration, outcome: 'rejected' }, rejected);
    }
    this.countedAt.set(startedAt);
  }
}
