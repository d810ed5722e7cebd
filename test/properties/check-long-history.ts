import type { ConsentState } from '../../consent/consent-state';
import { mergeStates } from '../../consent/consent-state';
import type { Statement } from '../../consent/statement';
import { ContactRecord } from '../../workflows/contact-record';
import { newContactState } from '../../workflows/contact-state';
import type { Delivery } from '../oracle/delivery';
import { inForceByOracle } from '../oracle/oracle';
import type { Random } from '../oracle/random';
import type { Verdict } from '../oracle/verdict';
import { expectSame } from './expect-same';
import { inForceByProduct, interpreted, merged, rulesOf } from './real-path';

/**
 * In the order sent; in another one with doubles; gathered apart and put together; and in one more, with doubles,
 * through the record of a contact's workflow.
 */
export function checkLongHistory(deliveries: readonly Delivery[], random: Random): void {
  const changes = deliveries.flatMap((delivery) => {
    const interpretation = interpreted(delivery);
    return interpretation.status === 'accepted' ? [interpretation.change] : [];
  });
  const said = changes.map(({ statements }) => statements);
  const state = merged([], ...said);
  const expected = [...inForceByOracle(deliveries)];
  expectSame([...inForceByProduct(state)], expected);
  expectSame(merged([], ...random.shuffled([...said, ...random.some(said, 0, 8)])), state);
  checkAlgebra(random.shuffled(said), state, random);

  const record = new ContactRecord(newContactState());
  for (const change of random.shuffled([...changes, ...random.some(changes, 0, 8)])) {
    record.receive({ ...change, eventKey: change.eventId, rulesVersion: 'v' }, change.receivedAt);
  }
  const carried = new ContactRecord(JSON.parse(JSON.stringify(record.state)));
  carried.state.rules = rulesOf(expected.map(([path]) => path));
  expectSame(wishesOf(carried), expected);
}

/** States that were gathered apart come together to the same, whichever is merged with which first. */
function checkAlgebra(said: readonly (readonly Statement[])[], whole: ConsentState, random: Random): void {
  const third = Math.ceil(said.length / 3);
  const a = merged([], ...said.slice(0, third));
  const b = merged([], ...said.slice(third, 2 * third));
  const c = merged([], ...said.slice(random.integer(third, 2 * third)));
  expectSame(mergeStates(a, b), mergeStates(b, a));
  expectSame(mergeStates(mergeStates(a, b), c), whole);
  expectSame(mergeStates(a, mergeStates(b, c)), whole);
  expectSame(mergeStates(whole, whole), whole);
}

function wishesOf(record: ContactRecord): [string, Verdict][] {
  return record.wanted
    .wishes()
    .map(({ path, inForce: { value, time } }) => [path, { value: value as Verdict['value'], at: time }]);
}
