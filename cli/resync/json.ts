import type { ResyncStatus } from '../../client/resyncs';

/** A run as `resync start` and `status` print it with `--json`. */
export function jsonOf(status: ResyncStatus): object {
  const { run, integration, phase, state, counts, plan, drift, planOnly, notes, waiting, trouble, failure } =
    status;
  const why = waiting ?? trouble;
  const planned = plan && {
    create: plan.create,
    update: plan.update,
    blacklist: plan.blacklist,
    unblacklist: plan.unblacklist,
    unchanged: plan.unchanged,
    seconds: plan.seconds,
    plannedCalls: plan.calls,
    // Nothing is submitted: what would be told of these stands in the plan.
    ...(planOnly && { skipped: plan.skipped, guarded: plan.guarded, rejected: plan.rejected }),
    ...(plan.way !== undefined && { way: plan.way }),
    ...(plan.samples && { samples: plan.samples }),
  };
  return {
    run,
    integration,
    phase,
    state,
    ...counts,
    ...planned,
    ...(drift && { drift }),
    startedAt: new Date(status.startedAt).toISOString(),
    ...(status.endedAt !== undefined && { endedAt: new Date(status.endedAt).toISOString() }),
    ...(notes && notes.length > 0 && { notes }),
    ...(why !== undefined && { waiting: why }),
    ...(failure !== undefined && { failure }),
  };
}
