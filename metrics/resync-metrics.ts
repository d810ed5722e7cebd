import type { Client } from '@temporalio/client';
import { Gauge, type Registry } from 'prom-client';
import { figuresOf, type ResyncFigures } from '../client/resync-figures';
import { type ListedRun, Resyncs } from '../client/resyncs';
import type { Config } from '../config';
import { DRIFT_SIDES } from '../workflows/resync/contract';

const COUNTS = [
  'read',
  'compared',
  'differing',
  'submitted',
  'done',
  'skipped',
  'guarded',
  'rejected',
  'held',
  'broken',
] as const;

/** Runs of an integration that are looked at for what there is to tell, the latest ones. */
const LOOKED_AT = 20;

/** Nothing more is known of a run whose workflow somebody has ended in Temporal. */
type Told = ResyncFigures | 'ended from outside';

/** How bulk resyncs stand. Asked from Temporal, so that it does not matter which process reads the source. */
export class ResyncMetrics {
  readonly name = 'resyncs';
  private readonly running: Gauge<'integration'>;
  private readonly contacts: Gauge<'integration' | 'count'>;
  private readonly lastCompleted: Gauge<'integration'>;
  private readonly lastFailed: Gauge<'integration'>;
  private readonly drift: Gauge<'integration' | 'side'>;
  private readonly resyncs: Resyncs;
  /** By workflow id: what runs came to that have ended does not change. */
  private ended: ReadonlyMap<string, Told> = new Map();

  constructor(
    registry: Registry,
    private readonly config: Pick<Config, 'integrations' | 'temporal'>,
    temporal: Client,
  ) {
    this.resyncs = new Resyncs(temporal, config.temporal.taskQueue);
    const registers = [registry];
    this.running = new Gauge({
      name: 'consent_sync_resync_running',
      help: 'Whether a resync, or a plan of one, is under way.',
      labelNames: ['integration'],
      registers,
    });
    this.contacts = new Gauge({
      name: 'consent_sync_resync_contacts',
      help: 'Counts of the latest run.',
      labelNames: ['integration', 'count'],
      registers,
    });
    this.lastCompleted = new Gauge({
      name: 'consent_sync_resync_last_completed_timestamp_seconds',
      help: 'When the latest run ended that came to its end; absent when none did.',
      labelNames: ['integration'],
      registers,
    });
    this.lastFailed = new Gauge({
      name: 'consent_sync_resync_last_failed',
      help: 'Whether the latest run that has ended failed or was refused.',
      labelNames: ['integration'],
      registers,
    });
    this.drift = new Gauge({
      name: 'consent_sync_drift_contacts',
      help: 'Contacts that differed in the latest nightly run, by the side that moved away; absent before the first.',
      labelNames: ['integration', 'side'],
      registers,
    });
  }

  async refresh(): Promise<void> {
    const runs = await this.resyncs.list();
    for (const integration of this.config.integrations.keys()) {
      const latest = runs.filter((run) => run.integration === integration).slice(0, LOOKED_AT);
      await this.tell(integration, latest);
    }
    const listed = new Set(runs.map(({ workflowId }) => workflowId));
    this.ended = new Map([...this.ended].filter(([workflowId]) => listed.has(workflowId)));
  }

  private async tell(integration: string, runs: readonly ListedRun[]): Promise<void> {
    const told: Told[] = [];
    for (const run of runs) told.push(await this.ask(run));
    const figures = told.filter((one) => one !== 'ended from outside');
    const [latest] = figures;
    this.running.set({ integration }, runs.some(({ status }) => status === 'RUNNING') ? 1 : 0);
    for (const count of COUNTS) this.contacts.set({ integration, count }, latest?.counts[count] ?? 0);
    const ended = told.find((one) => one === 'ended from outside' || one.endedAt !== undefined);
    const hasFailed = ended === 'ended from outside' || ended?.state === 'failed';
    this.lastFailed.set({ integration }, hasFailed ? 1 : 0);
    const completed = figures.find(({ state }) => state === 'completed');
    if (completed?.endedAt !== undefined) this.lastCompleted.set({ integration }, completed.endedAt);
    const nightly = figures.find(({ isNightly, drift }) => isNightly && drift);
    if (!nightly?.drift) return;
    for (const side of DRIFT_SIDES) this.drift.set({ integration, side }, nightly.drift[side]);
  }

  private async ask(run: ListedRun): Promise<Told> {
    const { workflowId, status } = run;
    if (status !== 'RUNNING' && status !== 'COMPLETED') return 'ended from outside';
    const known = this.ended.get(workflowId);
    if (known) return known;
    const figures = figuresOf(await this.resyncs.status(run));
    if (status === 'COMPLETED') this.ended = new Map(this.ended).set(workflowId, figures);
    return figures;
  }
}
