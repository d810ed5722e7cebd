import { describe, it } from '@jest/globals';
import { contradictions } from '../../oracle/contradictions';
import { forEverySeed } from '../../oracle/for-every-seed';
import { withinLimits } from '../../oracle/limits';
import { SEED } from '../../support/seed';
import { checkLongHistory } from './check-long-history';

const cases = Number(process.env.PROPERTY_CASES ?? 5_000);

describe(`in any order of 8 to 40 messages, doubled or not (seed ${SEED})`, () => {
  it('what the oracle says is in force, where the messages contradict each other', () => {
    forEverySeed(
      { seed: SEED, cases },
      (random) => {
        const most = random.pick([10, 14, 14, 40]);
        return withinLimits(contradictions(random, { messages: [8, most], slots: 4 }));
      },
      checkLongHistory,
    );
  });
});
