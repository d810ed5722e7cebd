import { describe, expect, test } from '@jest/globals';
import { parseDuration } from '../../../config';

describe('durations', () => {
  test.each([
    ['7 days', 604_800_000],
    ['1 day', 86_400_000],
    ['2 weeks', 1_209_600_000],
    ['1 hour', 3_600_000],
    ['90 minutes', 5_400_000],
    ['2 seconds', 2_000],
    ['1500 ms', 1_500],
    ['1 second', 1_000],
    ['365 days', 31_536_000_000],
    [' 7 Days ', 604_800_000],
    ['7days', 604_800_000],
  ])('%j is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    '',
    '7',
    'days',
    '7 d',
    '-1 days',
    '1.5 days',
    '7 days 1 hour',
    '999 ms',
    '366 days',
    '53 weeks',
    '1 mss',
    '7 months',
  ])('%j is no duration that can be used', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
