import { describe, expect, it } from '@jest/globals';
import { inForce, mergeStatements } from '../../../consent/consent-state';
import { retractionsOf, withDeleted, withoutChoicesOf } from '../../../consent/deleted-events';
import type { ConsentValue, Statement } from '../../../consent/statement';

const choice = (value: ConsentValue, at: number, path = 'p'): Statement => ({
  regulation: 'gdpr',
  path,
  user: 'u',
  choice: { value, at, known: at, eventId: `e${at}` },
});

describe('the events that were deleted in Didomi', () => {
  it('are remembered once each, latest last', () => {
    expect(withDeleted([], ['a', 'b', 'a'])).toEqual(['a', 'b']);
    expect(withDeleted(['a', 'b'], ['c'])).toEqual(['a', 'b', 'c']);
    expect(withDeleted(['a', 'b'], ['a'])).toEqual(['b', 'a']);
  });

  it('are remembered up to 200 of a contact, and the earliest are forgotten', () => {
    const ids = Array.from({ length: 201 }, (_, index) => `e${index}`);
    expect(withDeleted(ids.slice(0, 199), ['e199'])).toEqual(ids.slice(0, 200));
    expect(withDeleted(ids.slice(0, 200), ['e200'])).toEqual(ids.slice(1));
  });
});

describe('what a deleted event said', () => {
  const state = () => mergeStatements([], [choice(false, 10), choice(true, 20), choice(true, 30, 'q')]);

  it('is void, and uncovers what was said before', () => {
    expect(inForce(withoutChoicesOf(state(), ['e20']), 'p')).toMatchObject({ value: false, time: 10 });
    expect(inForce(withoutChoicesOf(state(), ['e10', 'e20']), 'p')).toBeUndefined();
  });

  it('is void of every path, and what other events said stays', () => {
    const remaining = withoutChoicesOf(state(), ['e20', 'e30']);
    expect(inForce(remaining, 'q')).toBeUndefined();
    expect(inForce(remaining, 'p')).toMatchObject({ value: false, time: 10 });
    expect(withoutChoicesOf(state(), ['e99'])).toEqual(state());
    expect(withoutChoicesOf(state(), [])).toEqual(state());
  });
});

describe('what tells others that events were deleted', () => {
  const subject = { regulation: 'gdpr', path: 'p', user: 'u' };
  const state = () =>
    mergeStatements([], [choice(false, 10), choice(true, 20), { ...choice(true, 20, 'q'), user: 'v' }]);

  it('names each subject of which such an event said something, as of when the deletion was known', () => {
    expect(retractionsOf(state(), ['e20'], 99)).toEqual([
      { ...subject, retraction: { eventId: 'e20', known: 99 } },
      { ...subject, path: 'q', user: 'v', retraction: { eventId: 'e20', known: 99 } },
    ]);
    expect(retractionsOf(state(), ['e10', 'e20'], 99)).toHaveLength(3);
  });

  it('says nothing of events that said nothing, nor of those that were not deleted', () => {
    expect(retractionsOf(state(), ['e99'], 99)).toEqual([]);
    expect(retractionsOf(state(), [], 99)).toEqual([]);
  });

  it('voids for others what it voids here', () => {
    const others = mergeStatements(state(), retractionsOf(state(), ['e20'], 99));
    expect(inForce(others, 'p')).toMatchObject({ value: false, time: 10 });
    expect(inForce(others, 'q')).toBeUndefined();
  });
});
