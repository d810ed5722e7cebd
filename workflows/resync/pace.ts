import type { ResyncCounts, ResyncPhase, ResyncState } from './contract';

/** How fast a phase goes, as it is shown. */
export interface PhasePace {
  /** Of what the phase counts, a second. */
  readonly perSecond?: number;
  /** In s. */
  readonly left?: number;
}

/** What a phase gets on with: lines, or contacts. */
export function countOf(phase: ResyncPhase, { read, compared, submitted }: ResyncCounts): number {
  if (phase === 'reading') return read;
  return phase === 'comparing' ? compared : submitted;
}

/** Between 0 and 1; undefined where nobody knows how much there is. */
export function shareOf({ phase, share, counts }: Pick<ResyncState, 'phase' | 'share' | 'counts'>) {
  if (phase === 'ended') return 1;
  if (phase !== 'submitting') return share;
  return counts.differing === 0 ? 1 : Math.min(1, counts.submitted / counts.differing);
}

/** @param now ms since 1970 */
export function paceOf(state: ResyncState, now: number): PhasePace {
  const { since, phase, counts } = state;
  const share = shareOf(state);
  const seconds = since ? (now - since.at) / 1000 : 0;
  if (!since || seconds <= 0 || phase === 'ended' || state.state !== 'running') return {};
  const perSecond = (countOf(phase, counts) - since.count) / seconds;
  const done = share === undefined ? 0 : share - since.share;
  return {
    ...(perSecond > 0 && { perSecond }),
    ...(share !== undefined && done > 0 && { left: ((1 - share) / done) * seconds }),
  };
}
