import { describe, expect, it } from '@jest/globals';
import { alarmsOf } from '../../../../cli/resync/alarm';
import type { ResyncStatus } from '../../../../client/resyncs';
import { NO_COUNTS, type ResyncDrift } from '../../../../workflows/resync/contract';

const NOW = Date.parse('2026-11-24T06:00:00Z');
const HOUR_MS = 3_600_000;
const DRIFT: ResyncDrift = { differing: 5, didomi: 2, brevo: 3, missing: 0, untold: 0, guarded: 3 };

function night(changes: Partial<ResyncStatus> = {}): ResyncStatus {
  return {
    run: 'nightly-2026-11-24T03:00:00Z',
    integration: 'default',
    workflowId: 'x',
    planOnly: false,
    phase: 'ended',
    state: 'completed',
    counts: NO_COUNTS,
    drift: DRIFT,
    startedAt: NOW - 3 * HOUR_MS,
    ...changes,
  };
}

describe('an alarm', () => {
  it('is raised only by what is asked for', () => {
    expect(alarmsOf(night({ state: 'failed' }), {}, NOW)).toEqual([]);
    expect(alarmsOf(undefined, {}, NOW)).toEqual([]);
  });

  it('is raised by more contacts out of step than are allowed, without those that rightly stay', () => {
    expect(alarmsOf(night(), { failOnDrift: 2 }, NOW)).toEqual([]);
    expect(alarmsOf(night(), { failOnDrift: 1 }, NOW)).toEqual([
      '5 differed: 2 newer in Didomi, 3 changed in Brevo; 3 of them rightly stay as they are',
    ]);
  });

  it('is raised by a night that failed, was cancelled, is too long ago, or never was', () => {
    const watched = { failOnDrift: 100, maxAge: 26 * HOUR_MS };
    expect(alarmsOf(night(), watched, NOW)).toEqual([]);
    expect(alarmsOf(night({ state: 'failed', failure: 'no folder' }), watched, NOW)).toEqual([
      'the run is failed: no folder',
    ]);
    expect(alarmsOf(night({ state: 'cancelled' }), watched, NOW)).toEqual(['the run is cancelled']);
    expect(alarmsOf(night({ startedAt: NOW - 27 * HOUR_MS }), watched, NOW)).toEqual([
      'the run began 27 h 0 min ago',
    ]);
    expect(alarmsOf(undefined, watched, NOW)).toEqual(['no run has ended']);
  });
});
