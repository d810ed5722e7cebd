import { figuresOf } from '../../client/resync-figures';
import type { ResyncStatus } from '../../client/resyncs';
import { driftSentence } from '../../workflows/resync/details';
import { duration } from './progress-view';

export interface AlarmOptions {
  /** More contacts than this that are out of step are an alarm. */
  readonly failOnDrift?: number;
  /** ms: a run that began earlier is an alarm. */
  readonly maxAge?: number;
}

/** Whether the user wants to be alarmed of anything. */
export function isWatched({ failOnDrift, maxAge }: AlarmOptions): boolean {
  return failOnDrift !== undefined || maxAge !== undefined;
}

/**
 * What somebody should look into.
 *
 * @param status undefined: there is no run
 * @param now ms since 1970
 */
export function alarmsOf(status: ResyncStatus | undefined, options: AlarmOptions, now: number): string[] {
  if (!isWatched(options)) return [];
  if (!status) return ['no run has ended'];
  return [...ageAlarm(status, options, now), ...endAlarm(status), ...driftAlarm(status, options)];
}

function ageAlarm({ startedAt }: ResyncStatus, { maxAge }: AlarmOptions, now: number): string[] {
  if (maxAge === undefined || now - startedAt <= maxAge) return [];
  return [`the run began ${duration((now - startedAt) / 1000)} ago`];
}

function endAlarm({ state, failure }: ResyncStatus): string[] {
  if (state !== 'failed' && state !== 'cancelled') return [];
  return [`the run is ${state}${failure === undefined ? '' : `: ${failure}`}`];
}

function driftAlarm(status: ResyncStatus, { failOnDrift }: AlarmOptions): string[] {
  const { drift } = status;
  if (failOnDrift === undefined || !drift) return [];
  const { outOfStep } = figuresOf(status);
  return outOfStep > failOnDrift ? [driftSentence(drift)] : [];
}
