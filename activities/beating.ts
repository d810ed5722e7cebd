import { activityInfo, heartbeat } from '@temporalio/activity';

/** Well within the heartbeat timeouts of the workflows. */
const HEARTBEAT_EVERY_MS = 3_000;

/**
 * Carries out what an activity is about, and tells Temporal all the time that it is alive. From missing heartbeats
 * Temporal learns that a worker has died, long before the activity's time is over, and in its answer to one it tells a
 * cancellation.
 *
 * @param known what the next attempt finds if this one dies
 */
export async function beating<T>(act: () => Promise<T>, known?: unknown): Promise<T> {
  // Nothing is known to a first attempt that the next would not take for granted, and most end before they need to beat.
  if (activityInfo().attempt > 1) heartbeat(known);
  const timer = setInterval(() => heartbeat(known), HEARTBEAT_EVERY_MS);
  try {
    return await act();
  } finally {
    clearInterval(timer);
  }
}
