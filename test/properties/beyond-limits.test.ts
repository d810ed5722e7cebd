import { describe, expect, it } from '@jest/globals';
import { contradictions } from '../oracle/contradictions';
import type { Delivery } from '../oracle/delivery';
import { forEverySeed } from '../oracle/for-every-seed';
import { inForceByOracle } from '../oracle/oracle';
import type { Random } from '../oracle/random';
import { isOptOut } from '../oracle/said';
import { SEED } from '../support/seed';
import { expectSame } from './expect-same';
import { inForceByProduct, merged, statementsOf } from './real-path';

const cases = Number(process.env.PROPERTY_CASES ?? 500);

/** More than eight choices or retractions of one path are not kept: what is forgotten must not turn a no into a yes. */
function checkOptOuts(deliveries: readonly Delivery[], random: Random): void {
  const said = random.shuffled(deliveries.map(statementsOf));
  const state = merged([], ...said);
  expectSame(merged([], ...random.shuffled([...said, ...random.some(said)])), state);
  const product = inForceByProduct(state);
  for (const [path, { value }] of inForceByOracle(deliveries)) {
    const saysYes = isOptOut(value) && !isOptOut(product.get(path)?.value ?? false);
    expect({ path, saysYes }).toEqual({ path, saysYes: false });
  }
}

describe(`of more choices and retractions than are kept (seed ${SEED})`, () => {
  it('a no is never forgotten in favour of a yes, in whatever order they come', () => {
    forEverySeed(
      { seed: SEED, cases },
      (random) => contradictions(random, { messages: [40, 120], slots: 1, events: 40 }),
      checkOptOuts,
    );
  });
});
