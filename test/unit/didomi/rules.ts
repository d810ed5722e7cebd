import type { Rules } from '../../../consent/rules';
import { testRules } from '../../support/rules';

/** Noon of a day after all that the documented messages tell of, in ms. */
export const NOW = Date.parse('2026-06-01T12:00:00Z');

/** An integration that maps these Didomi paths. */
export function rulesFor(paths: readonly string[], rest: Partial<Rules> = {}): Rules {
  return testRules({ mappings: paths.map((value, index) => ({ id: `ATTRIBUTE_${index}`, value })), ...rest });
}
