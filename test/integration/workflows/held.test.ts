import { afterEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../config';
import type { SimCall } from '../../../simulator';
import { until } from '../../support/until';
import { callsOf, outcomeOf, storyOf } from '../support/asking';
import {
  eventCreated,
  type Harness,
  type HarnessOptions,
  inSeconds,
  NEWSLETTER,
  someone,
  startHarness,
} from '../support/harness';

const harnesses: Harness[] = [];
afterEach(async () => {
  await Promise.all(harnesses.splice(0).map((harness) => harness.close()));
});

async function started(options: HarnessOptions = {}): Promise<Harness> {
  const harness = await startHarness(options);
  harnesses.push(harness);
  return harness;
}

const PACE_MS = 10_000;
/** About half a minute where the machine has nothing else to do. */
const DRAINED_WITHIN_MS = 120_000;
/** Calls that were under way when Brevo refused the first one, and those that a clock on the way makes seem early. */
const TOLERANCE_MS = 100;

const people = (count: number) => Array.from({ length: count }, someone);

async function say(harness: Harness, persons: readonly string[], enabled: boolean): Promise<void> {
  await harness.client.submit(persons.map((person) => eventCreated(person, enabled, { at: inSeconds(-5) })));
}

/** ms between calls that follow each other. */
function gapsOf(calls: readonly SimCall[]): number[] {
  const times = calls.map(({ at }) => Date.parse(at));
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

function expectPaced(calls: readonly SimCall[]): void {
  expect(Math.min(Number.POSITIVE_INFINITY, ...gapsOf(calls))).toBeGreaterThanOrEqual(PACE_MS - TOLERANCE_MS);
}

/** As Temporal lists them: asking every contact would keep the machine busy. */
async function untilHeld({ client }: Harness, count: number): Promise<void> {
  const held = async () => (await client.countFailures()).reduce((sum, one) => sum + one.held, 0);
  await until(`${count} are held`, async () => (await held()) === count, 90_000);
}

/** The e-mail addresses written, in the order of the writes that Brevo took. */
function written({ simulator }: Harness): string[] {
  return simulator.calls().flatMap(({ method, status, body, identifier }) => {
    if (method === 'GET' || (status ?? 500) >= 300) return [];
    const contact = identifier === undefined ? undefined : simulator.contact({ id: Number(identifier) });
    return [contact?.email ?? String((body as { email?: string } | undefined)?.email)];
  });
}

describe('an account that Brevo refuses', () => {
  it('with 401, 402 or 403 gets one call in ten seconds, however many contacts wait, and drains by itself', async () => {
    const refusals = [
      [60, { kind: 'status', status: 401 }],
      [10, { kind: 'status', status: 402 }],
      [10, { kind: 'status', status: 403 }],
      [10, { kind: 'ipBlocked' }],
    ] as const;
    const played = await Promise.all(
      refusals.map(async ([count, fault]) => {
        const harness = await started();
        harness.simulator.setFaults(fault);
        const persons = people(count);
        await say(harness, persons, false);
        await untilHeld(harness, persons.length);
        await until('it was tried again', () => harness.simulator.calls().length >= 3, 90_000);
        return { harness, persons };
      }),
    );
    for (const { harness } of played) expectPaced(harness.simulator.calls());
    const reasons = await Promise.all(
      played.map(async ({ harness, persons: [one] }) => (await storyOf(harness, one ?? '')).held?.reason),
    );
    expect(reasons).toEqual([
      expect.stringContaining('does not accept the API key'),
      expect.stringContaining('no credits'),
      expect.stringContaining('does not permit'),
      expect.stringContaining('blocks this service'),
    ]);
    for (const { harness } of played) harness.simulator.setFaults();
    await Promise.all(
      played.map(({ harness, persons }) =>
        until(
          'all are written',
          () => harness.simulator.contacts().length === persons.length,
          DRAINED_WITHIN_MS,
        ),
      ),
    );
  }, 300_000);

  it('does not concern another integration with another key', async () => {
    const integration = (api_key: string) => ({
      upsert_mode: true,
      config: { api_key, properties: [{ id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER }] },
    });
    const harness = await started({
      config: { integrations: { right: integration('the-key'), wrong: integration('another') } },
      simulator: { apiKey: 'the-key' },
    });
    const persons = people(20);
    await say(harness, persons, false);
    await until('all are written', () => harness.simulator.contacts().length === persons.length);
    expect(harness.simulator.calls().filter(({ status }) => status === 401)).toHaveLength(1);
    const stories = await harness.client.status(persons[0] ?? '');
    expect(stories.map(({ integration, outcome }) => [integration, outcome])).toEqual([
      ['right', 'created'],
      ['wrong', 'held'],
    ]);
  });
});

describe('an account to which Brevo refuses to create contacts (403)', () => {
  it('still takes withdrawals of contacts that it has, and creates the others when it may', async () => {
    const harness = await started();
    const { simulator } = harness;
    const known = people(10);
    for (const email of known) simulator.seedContact({ email });
    simulator.setFaults({ kind: 'status', status: 403, match: { method: 'POST' } });
    const unknown = people(30);
    await say(harness, unknown, true);
    await until('creating is refused', () => callsOf(harness, 'POST').length > 0);
    await say(harness, known, false);
    const isWritten = (email: string) => simulator.contact({ email })?.emailBlacklisted === true;
    await until('the withdrawals are written', () => known.every(isWritten), 90_000);
    await untilHeld(harness, unknown.length);
    const [looks, refused] = [callsOf(harness, 'GET').length, callsOf(harness, 'POST').length];
    await until('creating is tried again', () => callsOf(harness, 'POST').length >= refused + 3, 120_000);
    expectPaced(callsOf(harness, 'POST').slice(refused));
    // Only who has the turn looks.
    expect(callsOf(harness, 'GET').length - looks).toBeLessThanOrEqual(4);
    simulator.setFaults();
    await until('all are created', () => simulator.contacts().length === 40, DRAINED_WITHIN_MS);
  }, 300_000);
});

describe('a key that was replaced', () => {
  it('lets everything go on after a restart, withdrawals first, and nothing is lost', async () => {
    const harness = await started({ simulator: { apiKey: 'the-new-key' }, requestsPerSecond: 20 });
    const { simulator, settings } = harness;
    const [yes, no] = [people(20), people(20)];
    await Promise.all([say(harness, yes, true), say(harness, no, false)]);
    await untilHeld(harness, 40);
    await harness.stopWorker();
    const text = JSON.stringify(settings).replace('xkeysib-test', 'the-new-key');
    await harness.startWorker({ config: loadConfig({ object: JSON.parse(text) }) });
    await until('all are written', () => written(harness).length >= 40, DRAINED_WITHIN_MS);
    const order = written(harness);
    const lastNo = Math.max(...no.map((email) => order.indexOf(email)));
    expect(yes.filter((email) => order.indexOf(email) < lastNo).length).toBeLessThanOrEqual(2);
    expect(simulator.contacts()).toHaveLength(40);
  }, 240_000);
});

describe('a contact that waits for a refused account', () => {
  it('is tried as soon as may be when somebody asks for it, and goes on as a withdrawal when it becomes one', async () => {
    const harness = await started();
    const { simulator, client } = harness;
    simulator.setFaults({ kind: 'status', status: 401 });
    const [person, other] = [someone(), someone()];
    expect(await outcomeOf(harness, eventCreated(other, true, { at: inSeconds(-30) }))).toBe('held');
    expect(await outcomeOf(harness, eventCreated(person, true, { at: inSeconds(-30) }))).toBe('held');
    expect(await outcomeOf(harness, eventCreated(person, false, { at: inSeconds(-20) }))).toBe('held');
    expect(await client.retry(person)).toMatchObject([{ outcome: 'held' }]);
    simulator.setFaults();
    await until('both are written', () => simulator.contacts().length === 2, DRAINED_WITHIN_MS);
    expect(written(harness)[0]).toBe(person);
    expect(simulator.contact({ email: person })).toMatchObject({ emailBlacklisted: true });
  }, 180_000);
});

describe('a value that Brevo refused', () => {
  const REFUSES = { kind: 'status', status: 400, match: { method: 'PUT' } } as const;

  async function rejected(): Promise<{ harness: Harness; email: string }> {
    const harness = await started();
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.setFaults(REFUSES);
    expect(await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-30) }))).toBe('rejected');
    harness.simulator.setFaults();
    return { harness, email };
  }

  it('is kept, and tried again when somebody asks for it', async () => {
    const { harness, email } = await rejected();
    expect(await storyOf(harness, email)).toMatchObject({
      inForce: [{ id: 'OPT_EMAIL', value: false }, { value: false }],
      rejected: [{ status: 400, code: expect.any(String) }, { status: 400 }],
    });
    expect(await harness.client.retry(email)).toMatchObject([{ outcome: 'rejected' }]);
    await until('it is written', () => harness.simulator.contact({ email })?.emailBlacklisted === true);
    await until('it is settled', async () => (await storyOf(harness, email)).outcome === 'updated');
    expect(await harness.client.retry(email)).toEqual([]);
  });

  it('is tried again by a new event that says the same', async () => {
    const { harness, email } = await rejected();
    expect(await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-20) }))).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });
});
