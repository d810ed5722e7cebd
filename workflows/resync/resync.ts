import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineUpdate,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { ResyncActivities, Step, StepInput } from './activities-contract';
import {
  CANCEL_UPDATE,
  NO_COUNTS,
  PAUSE_UPDATE,
  PROGRESS_QUERY,
  RESUME_UPDATE,
  type ResyncInput,
  type ResyncPhase,
  type ResyncProgress,
  type ResyncState,
  readersQueue,
  SET_RATE_UPDATE,
} from './contract';
import { resyncDetails } from './details';

const progress = defineQuery<ResyncProgress>(PROGRESS_QUERY);
const pause = defineUpdate(PAUSE_UPDATE);
const resume = defineUpdate(RESUME_UPDATE);
const cancel = defineUpdate(CANCEL_UPDATE);
const setRate = defineUpdate<void, [number | null]>(SET_RATE_UPDATE);

/** Before Brevo is tried again while its account refuses to work, in ms. */
const WAIT_MS = 30_000;

/** A step ends by itself long before. */
const STEP_TIMEOUT = '10 minutes';

const PHASES: readonly Exclude<ResyncPhase, 'ended'>[] = ['reading', 'comparing', 'submitting'];

const STEPS = {
  reading: 'readSource',
  comparing: 'compareWithBrevo',
  submitting: 'submitDiffering',
} as const;

/**
 * Brings Brevo in line with a whole source: reads it, compares it with Brevo, and submits the contacts that differ to
 * their own workflows. The work is done on the disk of one process, the reader; this workflow knows how far it is, and
 * goes on when the reader comes back.
 */
export async function resync(input: ResyncInput): Promise<ResyncProgress> {
  const run = new ResyncRun(input);
  setHandler(progress, () => run.progress());
  setHandler(pause, () => run.pause(), { validator: () => run.requireOpen() });
  setHandler(resume, () => run.resume(), { validator: () => run.requireOpen() });
  setHandler(cancel, () => run.cancel(), { validator: () => run.requireOpen() });
  setHandler(setRate, (rate) => run.setRate(rate), {
    validator: (rate) => {
      run.requireOpen();
      requireRate(rate);
    },
  });
  await run.toItsEnd();
  await condition(allHandlersFinished);
  return run.progress();
}

class ResyncRun {
  private readonly state: ResyncState;
  /** The step that is under way. */
  private step: CancellationScope | undefined;

  private readonly run: string;

  constructor(private readonly input: ResyncInput) {
    this.run = input.run ?? workflowInfo().workflowId.split('/').at(-1) ?? '';
    this.state = input.carried ?? {
      phase: input.planOf === undefined ? 'reading' : 'submitting',
      state: 'running',
      counts: NO_COUNTS,
      startedAt: Date.now(),
      ...(input.rate !== undefined && { rate: input.rate }),
    };
  }

  progress(): ResyncProgress {
    const { integration, planOnly } = this.input;
    return { run: this.run, integration, planOnly, ...this.state };
  }

  /** @throws ApplicationFailure once the run has ended */
  requireOpen(): void {
    const { state } = this.state;
    if (state === 'running' || state === 'paused') return;
    throw ApplicationFailure.nonRetryable(`The run is ${state}: nothing can be changed any more.`);
  }

  pause(): void {
    if (this.state.state === 'running') this.interrupt('paused');
  }

  resume(): void {
    if (this.state.state === 'paused') this.state.state = 'running';
    this.tell();
  }

  cancel(): void {
    this.interrupt('cancelled');
  }

  /** @param rate contacts a second; null = as many as Brevo's budget allows */
  setRate(rate: number | null): void {
    if (rate === null) delete this.state.rate;
    else this.state.rate = rate;
    // The step under way still keeps to the old one.
    this.step?.cancel();
    this.tell();
  }

  async toItsEnd(): Promise<void> {
    this.tell();
    try {
      if (!this.input.carried) await this.claim();
      for (;;) {
        await condition(() => this.state.state !== 'paused');
        if (this.state.state !== 'running' || this.isOver()) break;
        await this.oneStep();
        if (workflowInfo().continueAsNewSuggested) await this.goOnInANewRun();
      }
      if (this.state.state === 'running') this.state.state = 'completed';
    } catch (error) {
      if (isCancellation(error)) this.state.state = 'cancelled';
      else this.fail(error);
    }
    await CancellationScope.nonCancellable(() => this.tidyUp());
    if (this.state.state === 'completed') this.state.phase = 'ended';
    this.tell();
  }

  private isOver(): boolean {
    return this.state.phase === 'ended';
  }

  private async claim(): Promise<void> {
    const { integration } = this.input;
    this.state.readerQueue = this.input.readerQueue ?? (await this.aWorkersQueue());
    await this.activities('look for another resync of this integration').claimIntegration({
      integration,
      run: this.run,
    });
  }

  private aWorkersQueue(): Promise<string> {
    return this.on(
      readersQueue(workflowInfo().taskQueue),
      'find a worker that reads the source',
    ).offerToRead();
  }

  private async oneStep(): Promise<void> {
    const { phase } = this.state;
    if (phase === 'ended') return;
    const name = STEPS[phase];
    this.step = new CancellationScope();
    try {
      const activities = this.activities(`${phase}: ${this.state.counts.submitted} contacts submitted`);
      this.take(await this.step.run(() => activities[name](this.stepInput())));
    } catch (error) {
      // The workflow's own cancellation is thrown on.
      if (CancellationScope.current().consideredCancelled || !this.isInterruption(error)) throw error;
    } finally {
      this.step = undefined;
    }
    this.tell();
    if (this.state.waiting !== undefined && this.state.state === 'running') await this.waitForBrevo();
  }

  /**
   * Whether a step that we have interrupted ended by that: before it had begun, or while its reader was dead. Temporal
   * does not repeat what it was asked to cancel; the next step does.
   */
  private isInterruption(error: unknown): boolean {
    if (isCancellation(error)) return true;
    const isDead = error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
    return isDead && this.step?.consideredCancelled === true;
  }

  private take({ done, counts, plan, notes, waiting }: Step): void {
    this.state.counts = { ...this.state.counts, ...counts };
    if (plan) this.state.plan = plan;
    if (notes) this.state.notes = notes;
    if (waiting === undefined) delete this.state.waiting;
    else this.state.waiting = waiting;
    if (!done) return;
    const next = PHASES[PHASES.indexOf(this.state.phase as (typeof PHASES)[number]) + 1];
    const isPlanned = this.input.planOnly && this.state.phase === 'comparing';
    this.state.phase = isPlanned || next === undefined ? 'ended' : next;
    if (this.state.phase === 'submitting') {
      this.state.submittingSince = { at: Date.now(), submitted: this.state.counts.submitted };
    }
  }

  private async waitForBrevo(): Promise<void> {
    await condition(() => this.state.state !== 'running', WAIT_MS);
  }

  private interrupt(state: 'paused' | 'cancelled'): void {
    this.state.state = state;
    this.step?.cancel();
    this.tell();
  }

  private fail(error: unknown): void {
    this.state.state = 'failed';
    const cause = error instanceof ActivityFailure ? error.cause : error;
    this.state.failure = cause instanceof Error ? cause.message : String(cause);
  }

  private async tidyUp(): Promise<void> {
    const { planOf, planOnly } = this.input;
    // A run that failed may have no reader: nobody may be kept waiting for it.
    const keepPlan = planOnly && this.state.state === 'completed';
    const tidying = this.activities('delete what lies on disk').tidyUp({
      run: this.run,
      keepPlan,
      ...(planOf !== undefined && { planOf }),
    });
    await Promise.race([tidying.catch(() => undefined), sleep('1 minute')]);
  }

  private async goOnInANewRun(): Promise<void> {
    await condition(allHandlersFinished);
    if (this.state.state === 'running' || this.state.state === 'paused') {
      await continueAsNew<typeof resync>({ ...this.input, carried: this.state });
    }
  }

  private stepInput(): StepInput {
    const { integration, source, planOf } = this.input;
    const { rate } = this.state;
    return {
      integration,
      run: this.run,
      source,
      ...(planOf !== undefined && { planOf }),
      ...(rate !== undefined && { rate }),
    };
  }

  private activities(summary: string) {
    return this.on(this.state.readerQueue ?? readersQueue(workflowInfo().taskQueue), summary);
  }

  private on(taskQueue: string, summary: string) {
    return proxyActivities<ResyncActivities>({
      taskQueue,
      startToCloseTimeout: STEP_TIMEOUT,
      heartbeatTimeout: '30 seconds',
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
      summary,
    });
  }

  private tell(): void {
    setCurrentDetails(resyncDetails(this.progress(), Date.now()));
  }
}

function requireRate(rate: number | null): void {
  if (rate === null || (Number.isFinite(rate) && rate > 0)) return;
  throw ApplicationFailure.nonRetryable('The rate must be a number of contacts a second above 0.');
}
