import fc from 'fast-check';
import { SEED } from './seed';

/**
 * Checks a property on generated cases: as many as PROPERTY_CASES says, else `cases`. From the seed of all generated
 * cases, which fast-check tells with a case that fails, made as small as it goes unless PROPERTY_SHRINK is `no`.
 */
export function checkProperty(property: fc.IRawProperty<unknown, false>, cases = 100): void {
  fc.assert(property, {
    seed: SEED,
    numRuns: Number(process.env.PROPERTY_CASES ?? cases),
    endOnFailure: process.env.PROPERTY_SHRINK === 'no',
  });
}
