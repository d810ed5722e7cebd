import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { SEED } from '../../support/seed';
import { told, violations } from './rule';
import { anyScenario, anyScenarioWithResync, type Scenario } from './scenario';
import { TemporalInProcess } from './temporal-in-process';

const RUNS = Number(process.env.PROPERTY_CASES ?? 10_000);
const RUNS_WITH_RESYNC = Math.ceil(RUNS / 4);
/** On a machine that is busy with other tests; alone it takes a minute or two. */
const MAY_TAKE_MS = 1_200_000;

async function holdTo(anyOfThem: fc.Arbitrary<Scenario>, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anyOfThem, async (scenario) => {
      const course = await new TemporalInProcess(scenario).run();
      const found = violations(scenario, course);
      if (found.length > 0) throw new Error(`${found.join('; ')}\n${told(course)}`);
    }),
    { seed: SEED, numRuns },
  );
}

describe(`whatever happens in Brevo and in Didomi between a choice and its write (seed ${SEED})`, () => {
  it(
    'no unsubscription is undone, no opt-out is lost and no opt-in that may be applied is forgotten',
    async () => {
      await holdTo(anyScenario, RUNS);
    },
    MAY_TAKE_MS,
  );

  it(
    'nor by a resync that read Brevo at any moment before',
    async () => {
      await holdTo(anyScenarioWithResync, RUNS_WITH_RESYNC);
    },
    MAY_TAKE_MS,
  );
});
