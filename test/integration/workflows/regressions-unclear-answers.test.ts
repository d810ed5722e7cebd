import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../support/until';
import { callsOf, outcomeOf, storyOf, workflowOf } from '../support/asking';
import {
  eventCreated,
  type Harness,
  type HarnessOptions,
  inSeconds,
  NEWSLETTER,
  someone,
  startHarness,
} from '../support/harness';

let harness: Harness;
afterEach(() => harness.close());

const TWO_PURPOSES: HarnessOptions = mapped([
  { id: 'OPT_EMAIL', value: 'consents_purposes_profiling_enabled' },
  { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER },
]);

const WITH_UNKNOWN_ATTRIBUTE: HarnessOptions = mapped([
  { id: 'NO_SUCH_ATTRIBUTE', value: NEWSLETTER },
  { id: 'OPT_EMAIL', value: NEWSLETTER },
  { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER },
]);

const ATTRIBUTE_LIST = { method: 'GET', path: '^/contacts/attributes' };

function mapped(properties: readonly object[]): HarnessOptions {
  return { integration: { config: { api_key: 'k', list_id: 7, properties } } };
}

function choice(email: string, at: string, enabled: { newsletter: boolean | null; profiling: boolean }) {
  const event = eventCreated(email, enabled.newsletter, { at });
  event.parameters.entity.consents.purposes.push({ id: 'profiling', enabled: enabled.profiling });
  return event;
}

describe('an unsubscription while we take the contact off the blacklist', () => {
  it('stays in force when the answer to the clearing is lost and another choice comes', async () => {
    harness = await startHarness(TWO_PURPOSES);
    const email = someone();
    harness.simulator.seedContact({ email, emailBlacklisted: true });
    harness.simulator.setFaults(
      { kind: 'latency', ms: 500, match: { method: 'PUT' }, times: 1 },
      { kind: 'dropAfterCommit', match: { method: 'PUT' }, times: 1 },
    );
    const optIn = outcomeOf(harness, choice(email, inSeconds(-30), { newsletter: true, profiling: true }));
    await until('the flag is being cleared', () => callsOf(harness, 'PUT').length > 0);
    harness.simulator.unsubscribe({ email });
    await until('the answer is lost', () => callsOf(harness, 'PUT')[0]?.endedAt !== undefined);
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: false });
    const other = choice(email, inSeconds(-5), { newsletter: null, profiling: false });
    await Promise.all([optIn, outcomeOf(harness, other)]);
    expect(harness.simulator.contact({ email })).toMatchObject({
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: false },
    });
  });

  it('stays in force when the account is held before our second look', async () => {
    harness = await startHarness(TWO_PURPOSES);
    const email = someone();
    harness.simulator.seedContact({ email, emailBlacklisted: true });
    const byId = { method: 'GET', path: 'identifierType=contact_id' };
    harness.simulator.setFaults(
      { kind: 'latency', ms: 500, match: { method: 'PUT' }, times: 1 },
      { kind: 'status', status: 403, match: byId, skip: 1, times: 1 },
    );
    const optIn = outcomeOf(harness, choice(email, inSeconds(-30), { newsletter: true, profiling: true }));
    await until('the flag is being cleared', () => callsOf(harness, 'PUT').length > 0);
    harness.simulator.unsubscribe({ email });
    expect(await optIn).toBe('held');
    await until('it is settled', async () => (await storyOf(harness, email)).outcome !== 'held');
    expect(await storyOf(harness, email)).toMatchObject({ outcome: 'guarded' });
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });
});

describe('an opt-out', () => {
  it('ends in force although the write of the opt-in before it takes long', async () => {
    harness = await startHarness(mapped([{ id: 'OPT_EMAIL', value: NEWSLETTER }]));
    const email = someone();
    harness.simulator.seedContact({ email, attributes: { OPT_EMAIL: false } });
    harness.simulator.setFaults({ kind: 'latency', ms: 3000, match: { method: 'PUT' }, times: 1 });
    const optIn = outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-30) }));
    await until('the opt-in is being written', () => callsOf(harness, 'PUT').length > 0);
    const optOut = outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-5) }));
    await Promise.all([optIn, optOut]);
    await until('the slow write has ended', () => callsOf(harness, 'PUT')[0]?.endedAt !== undefined);
    expect(harness.simulator.contact({ email })).toMatchObject({ attributes: { OPT_EMAIL: false } });
  });

  it('is not taken for done because a look lags behind our own write', async () => {
    harness = await startHarness(WITH_UNKNOWN_ATTRIBUTE);
    const email = someone();
    harness.simulator.seedContact({ email, attributes: { OPT_EMAIL: false }, emailBlacklisted: true });
    harness.simulator.setSwitches({ readLagMs: 3000 });
    await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-30) }));
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: false });
    await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-5) }));
    expect(harness.simulator.contact({ email })).toMatchObject({
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: false },
    });
  });
});

describe('a write that Temporal had to repeat', () => {
  /** What the activities of the contact's workflow ended with. */
  async function resultsOf(email: string): Promise<string> {
    const { events } = await (await workflowOf(harness, email)).fetchHistory();
    const results = (events ?? []).flatMap(
      ({ activityTaskCompletedEventAttributes: ended }) => ended?.result?.payloads ?? [],
    );
    return results.map(({ data }) => Buffer.from(data ?? []).toString()).join('\n');
  }

  it.each([
    ['may still be carried out late where its answer was lost', 'dropBefore', true],
    ['may not where Brevo said that it was too early', 425, false],
  ] as const)('%s', async (_, fault, inDoubt) => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email });
    const strike = { match: { method: 'PUT' }, times: 1 };
    harness.simulator.setFaults(
      fault === 425 ? { kind: 'status', status: 425, ...strike } : { kind: fault, ...strike },
    );
    expect(await outcomeOf(harness, eventCreated(email, false))).toBe('updated');
    expect((await resultsOf(email)).includes('"inDoubt":true')).toBe(inDoubt);
  });
});

describe('an opt-in', () => {
  it('is applied after our own blacklisting, also when the answer to that was lost', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.setFaults({ kind: 'dropAfterCommit', match: { method: 'PUT' }, times: 1 });
    const optInAt = inSeconds(-5);
    const optOut = outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-30) }));
    await until('the contact is blacklisted', () => callsOf(harness, 'PUT').length > 0);
    const optIn = outcomeOf(harness, eventCreated(email, true, { at: optInAt }));
    await optOut;
    expect(await optIn).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({
      emailBlacklisted: false,
      attributes: { OPT_EMAIL: true },
    });
  });
});

describe('a list of attributes that cannot be read', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('holds back no withdrawal when it was read before, although a mapped attribute is not on it', async () => {
    harness = await startHarness(WITH_UNKNOWN_ATTRIBUTE);
    const email = someone();
    harness.simulator.seedContact({ email });
    await outcomeOf(harness, eventCreated(someone(), true));
    harness.simulator.setFaults({ kind: 'status', status: 429, resetSeconds: 3000, match: ATTRIBUTE_LIST });
    laterBy(31_000);
    expect(await outcomeOf(harness, eventCreated(email, false))).toBe('rejected');
    expect(callsOf(harness, 'GET').map(({ status }) => status)).toContain(429);
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });

  it('holds back no withdrawal when it was never read, also not one that comes while an opt-in waits for it', async () => {
    harness = await startHarness();
    const [email, other, unknown] = [someone(), someone(), someone()];
    for (const known of [email, other]) harness.simulator.seedContact({ email: known });
    harness.simulator.setFaults({ kind: 'status', status: 429, resetSeconds: 5, match: ATTRIBUTE_LIST });
    const isBlacklisted = (person: string) =>
      harness.simulator.contact({ email: person })?.emailBlacklisted === true;
    const optOuts = [email, unknown].map((person) =>
      outcomeOf(harness, eventCreated(person, false, { at: inSeconds(-30) })),
    );
    await until('the opt-outs are in force', () => isBlacklisted(email) && isBlacklisted(unknown));
    const optIn = outcomeOf(harness, eventCreated(other, true, { at: inSeconds(-30) }));
    await until('the opt-in waits', () =>
      callsOf(harness, 'GET').some(({ identifier }) => identifier === other),
    );
    const optOut = outcomeOf(harness, eventCreated(other, false, { at: inSeconds(-20) }));
    await until('the opt-out is in force', () => isBlacklisted(other));
    harness.simulator.setFaults();
    expect(await Promise.all([...optOuts, optOut])).toEqual(['updated', 'created', 'updated']);
    await optIn;
    for (const person of [email, other, unknown]) {
      expect(harness.simulator.contact({ email: person })).toMatchObject({
        emailBlacklisted: true,
        attributes: { OPT_EMAIL: false },
      });
    }
  });

  it('rejects no withdrawal when Brevo refuses to tell it', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.setFaults({ kind: 'status', status: 400, match: ATTRIBUTE_LIST, times: 1 });
    expect(await outcomeOf(harness, eventCreated(email, false))).toBe('updated');
    expect(callsOf(harness, 'GET').map(({ status }) => status)).toContain(400);
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });
});

/** Puts the monotonic clock forward: what was read 30 s ago is read again. */
function laterBy(ms: number): void {
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + ms);
}
