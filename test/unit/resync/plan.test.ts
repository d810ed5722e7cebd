import { describe, expect, it } from '@jest/globals';
import type { Comparison } from '../../../resync/compare';
import { EMPTY_PLAN, type Plan, secondsFor, withComparison } from '../../../resync/plan';

function comparison(changes: Partial<Comparison>): Comparison {
  const nothing = { changes: [], withdraws: false, refused: [], state: [], calls: 0 };
  return { verdict: 'unchanged', ...nothing, ...changes };
}

const planOf = (...comparisons: Partial<Comparison>[]): Plan =>
  comparisons.map(comparison).reduce(withComparison, EMPTY_PLAN);

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
    expect(plan.samples.update.map(({ changes }) => changes)).toEqual([
      ['A'],
      ['B0'],
      ['B1'],
      ['B2'],
      ['B3'],
    ]);
    expect(JSON.stringify(plan)).not.toContain('u1');
    expect(plan.samples.create).toEqual([]);
  });

  it('can be kept as JSON and gone on with', () => {
    const kept: Plan = JSON.parse(JSON.stringify(planOf({ verdict: 'create', calls: 1 })));
    expect(withComparison(kept, comparison({})).contacts).toBe(2);
  });
});
