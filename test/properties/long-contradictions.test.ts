import { describe, it } from '@jest/globals';
import { contradictions } from '../oracle/contradictions';
import type { Delivery } from '../oracle/delivery';
import { forEverySeed } from '../oracle/for-every-seed';
import { withinLimits } from '../oracle/limits';
import type { Random } from '../oracle/random';
import { SEED } from '../support/seed';
import { checkLongHistory } from './check-long-history';

const cases = Number(process.env.PROPERTY_CASES ?? 5_000);

function longHistory(random: Random): Delivery[] {
  const most = random.pick([12, 14, 14, 40]);
  const deliveries = withinLimits(contradictions(random, { messages: [8, most], slots: 4 }));
  return deliveries.length < 8 ? longHistory(random) : deliveries;
}

describe(`in any order of 8 to 40 messages, doubled or not (seed ${SEED})`, () => {
  it('what the oracle says is in force, where the messages contradict each other', () => {
    forEverySeed({ seed: SEED, cases }, longHistory, checkLongHistory);
  });
});
