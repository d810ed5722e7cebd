import { activityInfo, Context, heartbeat } from '@temporalio/activity';
import type { StepSignals } from '../../resync/step-signals';
import { OneAtATime } from './one-at-a-time';

/** A step ends by itself after this time, in ms: then it can be paused, and its progress is told. */
const STEP_MS = 10_000;

/** And how late an interruption may be noticed. */
const HEARTBEAT_EVERY_MS = 1_000;

/** Of all runs that this process reads for. */
const steps = new OneAtATime();

/**
 * Runs a part of a phase. It ends when it has lasted long enough, or is interrupted. An interruption is no failure: what
 * was reached is the result.
 */
export async function inStep<T>(act: (signals: StepSignals) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const { cancellationSignal: interrupted } = Context.current();
  if (interrupted.aborted) end();
  interrupted.addEventListener('abort', end, { once: true });
  const signals = { ending: ending.signal, interrupted };
  const timer = setTimeout(end, STEP_MS);
  heartbeat();
  const beating = setInterval(() => heartbeat(), HEARTBEAT_EVERY_MS);
  try {
    return await steps.run(activityInfo().workflowExecution?.workflowId ?? '', () => act(signals));
  } finally {
    clearTimeout(timer);
    clearInterval(beating);
    interrupted.removeEventListener('abort', end);
  }
}
