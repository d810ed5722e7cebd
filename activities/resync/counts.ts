import type { CompareStep } from '../../resync/compare-step';
import { secondsFor } from '../../resync/plan';
import type { SubmitCounts } from '../../resync/submit-counts';
import type { ResyncCounts, ResyncDrift, ResyncPlan } from '../../workflows/resync/contract';

/** What the comparison has settled, and what it cost. */
export function countsAfterComparing({
  compared,
  differing,
  calls,
  plan,
}: CompareStep): Partial<ResyncCounts> {
  const { skipped, guarded, rejected } = plan.totals;
  return { compared, differing, calls, skipped, guarded, rejected };
}

/** @param isOwn whether this run made the comparison, and not the plan that it carries out */
export function countsWhileSubmitting(
  counts: SubmitCounts,
  comparison: CompareStep,
  isOwn: boolean,
): Partial<ResyncCounts> {
  const { skipped, guarded, rejected } = comparison.plan.totals;
  return {
    ...countsAfterComparing(comparison),
    ...counts,
    skipped: skipped + counts.skipped,
    guarded: guarded + counts.guarded,
    rejected: rejected + counts.rejected,
    calls: (isOwn ? comparison.calls : 0) + counts.calls,
  };
}

/** What carrying the comparison out means. @param requestsPerSecond of the Brevo account */
export function planOf({ plan, way }: CompareStep, requestsPerSecond: number): ResyncPlan {
  const { create, update, unknown, blacklist, unblacklist, unchanged, skipped, guarded, rejected } =
    plan.totals;
  return {
    create,
    update: update + unknown,
    blacklist,
    unblacklist,
    unchanged,
    skipped,
    guarded,
    rejected,
    calls: plan.calls,
    seconds: secondsFor(plan, requestsPerSecond),
    ...(way && { way: `${way.way} (pages: ${way.pages} calls, look-ups: ${way.lookUps})` }),
    samples: Object.fromEntries(Object.entries(plan.samples).filter(([, samples]) => samples.length > 0)),
  };
}

/** @param guarded of those that were submitted, as their workflows found */
export function driftOf({ differing, plan: { sides } }: CompareStep, guarded: number): ResyncDrift {
  return { differing, ...sides, guarded };
}
