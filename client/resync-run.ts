import type { ListedRun, ResyncStatus, Resyncs } from './resyncs';

/** How often a run is asked how far it is, in ms. */
const ASK_EVERY_MS = 1_000;

/** A resync that was started, or found again. */
export class ResyncRun {
  /** Its name, as the command line takes it. */
  readonly run: string;
  readonly workflowId: string;

  constructor(
    private readonly resyncs: Resyncs,
    private readonly listed: Pick<ListedRun, 'run' | 'workflowId'>,
  ) {
    this.run = listed.run;
    this.workflowId = listed.workflowId;
  }

  status(): Promise<ResyncStatus> {
    return this.resyncs.status(this.listed);
  }

  /** How far the run is, whenever that has changed; ends with what it came to. */
  async *progress({
    everyMs = ASK_EVERY_MS,
  }: {
    readonly everyMs?: number;
  } = {}): AsyncGenerator<ResyncStatus> {
    let told = '';
    for (;;) {
      const status = await this.status();
      const text = JSON.stringify(status);
      if (text !== told) yield status;
      told = text;
      if (isOver(status)) return;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  /** @throws Error once the run has ended; so do `resume`, `cancel` and `setRate` */
  pause(): Promise<void> {
    return this.resyncs.command(this.listed, 'pause');
  }

  resume(): Promise<void> {
    return this.resyncs.command(this.listed, 'resume');
  }

  /** What was submitted stays submitted. */
  cancel(): Promise<void> {
    return this.resyncs.command(this.listed, 'cancel');
  }

  /** @param rate contacts a second; null = as many as Brevo's budget allows */
  setRate(rate: number | null): Promise<void> {
    return this.resyncs.setRate(this.listed, rate);
  }

  /** Resolves when the run has ended. */
  async end(): Promise<ResyncStatus> {
    await this.resyncs.end(this.listed);
    return this.status();
  }
}

/** Nothing changes any more. */
export function isOver({ state }: Pick<ResyncStatus, 'state'>): boolean {
  return state === 'completed' || state === 'cancelled' || state === 'failed';
}
