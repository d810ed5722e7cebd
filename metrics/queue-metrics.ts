import type { Client } from '@temporalio/client';
import { Gauge, type Registry } from 'prom-client';
import type { Config } from '../config';
import { brevoTaskQueue } from '../workflows/contract';
import { readersQueue } from '../workflows/resync/contract';

/** As Temporal numbers them. */
const KINDS = { workflow: 1, activity: 2 } as const;
type Kind = keyof typeof KINDS;

/** A worker's poll ends after a minute, and another one begins; the rest is for clocks that differ. */
const GONE_AFTER_MS = 90_000;

interface Queue {
  readonly queue: string;
  readonly kind: Kind;
}

/** Who works for the task queues of the configuration, and what waits in them. */
export class QueueMetrics {
  readonly name = 'task queues';
  private readonly pollers: Gauge<'queue' | 'kind'>;
  private readonly backlog: Gauge<'queue' | 'kind'>;
  private readonly backlogAge: Gauge<'queue' | 'kind'>;
  private readonly queues: readonly Queue[];

  constructor(
    registry: Registry,
    config: Pick<Config, 'integrations' | 'temporal'>,
    private readonly temporal: Client,
  ) {
    const common = { labelNames: ['queue', 'kind'] as const, registers: [registry] };
    this.pollers = new Gauge({
      name: 'consent_sync_task_queue_pollers',
      help: 'Processes that Temporal has heard of in the last minute and a half, as workers of a task queue.',
      ...common,
    });
    this.backlog = new Gauge({
      name: 'consent_sync_task_queue_backlog',
      help: 'Tasks that wait in Temporal for a worker, as Temporal estimates them.',
      ...common,
    });
    this.backlogAge = new Gauge({
      name: 'consent_sync_task_queue_backlog_age_seconds',
      help: 'For how long the oldest of these tasks waits, as Temporal estimates it.',
      ...common,
    });
    this.queues = queuesOf(config);
  }

  async refresh(): Promise<void> {
    await Promise.all(this.queues.map((one) => this.look(one)));
  }

  private async look({ queue, kind }: Queue): Promise<void> {
    const { pollers, stats } = await this.temporal.workflowService.describeTaskQueue({
      namespace: this.temporal.options.namespace,
      taskQueue: { name: queue },
      taskQueueType: KINDS[kind],
      reportStats: true,
    });
    const alive = (pollers ?? []).filter(
      ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < GONE_AFTER_MS,
    );
    this.pollers.set({ queue, kind }, new Set(alive.map(({ identity }) => identity)).size);
    // Temporal before 1.25 does not tell.
    if (!stats) return;
    const { approximateBacklogCount, approximateBacklogAge: age } = stats;
    this.backlog.set({ queue, kind }, Number(approximateBacklogCount ?? 0));
    this.backlogAge.set({ queue, kind }, Number(age?.seconds ?? 0) + Number(age?.nanos ?? 0) / 1e9);
  }
}

/** Those that every worker of this configuration polls. */
function queuesOf({
  integrations,
  temporal: { taskQueue },
}: Pick<Config, 'integrations' | 'temporal'>): Queue[] {
  return [
    { queue: taskQueue, kind: 'workflow' },
    { queue: taskQueue, kind: 'activity' },
    { queue: readersQueue(taskQueue), kind: 'activity' },
    ...[...integrations.keys()].map((name): Queue => {
      return { queue: brevoTaskQueue(taskQueue, name), kind: 'activity' };
    }),
  ];
}
