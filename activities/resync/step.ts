import { activityInfo, Context, heartbeat } from '@temporalio/activity';
import { OneAtATime } from './one-at-a-time';

/** A step ends by itself after this time, in ms: then it can be paused, and its progress is told. */
const STEP_MS = 10_000;

/** And how late an interruption may be noticed. */
const HEARTBEAT_EVERY_MS = 1_000;

/** Of all runs that this process reads for. */
const steps = new OneAtATime();

/**
 * Runs a part of a phase. It ends soon after its signal is aborted, which happens when the step has lasted long enough
 * or is interrupted. An interruption is no failure: what was reached is the result.
 */
export async function inStep<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const { cancellationSignal } = Context.current();
  if (cancellationSignal.aborted) end();
  cancellationSignal.addEventListener('abort', end, { once: true });
  const timer = setTimeout(end, STEP_MS);
  heartbeat();
  const beating = setInterval(() => heartbeat(), HEARTBEAT_EVERY_MS);
  try {
    return await steps.run(activityInfo().workflowExecution?.workflowId ?? '', () => act(ending.signal));
  } finally {
    clearTimeout(timer);
    clearInterval(beating);
    cancellationSignal.removeEventListener('abort', end);
  }
}
