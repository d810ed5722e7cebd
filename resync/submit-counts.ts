import type { Outcome } from '../consent/outcome';
import type { ResyncCounts } from '../workflows/resync/contract';

/** What became of the contacts that were submitted so far. */
export type SubmitCounts = Pick<
  ResyncCounts,
  'submitted' | 'done' | 'skipped' | 'guarded' | 'rejected' | 'held' | 'calls' | 'forgotten'
>;

export const NOTHING_SUBMITTED: SubmitCounts = {
  submitted: 0,
  done: 0,
  skipped: 0,
  guarded: 0,
  rejected: 0,
  held: 0,
  calls: 0,
};

/** Of these the report tells nothing. */
const SIMPLY_DONE: ReadonlySet<Outcome> = new Set(['created', 'updated', 'unchanged', 'stale']);
const WROTE: ReadonlySet<Outcome> = new Set(['created', 'updated', 'rejected']);

export function isSimplyDone(outcome: Outcome): boolean {
  return SIMPLY_DONE.has(outcome);
}

/** With one contact more. */
export function withOutcome(counts: SubmitCounts, outcome: Outcome): SubmitCounts {
  return {
    ...counts,
    submitted: counts.submitted + 1,
    done: counts.done + (isSimplyDone(outcome) ? 1 : 0),
    skipped: counts.skipped + (outcome === 'skipped' ? 1 : 0),
    guarded: counts.guarded + (outcome === 'guarded' ? 1 : 0),
    rejected: counts.rejected + (outcome === 'rejected' ? 1 : 0),
    held: counts.held + (outcome === 'held' ? 1 : 0),
    calls: counts.calls + (WROTE.has(outcome) ? 1 : 0),
  };
}

/** With one more that is left out because it was forgotten. */
export function withOneForgotten(counts: SubmitCounts): SubmitCounts {
  return { ...counts, submitted: counts.submitted + 1, forgotten: (counts.forgotten ?? 0) + 1 };
}

/** Without one that was held: it is counted anew. */
export function withoutOneHeld(counts: SubmitCounts): SubmitCounts {
  return { ...counts, submitted: counts.submitted - 1, held: counts.held - 1 };
}
