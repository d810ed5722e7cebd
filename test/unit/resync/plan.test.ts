import { describe, expect, it } from '@jest/globals';
import type { Comparison } from '../../../resync/compare';
import { EMPTY_PLAN, type Plan, type Planned, secondsFor, withComparison } from '../../../resync/plan';

function planned(changes: Partial<Comparison>, more: Partial<Planned> = {}): Planned {
  const nothing = { changes: [], withdraws: false, refused: [], state: [], calls: 0 };
  return { comparison: { verdict: 'unchanged', ...nothing, ...changes }, ...more };
}

const planOf = (...comparisons: Partial<Comparison>[]): Plan =>
  comparisons
    .map((one, index) => planned(one, { contactKey: `key-${index}` }))
    .reduce(withComparison, EMPTY_PLAN);

describe('a plan', () => {
  it('counts each contact once by its verdict, and beside that what becomes of the blacklist', () => {
    const plan = planOf(
      { verdict: 'create', calls: 1 },
      { verdict: 'update', blacklist: 'on', calls: 1 },
      { verdict: 'update', blacklist: 'off', calls: 3 },
      { verdict: 'update', guarded: 'source_too_old', refused: [{ id: 'NEWS', reason: 'x' }], calls: 1 },
      { verdict: 'guarded', guarded: 'source_too_old' },
      { verdict: 'rejected', refused: [{ id: 'NEWS', reason: 'x' }] },
      { verdict: 'unknown', calls: 2 },
      {},
    );
    expect(plan).toMatchObject({ contacts: 8, calls: 8 });
    expect(plan.totals).toEqual({
      create: 1,
      update: 3,
      unknown: 1,
      unchanged: 1,
      skipped: 0,
      guarded: 1,
      rejected: 1,
      blacklist: 1,
      unblacklist: 1,
      partlyGuarded: 1,
      partlyRejected: 1,
    });
  });

  it('tells how long it takes at the rate of the account', () => {
    expect(secondsFor(planOf(...Array.from({ length: 25 }, () => ({ calls: 1 }))), 10)).toBe(3);
  });

  it('shows a few examples of each category, no two alike, without what the contact chose', () => {
    const update = (id: string): Partial<Comparison> => ({
      verdict: 'update',
      changes: [id],
      state: [{ regulation: 'gdpr', path: 'p', user: 'u1', choices: [], retractions: [] }],
    });
    const plan = planOf(update('A'), update('A'), ...Array.from({ length: 9 }, (_, n) => update(`B${n}`)));
    expect(plan.samples.update).toEqual([
      { contactKey: 'key-0', changes: ['A'] },
      { contactKey: 'key-2', changes: ['B0'] },
      { contactKey: 'key-3', changes: ['B1'] },
      { contactKey: 'key-4', changes: ['B2'] },
      { contactKey: 'key-5', changes: ['B3'] },
    ]);
    expect(JSON.stringify(plan)).not.toContain('u1');
    expect(plan.samples.create).toEqual([]);
  });

  it('says of an example why something of it is not done', () => {
    const { samples } = planOf({ verdict: 'rejected', refused: [{ id: 'NEWS', reason: 'no number' }] });
    expect(samples.rejected).toEqual([{ contactKey: 'key-0', changes: [], reason: 'NEWS: no number' }]);
  });

  it('counts contacts that differ by the side that moved away', () => {
    const all = (['didomi', 'brevo', 'brevo', undefined] as const).map((side) =>
      planned({ verdict: side ? 'update' : 'unchanged' }, side && { side }),
    );
    expect(all.reduce(withComparison, EMPTY_PLAN).sides).toEqual({
      didomi: 1,
      brevo: 2,
      missing: 0,
      untold: 0,
    });
  });

  it('can be kept as JSON and gone on with', () => {
    const kept: Plan = JSON.parse(JSON.stringify(planOf({ verdict: 'create', calls: 1 })));
    expect(withComparison(kept, planned({})).contacts).toBe(2);
  });
});
