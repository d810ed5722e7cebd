import { describe, expect, it } from '@jest/globals';
import { isOptOut, toIso, toSeconds } from '../../../consent/statement';

describe('a time', () => {
  it('counts in whole seconds that have passed', () => {
    expect(toSeconds(1_999)).toBe(1);
    expect(toSeconds(2_000)).toBe(2);
  });

  it('is shown in UTC', () => {
    expect(toIso(1_800_000_000)).toBe('2027-01-15T08:00:00.000Z');
  });
});

it.each([
  [false, true],
  ['', true],
  [true, false],
  ['false', false],
  ['weekly', false],
  [0, false],
])('%j is an opt-out: %j', (value, expected) => {
  expect(isOptOut(value)).toBe(expected);
});
