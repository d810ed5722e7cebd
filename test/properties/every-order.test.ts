import { describe, it } from '@jest/globals';
import type { ConsentState } from '../../consent/consent-state';
import { contradictions } from '../oracle/contradictions';
import type { Delivery } from '../oracle/delivery';
import { forEverySeed } from '../oracle/for-every-seed';
import { consistentHistory } from '../oracle/histories';
import { inForceByOracle } from '../oracle/oracle';
import { SEED } from '../support/seed';
import { expectSame } from './expect-same';
import { inForceByProduct, merged, statementsOf } from './real-path';

const MESSAGES = 7;
const cases = Number(process.env.PROPERTY_CASES ?? 500);

/**
 * Checks every order in which these messages can arrive. Merging goes from state to state, so that all 5,040 orders of
 * seven messages end alike if, for every set of messages and each of them as the last to arrive, the state is the same.
 * A message that arrives again changes nothing, at any time.
 */
function checkEveryOrder(deliveries: readonly Delivery[]): void {
  const said = deliveries.map(statementsOf);
  const states: ConsentState[] = [[]];
  for (let arrived = 1; arrived < 2 ** deliveries.length; arrived += 1) {
    for (const [index, statements] of said.entries()) {
      const bit = 2 ** index;
      if ((arrived & bit) === 0) continue;
      const state = merged(states[arrived - bit] ?? [], statements);
      states[arrived] ??= state;
      expectSame(state, states[arrived]);
    }
    const state = states[arrived] ?? [];
    for (const [index, statements] of said.entries()) {
      if ((arrived & (2 ** index)) !== 0) expectSame(merged(state, statements), state);
    }
    const known = deliveries.filter((_, index) => (arrived & (2 ** index)) !== 0);
    expectSame([...inForceByProduct(state)], [...inForceByOracle(known)]);
  }
}

describe(`in every order in which up to ${MESSAGES} messages can arrive, doubled or not (seed ${SEED})`, () => {
  it('what the oracle says is in force, where Didomi agrees with itself', () => {
    forEverySeed(
      { seed: SEED, cases },
      (random) => consistentHistory(random, { acts: [3, 7], slots: 3 }).slice(0, MESSAGES),
      checkEveryOrder,
    );
  });

  it('what the oracle says is in force, where the messages contradict each other', () => {
    forEverySeed(
      { seed: SEED, cases },
      (random) => contradictions(random, { messages: [3, MESSAGES], slots: 2 }),
      checkEveryOrder,
    );
  });
});
