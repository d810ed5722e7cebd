import type { ResyncCounts, ResyncDrift, ResyncInput, ResyncPlan, ResyncProgress } from './contract';

/** What every step is told. */
export type StepInput = Pick<ResyncInput, 'integration' | 'source' | 'planOf'> & {
  readonly run: string;
  /** Contacts a second at most. */
  readonly rate?: number;
};

/** What one step came to; where it stands lies on the reader's disk, since it would tell of people. */
export interface Step {
  /** The phase is over. */
  readonly done: boolean;
  /** Of the run so far. */
  readonly counts: Partial<ResyncCounts>;
  /** Of the phase, from 0 to 1; absent where nobody knows how much there is. */
  readonly share?: number;
  readonly plan?: ResyncPlan;
  readonly drift?: ResyncDrift;
  /** What the operator should know, without personal data. */
  readonly notes?: readonly string[];
  /** Why the next step has to wait. */
  readonly waiting?: string;
}

/**
 * The phases of a resync, in steps of some seconds: a step goes on where the last one got to, also the last one of a
 * process that died. One that is cancelled ends soon, and says how far it got.
 */
export interface ResyncActivities {
  /** Names the task queue of the worker that takes it. */
  offerToRead(): Promise<string>;
  /** Refuses a run beside another one of the same integration. */
  claimIntegration(input: Pick<StepInput, 'integration' | 'run'>): Promise<void>;
  readSource(input: StepInput): Promise<Step>;
  compareWithBrevo(input: StepInput): Promise<Step>;
  submitDiffering(input: StepInput): Promise<Step>;
  /** Deletes what lies on disk, save the report. `keepPlan`: the plan is kept too, to be carried out. */
  tidyUp(
    input: Pick<StepInput, 'run' | 'planOf'> & {
      readonly keepPlan: boolean;
      /** To be kept with the report. */
      readonly ended?: ResyncProgress;
    },
  ): Promise<void>;
}

/** Type of the failures that no repetition helps against. */
export const RESYNC_REFUSED = 'ResyncRefused';
