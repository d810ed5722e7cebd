import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until';
import { eventCreated, type Harness, someone, startHarness } from '../support/harness';

describe('a newer choice that comes while an older one is being written', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.close());

  it('is what Brevo ends with, also when the older write was failing', async () => {
    const email = someone();
    const { client, simulator, temporal } = harness;
    await client.submitAndWait(eventCreated(email, true, { at: '2026-03-01T09:00:00Z' }));
    // Temporal does not retry an activity that it was asked to cancel: its failure comes out as it is.
    const match = { route: 'updateContact' };
    simulator.setFaults({ kind: 'latency', ms: 1_500, match }, { kind: 'status', status: 503, match });
    const before = simulator.calls().length;
    const [result] = await client.submit(eventCreated(email, false, { at: '2026-03-02T09:00:00Z' }));
    await until('the older choice is being written', () =>
      simulator
        .calls()
        .slice(before)
        .some(({ operation }) => operation === 'updateContact'),
    );
    const newer = client.submitAndWait(eventCreated(email, true, { at: '2026-03-03T09:00:00Z' }));
    await until('that write has failed', () =>
      simulator.calls().some(({ operation, status }) => operation === 'updateContact' && status === 503),
    );
    simulator.setFaults();
    await newer;
    expect(simulator.contact({ email })).toMatchObject({
      emailBlacklisted: false,
      attributes: { OPT_EMAIL: true },
    });
    const workflowId = result?.status === 'accepted' ? result.workflowId : '';
    const { status } = await temporal.workflow.getHandle(workflowId).describe();
    expect(status.name).toBe('RUNNING');
  });
});
