import { describe, expect, it } from '@jest/globals';
import { NO_COUNTS, type ResyncState } from '../../../workflows/resync/contract';
import { resyncDetails } from '../../../workflows/resync/details';
import { paceOf } from '../../../workflows/resync/pace';

const NOW = 1_000_000;

function state(changes: Partial<ResyncState> = {}): ResyncState {
  return { phase: 'reading', state: 'running', counts: NO_COUNTS, startedAt: 0, ...changes };
}

describe('the pace of a resync', () => {
  it('is told from when the phase began, with the time that is left', () => {
    const reading = state({
      counts: { ...NO_COUNTS, read: 300 },
      share: 0.75,
      since: { at: NOW - 10_000, count: 100, share: 0.25 },
    });
    expect(paceOf(reading, NOW)).toEqual({ perSecond: 20, left: 5 });
  });

  it('is told without the time that is left, where nobody knows how much there is', () => {
    const reading = state({
      counts: { ...NO_COUNTS, read: 300 },
      since: { at: NOW - 10_000, count: 0, share: 0 },
    });
    expect(paceOf(reading, NOW)).toEqual({ perSecond: 30 });
  });

  it('counts contacts that are submitted', () => {
    const submitting = state({
      phase: 'submitting',
      counts: { ...NO_COUNTS, differing: 400, submitted: 100 },
      since: { at: NOW - 10_000, count: 0, share: 0 },
    });
    expect(paceOf(submitting, NOW)).toEqual({ perSecond: 10, left: 30 });
    expect(paceOf({ ...submitting, state: 'paused' }, NOW)).toEqual({});
  });
});

describe('the current details of a resync', () => {
  it('show phase, bar, counts, rate and which side moved away', () => {
    const details = resyncDetails(
      {
        ...state({
          phase: 'submitting',
          counts: { ...NO_COUNTS, differing: 4, submitted: 1 },
          since: { at: NOW - 2_000, count: 0, share: 0 },
          drift: { differing: 4, didomi: 1, brevo: 2, missing: 1, untold: 0, guarded: 0 },
        }),
        run: 'r',
        integration: 'default',
        planOnly: false,
      },
      NOW,
    );
    expect(details).toContain('**running** · default · submitting');
    expect(details).toContain('25 % · 1 of 4 · 0.5/s');
    expect(details).toContain('4 differed: 1 newer in Didomi, 2 changed in Brevo, 1 unknown to Brevo');
    expect(details).toContain('| differing | 4 |');
  });
});
