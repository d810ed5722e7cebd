import {
  NO_COUNTS,
  type ResyncCounts,
  type ResyncDrift,
  type ResyncPhase,
  type ResyncProgress,
  type ResyncRunState,
} from '../workflows/resync/contract';

/** The figures of one run, for monitoring. No personal data. */
export interface ResyncFigures {
  readonly integration: string;
  readonly run: string;
  /** Started by a schedule. */
  readonly isNightly: boolean;
  /** Nothing was written. */
  readonly isPlan: boolean;
  readonly phase: ResyncPhase;
  readonly state: ResyncRunState;
  readonly counts: Required<ResyncCounts>;
  /** Absent until both sides are compared. */
  readonly drift?: ResyncDrift;
  /** Contacts that differed and should not have: without those that rightly stay as they are. */
  readonly outOfStep: number;
  /** s since 1970. */
  readonly startedAt: number;
  /** s since 1970; absent while it lasts. */
  readonly endedAt?: number;
}

/** @param progress a run's answer to the query, or its workflow's result */
export function figuresOf(progress: ResyncProgress): ResyncFigures {
  const { integration, run, planOnly, phase, state, counts, drift, startedAt, endedAt } = progress;
  return {
    integration,
    run,
    isNightly: isNightly(run),
    isPlan: planOnly,
    phase,
    state,
    counts: { didomiCalls: NO_DIDOMI_CALLS, forgotten: 0, ...counts },
    ...(drift && { drift }),
    outOfStep: drift ? drift.differing - drift.guarded : 0,
    startedAt: startedAt / 1000,
    ...(endedAt !== undefined && { endedAt: endedAt / 1000 }),
  };
}

const NO_DIDOMI_CALLS = NO_COUNTS.didomiCalls ?? 0;

/** What the names of the runs begin with that a schedule starts; Temporal adds their time. */
export const NIGHTLY = 'nightly';

export function isNightly(run: string): boolean {
  return run.startsWith(NIGHTLY);
}
