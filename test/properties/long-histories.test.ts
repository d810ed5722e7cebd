import { describe, it } from '@jest/globals';
import type { Delivery } from '../oracle/delivery';
import { forEverySeed } from '../oracle/for-every-seed';
import { consistentHistory } from '../oracle/histories';
import { withinLimits } from '../oracle/limits';
import type { Random } from '../oracle/random';
import { SEED } from '../support/seed';
import { checkLongHistory } from './check-long-history';

const cases = Number(process.env.PROPERTY_CASES ?? 5_000);

function longHistory(random: Random): Delivery[] {
  const most = random.pick([12, 14, 14, 40]);
  const deliveries = withinLimits(consistentHistory(random, { acts: [10, most], slots: 4 })).slice(0, 40);
  return deliveries.length < 8 ? longHistory(random) : deliveries;
}

describe(`in any order of 8 to 40 messages, doubled or not (seed ${SEED})`, () => {
  it('what the oracle says is in force, where Didomi agrees with itself', () => {
    forEverySeed({ seed: SEED, cases }, longHistory, checkLongHistory);
  });
});
