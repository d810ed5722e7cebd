import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventCreated, type Harness, someone, startHarness } from '../support/harness';

describe('one consent event', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.close());

  it('creates an unknown contact on the list, with its attribute and without a blacklist flag', async () => {
    const email = someone();
    const [result] = await harness.client.submitAndWait(eventCreated(email, true));
    expect(result).toMatchObject({ status: 'accepted', outcome: 'created' });
    expect(harness.simulator.contact({ email })).toMatchObject({
      attributes: { OPT_EMAIL: true },
      emailBlacklisted: false,
      listIds: [7],
    });
  });

  it('creates an unknown contact who says no on the blacklist, in one call', async () => {
    const email = someone();
    const before = harness.simulator.calls().length;
    await harness.client.submitAndWait(eventCreated(email, false));
    const writes = harness.simulator
      .calls()
      .slice(before)
      .filter(({ method }) => method !== 'GET');
    expect(writes).toHaveLength(1);
    expect(writes[0]?.body).toMatchObject({ email, emailBlacklisted: true, listIds: [7] });
  });

  it('tells a double nothing new', async () => {
    const event = eventCreated(someone(), true);
    await harness.client.submitAndWait(event);
    const before = harness.simulator.calls().length;
    const [again] = await harness.client.submitAndWait(event);
    expect(again).toMatchObject({ outcome: 'created' });
    expect(harness.simulator.calls()).toHaveLength(before);
  });
});
