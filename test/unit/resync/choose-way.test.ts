import { expect, it } from '@jest/globals';
import { chooseWay } from '../../../resync/choose-way';

it.each([
  [1, 0, 'look-ups', 1],
  [300, 400_000, 'look-ups', 405],
  [404, 400_000, 'look-ups', 405],
  [406, 400_000, 'pages', 405],
  [300_000, 400_000, 'pages', 405],
  [2, 1_000, 'pages', 1],
  [3, 1_001, 'pages', 2],
] as const)('for %d contacts in an account of %d it is %s', (inSource, inBrevo, way, pages) => {
  expect(chooseWay(inSource, inBrevo)).toEqual({ way, pages, lookUps: inSource, inBrevo });
});
