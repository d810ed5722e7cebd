import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import { type BrevoFailureKind, brevoFailure } from './brevo-activities';
import type { Surroundings } from './surroundings';

type Waiting = Pick<Surroundings, 'cancellable' | 'until' | 'patched'>;

/** The change with which a call is called off for a withdrawal that would wait with it. */
const HURRY = 'hurry-for-a-withdrawal';

/**
 * Runs something that is called off when, before it is done, it has become pointless, or waits for its turn while
 * something has come that must not wait with it.
 */
export async function unless<T>(
  temporal: Waiting,
  isOvertaken: () => boolean,
  act: () => Promise<T>,
  isHurried: () => boolean = () => false,
): Promise<T | 'overtaken'> {
  let ended = false;
  let overtaken = false;
  const { result, cancel } = temporal.cancellable(act);
  const acting = result.finally(() => {
    ended = true;
  });
  const watching = untilOvertaken(temporal, () => ended, isOvertaken, isHurried).then(() => {
    if (ended) return;
    overtaken = true;
    cancel();
  });
  const [done] = await Promise.allSettled([acting, watching]);
  if (done.status === 'fulfilled') return done.value;
  if (overtaken && endsByCancellation(done.reason)) return 'overtaken';
  throw done.reason;
}

async function untilOvertaken(
  temporal: Waiting,
  hasEnded: () => boolean,
  isOvertaken: () => boolean,
  isHurried: () => boolean,
): Promise<void> {
  await temporal.until(() => hasEnded() || isOvertaken() || isHurried());
  if (hasEnded() || isOvertaken() || temporal.patched(HURRY)) return;
  await temporal.until(() => hasEnded() || isOvertaken());
}

/** Temporal does not retry an activity that it was asked to cancel: what would have been retried ends with its failure. */
function endsByCancellation(error: unknown): boolean {
  if (isCancellation(error)) return true;
  const kind = brevoFailure(error)?.kind;
  return error instanceof ActivityFailure && (kind === undefined || WOULD_BE_RETRIED.has(kind));
}

const WOULD_BE_RETRIED: ReadonlySet<BrevoFailureKind> = new Set([
  'rateLimited',
  'unavailable',
  'configuration',
  'waiting',
]);
