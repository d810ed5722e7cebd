import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  ContinueAsNew,
  condition,
  continueAsNew,
  defineQuery,
  defineUpdate,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
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
import { isAbandoned, isInterruption } from './failures';
import { countOf, shareOf } from './pace';

const progress = defineQuery<ResyncProgress>(PROGRESS_QUERY);
const pause = defineUpdate(PAUSE_UPDATE);
const resume = defineUpdate(RESUME_UPDATE);
const cancel = defineUpdate(CANCEL_UPDATE);
const setRate = defineUpdate<void, [number | null]>(SET_RATE_UPDATE);

/** Before Brevo is tried again while its account refuses to work, in ms. */
const WAIT_MS = 30_000;

/** For so long a worker may be away that has a run on its disk, in ms. */
const ABANDONED_AFTER_MS = 30 * 60_000;

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
  private state: ResyncState;
  /** The step that is under way. */
  private step: CancellationScope | undefined;
  /** No other run of the integration is in the way. */
  private isClaimed: boolean;

  private readonly run: string;

  constructor(private readonly input: ResyncInput) {
    this.run = input.run ?? workflowInfo().workflowId.split('/').at(-1) ?? '';
    this.isClaimed = input.carried !== undefined;
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
    this.measureFromHere();
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
    this.measureFromHere();
    this.tell();
  }

  async toItsEnd(): Promise<void> {
    if (!this.state.since) this.measureFromHere();
    this.tell();
    try {
      for (;;) {
        await condition(() => this.state.state !== 'paused');
        if (this.state.state !== 'running' || this.isOver()) break;
        await this.orAnew(() => (this.isClaimed ? this.oneStep() : this.interruptible(() => this.claim())));
        if (this.isClaimed && workflowInfo().continueAsNewSuggested) await this.goOnInANewRun();
      }
      if (this.state.state === 'running') this.state.state = 'completed';
    } catch (error) {
      if (error instanceof ContinueAsNew) throw error;
      const isCancelled = isCancellation(error) || CancellationScope.current().consideredCancelled;
      if (isCancelled) this.state.state = 'cancelled';
      else this.fail(error);
    }
    if (this.state.state === 'completed') this.state.phase = 'ended';
    this.state.endedAt = Date.now();
    await CancellationScope.nonCancellable(() => this.tidyUp());
    this.tell();
  }

  private isOver(): boolean {
    return this.state.phase === 'ended';
  }

  /** A worker that took the run and does not come back is given up, with what lies on its disk. */
  private async orAnew(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!isAbandoned(error)) throw error;
      const { planOf } = this.input;
      if (planOf !== undefined) {
        throw ApplicationFailure.nonRetryable(`The worker that has the plan ${planOf} did not come back.`);
      }
      const { rate, startedAt, state } = this.state;
      this.isClaimed = false;
      this.state = {
        phase: 'reading',
        state,
        counts: NO_COUNTS,
        startedAt,
        notes: ['begun anew: the worker that had read the source did not come back'],
        ...(rate !== undefined && { rate }),
      };
      this.measureFromHere();
      this.tell();
    }
  }

  private async claim(): Promise<void> {
    const { integration } = this.input;
    this.state.readerQueue ??= this.input.readerQueue ?? (await this.aWorkersQueue());
    await this.activities('look for another resync of this integration').claimIntegration({
      integration,
      run: this.run,
    });
    this.isClaimed = true;
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
    const activities = this.activities(`${phase}: ${this.state.counts.submitted} contacts submitted`);
    const step = await this.interruptible(() => activities[name](this.stepInput()));
    if (step) this.take(step);
    this.tell();
    if (this.state.waiting !== undefined && this.state.state === 'running') await this.waitForBrevo();
  }

  /** @returns undefined when our own interruption came before there was a result */
  private async interruptible<T>(act: () => Promise<T>): Promise<T | undefined> {
    this.step = new CancellationScope();
    try {
      return await this.step.run(act);
    } catch (error) {
      // The workflow's own cancellation is thrown on.
      if (!isInterruption(error) || CancellationScope.current().consideredCancelled) throw error;
      return undefined;
    } finally {
      this.step = undefined;
    }
  }

  private take({ done, counts, share, plan, drift, notes, waiting }: Step): void {
    this.state.counts = { ...this.state.counts, ...counts };
    if (plan) this.state.plan = plan;
    if (drift) this.state.drift = drift;
    if (notes?.length) this.state.notes = notes;
    if (share !== undefined) this.state.share = share;
    if (waiting === undefined) delete this.state.waiting;
    else this.state.waiting = waiting;
    if (!done) return;
    const next = PHASES[PHASES.indexOf(this.state.phase as (typeof PHASES)[number]) + 1];
    const isPlanned = this.input.planOnly && this.state.phase === 'comparing';
    this.state.phase = isPlanned || next === undefined ? 'ended' : next;
    delete this.state.share;
    this.measureFromHere();
  }

  private measureFromHere(): void {
    const { phase, counts } = this.state;
    this.state.since = { at: Date.now(), count: countOf(phase, counts), share: shareOf(this.state) ?? 0 };
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
    const isCompleted = this.state.state === 'completed';
    const tidying = this.activities('delete what lies on disk').tidyUp({
      run: this.run,
      keepPlan: planOnly && isCompleted,
      ended: this.progress(),
      // A plan that was not carried out to its end is kept: another run may be at it, or be started for the rest.
      ...(planOf !== undefined && isCompleted && { planOf }),
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
      // Whoever runs `resync start` is waited for.
      ...(this.isWorkers(taskQueue) && {
        scheduleToStartTimeout: this.input.abandonedAfterMs ?? ABANDONED_AFTER_MS,
      }),
      heartbeatTimeout: '30 seconds',
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
      summary,
    });
  }

  private isWorkers(taskQueue: string): boolean {
    return this.input.readerQueue === undefined && taskQueue === this.state.readerQueue;
  }

  private tell(): void {
    setCurrentDetails(resyncDetails(this.progress(), Date.now()));
  }
}

function requireRate(rate: number | null): void {
  if (rate === null || (Number.isFinite(rate) && rate > 0)) return;
  throw ApplicationFailure.nonRetryable('The rate must be a number of contacts a second above 0.');
}
