import { EXIT, type ExitCode } from '../exit';
import { noLongerEarly } from './early-signals';

/** What a long-running command may do while it starts its parts. */
export interface Service {
  /** Aborted when the process shall end. */
  readonly stopping: AbortSignal;
  /** How long the end may take, in ms. */
  readonly graceMs: number;
  /** Has `stop` run at the end; what was started last stops first. One that takes longer than the grace is left. */
  atEnd(stop: () => Promise<void>): void;
  /** Ends the command, after everything has been stopped. */
  end(): void;
  /** Ends the command with this error, after everything has been stopped. */
  fail(error: unknown): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** For services without a grace of their own, in ms. */
const GRACE_MS = 25_000;

/** A terminal signals the whole group, and npx or timeout pass it on as well: one wish, heard twice. */
const ONE_WISH_MS = 1_000;

/**
 * Runs a command until SIGTERM, SIGINT or its own end, then stops its parts in the reverse order of their start, within
 * the grace. A second signal ends the process at once.
 *
 * @returns when everything has been stopped, or the grace is over
 * @throws what `start` throws, or what a part failed with
 */
export async function runService(
  log: { info(message: string): void },
  start: (service: Service) => Promise<void>,
  graceMs = GRACE_MS,
): Promise<ExitCode> {
  const stopping = new AbortController();
  const cleanups: (() => Promise<void>)[] = [];
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
    stopping.abort();
  };
  let firstSignalAt = Number.POSITIVE_INFINITY;
  const onSignal = (signal: NodeJS.Signals) => {
    const now = performance.now();
    if (now - firstSignalAt > ONE_WISH_MS) process.exit(EXIT.failed);
    if (stopping.signal.aborted) return;
    firstSignalAt = now;
    log.info(`${signal}: stopping, within ${graceMs / 1000} s. Another signal ends the process at once.`);
    stopping.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  noLongerEarly();

  // A start that is under way when the signal comes is not waited for: it may be a long one.
  start({
    stopping: stopping.signal,
    graceMs,
    atEnd: (stop) => cleanups.push(stop),
    end: () => stopping.abort(),
    fail,
  }).catch((error: unknown) => {
    if (!stopping.signal.aborted) fail(error);
  });
  await aborted(stopping.signal);
  if ((await stopAll(cleanups, graceMs, fail)) === 'late') {
    log.info(
      `The grace of ${graceMs / 1000} s is over: what is not done yet is left to Temporal and to the next process.`,
    );
  }
  if (failure) throw failure.error;
  return EXIT.done;
}

/** One after the other, because one may need what was started before it. */
async function stopAll(
  cleanups: (() => Promise<void>)[],
  graceMs: number,
  fail: (error: unknown) => void,
): Promise<'done' | 'late'> {
  const over = new AbortController();
  const late = pause(graceMs, over.signal).then(() => 'late' as const);
  const done = async () => {
    for (const stop of cleanups.reverse()) await stop().catch(fail);
    return 'done' as const;
  };
  const result = await Promise.race([done(), late]);
  over.abort();
  return result;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Waits `ms`, or less when `signal` is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
