import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { SEED } from '../../support/seed';
import { told, violations } from './rule';
import { anyScenario } from './scenario';
import { TemporalInProcess } from './temporal-in-process';

const RUNS = Number(process.env.PROPERTY_CASES ?? 10_000);

describe(`whatever happens in Brevo and in Didomi between a choice and its write (seed ${SEED})`, () => {
  it('no unsubscription is undone, no opt-out is lost and no opt-in that may be applied is forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(anyScenario, async (scenario) => {
        const course = await new TemporalInProcess(scenario).run();
        const found = violations(scenario, course);
        if (found.length > 0) throw new Error(`${found.join('; ')}\n${told(course)}`);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  }, 240_000);
});
