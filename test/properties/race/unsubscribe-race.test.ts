import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { SEED } from '../../support/seed';
import { told, violations } from './rule';
import { anyScenario, anyScenarioWithResync, type Scenario } from './scenario';
import { TemporalInProcess } from './temporal-in-process';

const RUNS = Number(process.env.PROPERTY_CASES ?? 10_000);

async function holdTo(anyOfThem: fc.Arbitrary<Scenario>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anyOfThem, async (scenario) => {
      const course = await new TemporalInProcess(scenario).run();
      const found = violations(scenario, course);
      if (found.length > 0) throw new Error(`${found.join('; ')}\n${told(course)}`);
    }),
    { seed: SEED, numRuns: RUNS },
  );
}

describe(`whatever happens in Brevo and in Didomi between a choice and its write (seed ${SEED})`, () => {
  it('no unsubscription is undone, no opt-out is lost and no opt-in that may be applied is forgotten', async () => {
    await holdTo(anyScenario);
  }, 240_000);

  it('nor by a resync that read Brevo at any moment before', async () => {
    await holdTo(anyScenarioWithResync);
  }, 240_000);
});
