import { expect } from '@jest/globals';

/** As `toEqual` for what JSON can hold, and far faster where nothing differs. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}
