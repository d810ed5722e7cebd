import { describe, it } from '@jest/globals';
import { forEverySeed } from '../../oracle/for-every-seed';
import { consistentHistory } from '../../oracle/histories';
import { withinLimits } from '../../oracle/limits';
import { SEED } from '../../support/seed';
import { checkLongHistory } from './check-long-history';

const cases = Number(process.env.PROPERTY_CASES ?? 5_000);

describe(`in any order of 8 to 40 messages, doubled or not (seed ${SEED})`, () => {
  it('what the oracle says is in force, where Didomi agrees with itself', () => {
    forEverySeed(
      { seed: SEED, cases },
      (random) => {
        const most = random.pick([10, 14, 14, 40]);
        return withinLimits(consistentHistory(random, { acts: [8, most], slots: 4 })).slice(0, 40);
      },
      checkLongHistory,
    );
  });
});
