import { describe, expect, it } from '@jest/globals';
import { told, violations } from './rule';
import { type Happening, type Scenario, START_S } from './scenario';
import { type Course, TemporalInProcess } from './temporal-in-process';

/** A second a step, a contact on the blacklist, and the integration's rules as they are by default. */
const USUAL: Scenario = {
  contact: { emailBlacklisted: true },
  flagMapped: true,
  resubscribe: 'newer',
  trace: 'leaves_admin_unsubscription',
  pace: [1_000],
  happenings: [],
  faults: [],
  cancellationArrives: false,
  newRuns: false,
};

const optIn = (at: number) => ({ didomi: { value: true, at: START_S + at, known: START_S + at } });
const optOut = (at: number) => ({ didomi: { value: false, at: START_S + at, known: START_S + at } });
const record = (value: boolean, asOf: number) => ({ didomi: { value, asOf: START_S + asOf } });
const unsubscribes = { by: 'user' } as const;

type Timed = readonly [step: number, what: Happening['what']];

async function course(scenario: Partial<Scenario>, ...happenings: Timed[]): Promise<Course> {
  const whole = { ...USUAL, ...scenario, happenings: happenings.map(([step, what]) => ({ step, what })) };
  const ended = await new TemporalInProcess(whole).run();
  expect({ violations: violations(whole, ended), story: told(ended) }).toMatchObject({ violations: [] });
  return ended;
}

describe('an unsubscription', () => {
  it('after our look is not undone by an opt-in of unknown time, although we then blacklisted the contact too', async () => {
    const start = { contact: { emailBlacklisted: false } };
    const ended = await course(
      start,
      [0, record(true, 0)],
      [4, unsubscribes],
      [6, optOut(0)],
      [8, record(true, 1)],
    );
    expect(ended.onBlacklist).toBe(true);
  });

  it('of a contact that a resync had missed is not taken for ours because we meant to create it on the blacklist', async () => {
    const start = { contact: { emailBlacklisted: true, unsubscribedBefore: 60 } };
    const missed = { submittedAfter: 0, missed: true, clockAhead: 0 };
    const ended = await course(
      start,
      [0, { resync: { ...missed, says: optOut(-100).didomi } }],
      [2, record(true, 1)],
    );
    expect(ended).toMatchObject({ onBlacklist: true, outcome: 'guarded' });
  });

  it('that we undid unknowingly is found although an opt-out came and was taken back before it was written', async () => {
    const lost = { faults: ['none', 'none', 'lostAfter'] as const };
    const ended = await course(lost, [0, optIn(-5)], [8, unsubscribes], [9, optOut(-4)], [13, optIn(-3)]);
    expect(ended).toMatchObject({ onBlacklist: true, outcome: 'guarded' });
  });

  it('is put back in force after a clearing that came late, over a later clearing that had found it', async () => {
    const late = {
      contact: { emailBlacklisted: true },
      pace: [1],
      faults: ['none', 'none', { lateMs: 18_000 }],
    } as const;
    const ended = await course(late, [0, optIn(1)], [5, record(true, 1)], [16, unsubscribes]);
    expect(ended).toMatchObject({ onBlacklist: true });
  });

  it('by somebody in the account is not taken for ours because we put it back soon after', async () => {
    const ended = await course({ pace: [600] }, [0, optIn(1)], [5, optIn(3)], [8, { by: 'admin' }]);
    expect(ended).toMatchObject({ onBlacklist: true, outcome: 'guarded' });
  });

  it('that comes right after we cleared the blacklist is not reported as cleared', async () => {
    const ended = await course({ resubscribe: 'always' }, [0, optIn(0)], [9, unsubscribes]);
    expect(ended).toMatchObject({ onBlacklist: true, outcome: 'guarded' });
  });
});

describe('an opt-in is applied', () => {
  it('although we put an earlier unsubscription back in force after it', async () => {
    const ended = await course({}, [0, optIn(1)], [8, unsubscribes], [20, optIn(9)]);
    expect(ended).toMatchObject({ onBlacklist: false, outcome: 'updated' });
  });

  it('although we had begun to create the contact on the blacklist', async () => {
    const ended = await course({ contact: null }, [0, record(false, 0)], [5, optIn(1)]);
    expect(ended).toMatchObject({ onBlacklist: false, outcome: 'created' });
  });
});

describe('an opt-out', () => {
  it('that is held is written although a new run takes over meanwhile', async () => {
    const forbidden = { contact: null, faults: ['none', '403'], newRuns: true } as const;
    const ended = await course(forbidden, [0, optOut(0)]);
    expect(ended).toMatchObject({ onBlacklist: true, outcome: 'created' });
  });
});
