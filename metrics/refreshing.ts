import type { Client } from '@temporalio/client';

/** Metrics whose values Temporal has to be asked for. */
export interface Refreshed {
  /** For the log. */
  readonly name: string;
  refresh(): Promise<void>;
}

export interface RefreshingOptions {
  readonly temporal: Pick<Client, 'withDeadline'>;
  readonly signal: AbortSignal;
  /** Told when values cannot be had that could be had before, and the other way round. */
  readonly tell: (name: string, isFresh: boolean) => void;
  /** In ms; for tests. */
  readonly everyMs?: number;
}

const EVERY_MS = 30_000;
/** One look at Temporal is given up after this time, in ms. */
const DEADLINE_MS = 10_000;

/**
 * Asks for the values at once and then every half a minute, until the signal. What cannot be had keeps its last value,
 * and harms nothing.
 */
export function keepRefreshing(metrics: readonly Refreshed[], options: RefreshingOptions): void {
  const { signal, everyMs = EVERY_MS } = options;
  if (signal.aborted) return;
  const stops = metrics.map((one) => {
    const refresh = refreshing(one, options);
    refresh();
    const timer = setInterval(refresh, everyMs).unref();
    return () => clearInterval(timer);
  });
  const stopAll = () => {
    for (const stop of stops) stop();
  };
  signal.addEventListener('abort', stopAll, { once: true });
}

/** One look after the other, also where one takes longer than the time between them. */
function refreshing(one: Refreshed, { temporal, signal, tell }: RefreshingOptions): () => void {
  let isUnderWay = false;
  let wasFresh = true;
  const note = (isFresh: boolean) => {
    if (isFresh !== wasFresh && !signal.aborted) tell(one.name, isFresh);
    wasFresh = isFresh;
  };
  return () => {
    if (isUnderWay) return;
    isUnderWay = true;
    temporal
      .withDeadline(Date.now() + DEADLINE_MS, () => one.refresh())
      .then(
        () => note(true),
        () => note(false),
      )
      .finally(() => {
        isUnderWay = false;
      });
  };
}
