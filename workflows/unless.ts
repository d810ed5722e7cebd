import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import { type BrevoFailureKind, brevoFailure } from './brevo-activities';
import type { Surroundings } from './surroundings';

/** Runs something that is called off when, before it is done, it has become pointless. */
export async function unless<T>(
  temporal: Pick<Surroundings, 'cancellable' | 'until'>,
  isOvertaken: () => boolean,
  act: () => Promise<T>,
): Promise<T | 'overtaken'> {
  let ended = false;
  let overtaken = false;
  const { result, cancel } = temporal.cancellable(act);
  const acting = result.finally(() => {
    ended = true;
  });
  const watching = temporal
    .until(() => ended || isOvertaken())
    .then(() => {
      if (ended) return;
      overtaken = true;
      cancel();
    });
  const [done] = await Promise.allSettled([acting, watching]);
  if (done.status === 'fulfilled') return done.value;
  if (overtaken && endsByCancellation(done.reason)) return 'overtaken';
  throw done.reason;
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
