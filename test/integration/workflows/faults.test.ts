import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until';
import { callsOf, outcomeOf } from '../support/asking';
import { eventCreated, type Harness, inSeconds, someone, startHarness } from '../support/harness';

let harness: Harness;
afterEach(() => harness.close());

describe('a lost answer', () => {
  it('to a create ends as one contact, and as created', async () => {
    harness = await startHarness();
    harness.simulator.setFaults({ kind: 'dropAfterCommit', match: { method: 'POST' }, times: 1 });
    const email = someone();
    expect(await outcomeOf(harness, eventCreated(email, false))).toBe('created');
    expect(harness.simulator.contacts()).toMatchObject([{ email, emailBlacklisted: true, listIds: [7] }]);
  });

  it('to many creates and updates ends as one contact each, whichever worker repeats them', async () => {
    harness = await startHarness();
    const stopAnother = await harness.addWorker({});
    const [unknown, known] = [1, 2].map(() => Array.from({ length: 15 }, someone)) as [string[], string[]];
    for (const email of known) harness.simulator.seedContact({ email });
    harness.simulator.setFaults(
      { kind: 'dropAfterCommit', match: { method: 'POST' }, times: 20 },
      { kind: 'status', status: 500, afterCommit: true, match: { method: 'PUT' }, times: 20 },
    );
    const all = [...unknown, ...known];
    const outcomes = await Promise.all(all.map((email) => outcomeOf(harness, eventCreated(email, false))));
    expect(outcomes).toEqual(all.map((email) => (known.includes(email) ? 'updated' : 'created')));
    expect(
      harness.simulator
        .contacts()
        .map(({ email }) => email)
        .sort(),
    ).toEqual([...all].sort());
    expect(harness.simulator.contacts().every(({ emailBlacklisted }) => emailBlacklisted)).toBe(true);
    await stopAnother();
  });

  it('to an update is repeated without harm', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.setFaults({ kind: 'dropAfterCommit', match: { method: 'PUT' }, times: 2 });
    expect(await outcomeOf(harness, eventCreated(email, false))).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });

  it('to clearing the blacklist does not hide an unsubscription that came meanwhile', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email, emailBlacklisted: true });
    harness.simulator.setFaults({ kind: 'dropAfterCommit', match: { method: 'PUT' }, times: 1 });
    const settled = outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-30) }));
    await until('Brevo is written to', () => callsOf(harness, 'PUT').length > 0);
    harness.simulator.unsubscribe({ email });
    expect(await settled).toBe('guarded');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });
});

describe('an unsubscription between our look and our write', () => {
  it('is found by the look afterwards and put back in force', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email, emailBlacklisted: true });
    harness.simulator.setFaults({ kind: 'latency', ms: 700, match: { method: 'PUT' }, times: 1 });
    const settled = outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-30) }));
    await until('the contact has been looked at', () => callsOf(harness, 'GET').length >= 3);
    harness.simulator.unsubscribe({ email });
    expect(await settled).toBe('guarded');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });
});

describe('an opt-out', () => {
  it('that arrives while an opt-in is being written ends in force', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email, emailBlacklisted: true });
    harness.simulator.setFaults({ kind: 'latency', ms: 400 });
    const optIn = outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-30) }));
    await until('the contact is being looked up', () => harness.simulator.calls().length >= 2);
    const optOut = outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-5) }));
    await Promise.all([optIn, optOut]);
    expect(harness.simulator.contact({ email })).toMatchObject({
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: false },
    });
  });

  it('that arrives while Brevo is down replaces the opt-in that waits', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.setFaults({ kind: 'status', status: 502, match: { method: 'PUT' } });
    const optIn = outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-30) }));
    await until('Brevo is written to', () => callsOf(harness, 'PUT').length > 0);
    const optOut = outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-5) }));
    await until('the opt-out is being written', () =>
      harness.simulator.calls().some(({ body }) => JSON.stringify(body ?? '').includes('Blacklisted":true')),
    );
    harness.simulator.setFaults();
    await Promise.all([optIn, optOut]);
    expect(harness.simulator.contact({ email })).toMatchObject({
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: false },
    });
  });
});

describe('a Brevo that is slow, limited or broken', () => {
  it.each([
    ['429', { kind: 'status', status: 429, resetSeconds: 1, times: 2 }],
    ['an HTML page', { kind: 'status', status: 503, times: 2 }],
    ['a timeout of its edge', { kind: 'status', status: 524, times: 2 }],
    ['425', { kind: 'status', status: 425, times: 2 }],
    ['half a body', { kind: 'halfBody', times: 2 }],
    ['a success that holds an error', { kind: 'errorInOk', times: 2 }],
    ['a redirect', { kind: 'redirect', times: 2 }],
  ] as const)('is asked again after %s until it is done', async (_, fault) => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.setFaults(fault);
    expect(await outcomeOf(harness, eventCreated(email, false))).toMatch(/created|updated|unchanged/);
    expect(harness.simulator.contacts()).toMatchObject([{ email, emailBlacklisted: true }]);
  });
});

describe('a worker that is stopped in the middle', () => {
  it('loses nothing: the next one goes on', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.setFaults({ kind: 'latency', ms: 300 });
    const settled = outcomeOf(harness, eventCreated(email, false));
    await until('Brevo is called', () => harness.simulator.calls().length >= 1);
    await harness.stopWorker();
    harness.simulator.setFaults();
    await harness.startWorker();
    expect(await settled).toMatch(/created|updated|unchanged/);
    expect(harness.simulator.contacts()).toMatchObject([{ email, emailBlacklisted: true }]);
  });
});

describe('a storm of events to one contact', () => {
  it('ends in the latest choice with few calls, over several runs of its workflow', async () => {
    harness = await startHarness();
    const email = someone();
    const start = Date.now() - 10_000_000;
    const events = Array.from({ length: 400 }, (_, index) =>
      eventCreated(email, index % 2 === 0, { at: new Date(start + index * 1000).toISOString() }),
    );
    for (let at = 0; at < events.length; at += 40)
      await harness.client.submit(shuffled(events.slice(at, at + 40)));
    const last = eventCreated(email, false, { at: new Date(start + 500_000).toISOString() });
    await outcomeOf(harness, last);
    expect(harness.simulator.contact({ email })).toMatchObject({
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: false },
    });
    const [story] = await harness.client.status(email);
    const chain = await harness.temporal.workflow.getHandle(story?.workflowId ?? '').describe();
    expect(story?.inForce).toMatchObject([{ value: false }, { value: false }]);
    expect(chain.historyLength).toBeLessThan(500);
    expect(chain.searchAttributes).toMatchObject({
      ConsentSyncIntegration: ['default'],
      ConsentSyncOutcome: [expect.stringMatching(/updated|unchanged/)],
      ConsentEventIds: expect.arrayContaining([last.parameters.entity.id]),
    });
  }, 60_000);
});

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item, index) => ({ item, key: (index * 7919) % 101 }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
