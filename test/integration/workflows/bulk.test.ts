import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until';
import { callsOf, outcomeOf as liveOutcomeOf, storyOf, workflowOf } from '../support/asking';
import {
  eventCreated,
  type Harness,
  type HarnessOptions,
  inSeconds,
  NEWSLETTER,
  someone,
  startHarness,
} from '../support/harness';
import { outcomeOf, read, submit } from '../support/resync';

const DAY = 86_400;
const MINUTE = 60_000;
const OPTED_OUT = { emailBlacklisted: true, attributes: { OPT_EMAIL: false } };
const SUBSCRIBED = { emailBlacklisted: false, attributes: { OPT_EMAIL: true } };

let harness: Harness;
afterEach(() => harness.close());

/** A contact that Brevo holds. */
function contact(held: object = SUBSCRIBED): string {
  const email = someone();
  harness.simulator.seedContact({ email, ...held });
  return email;
}

function inBrevo(email: string) {
  return harness.simulator.contact({ email });
}

/** The calls about contacts that have reached Brevo. */
function calls(): string[] {
  return harness.simulator
    .calls()
    .filter(({ path }) => path.startsWith('/contacts') && path !== '/contacts/attributes')
    .map(({ method }) => method);
}

describe('a contact that a resync submits with what it has just read of Brevo', () => {
  it('costs one write and no look-up where it differs, and says so', async () => {
    harness = await startHarness();
    const email = contact();
    expect(await outcomeOf(harness, email, { enabled: false })).toBe('updated');
    expect(calls()).toEqual(['PUT']);
    expect(inBrevo(email)).toMatchObject(OPTED_OUT);
    const { events } = await storyOf(harness, email);
    expect(events).toMatchObject([
      { type: 'resync', note: expect.stringContaining('what the resync had read') },
    ]);
  });

  it('costs no call where Brevo holds all of it, also again and again', async () => {
    harness = await startHarness();
    const email = contact();
    expect(await outcomeOf(harness, email, { enabled: true })).toBe('unchanged');
    expect(await outcomeOf(harness, email, { enabled: true, secondsAgo: 30 })).toBe('unchanged');
    expect(calls()).toEqual([]);
  });

  it('is created by one call where Brevo has no such contact', async () => {
    harness = await startHarness();
    const email = someone();
    expect(await outcomeOf(harness, email, { enabled: false })).toBe('created');
    expect(calls()).toEqual(['POST']);
    expect(inBrevo(email)).toMatchObject(OPTED_OUT);
  });

  it('is found all the same where the pages of the list had missed it', async () => {
    harness = await startHarness();
    const email = contact();
    expect(await outcomeOf(harness, email, { enabled: false }, read(harness, email, { missed: true }))).toBe(
      'updated',
    );
    expect(calls()).toEqual(['POST', 'GET', 'PUT']);
    expect(inBrevo(email)).toMatchObject(OPTED_OUT);
  });

  it('is not skipped where the pages of the list had missed it and nothing is created', async () => {
    harness = await startHarness({ integration: { upsert_mode: false } });
    const email = contact();
    const missed = read(harness, email, { missed: true });
    expect(await outcomeOf(harness, email, { enabled: false }, missed)).toBe('updated');
    expect(inBrevo(email)).toMatchObject(OPTED_OUT);
  });

  it('stays on the blacklist where Brevo knows an unsubscription that is later than its opt-in', async () => {
    harness = await startHarness();
    const email = contact({ ...SUBSCRIBED });
    const before = read(harness, email);
    harness.simulator.unsubscribe({ email, kind: 'userUnsubscription' });
    const { look } = read(harness, email);
    const optIn = { enabled: true, choice: true as const, secondsAgo: 3_600 };
    expect(await outcomeOf(harness, email, optIn, { ...before, look })).toBe('guarded');
    expect(inBrevo(email)).toMatchObject({ emailBlacklisted: true });
    expect(callsOf(harness, 'PUT')).toHaveLength(0);
  });
});

describe('what a resync had read of Brevo is not used', () => {
  it('when it is older than ten minutes', async () => {
    harness = await startHarness();
    const email = contact(OPTED_OUT);
    const old = { ...read(harness, email), at: Date.now() - 11 * MINUTE };
    harness.simulator.reset();
    harness.simulator.seedContact({ email, ...SUBSCRIBED });
    expect(await outcomeOf(harness, email, { enabled: false }, old)).toBe('updated');
    expect(calls()).toEqual(['GET', 'PUT']);
    expect(inBrevo(email)).toMatchObject(OPTED_OUT);
  });

  it('when the workflow has written since', async () => {
    harness = await startHarness();
    const email = contact(OPTED_OUT);
    const before = read(harness, email);
    await liveOutcomeOf(harness, eventCreated(email, true, { at: inSeconds(-DAY) }));
    expect(inBrevo(email)).toMatchObject({ attributes: { OPT_EMAIL: true } });
    // By what was read before, Brevo would hold the opt-out already.
    expect(await outcomeOf(harness, email, { enabled: false }, before)).toBe('updated');
    expect(inBrevo(email)).toMatchObject(OPTED_OUT);
  });
});

describe('a choice that is newer than what a resync submits wins', () => {
  it('when it came before', async () => {
    harness = await startHarness();
    const email = contact();
    await liveOutcomeOf(harness, eventCreated(email, false, { at: inSeconds(-30) }));
    expect(await outcomeOf(harness, email, { enabled: true, secondsAgo: 300 })).toBe('stale');
    expect(inBrevo(email)).toMatchObject(OPTED_OUT);
  });

  it('when it comes after', async () => {
    harness = await startHarness();
    const email = contact({ ...SUBSCRIBED, attributes: { OPT_EMAIL: false } });
    expect(await outcomeOf(harness, email, { enabled: true, secondsAgo: 300 })).toBe('updated');
    await liveOutcomeOf(harness, eventCreated(email, false, { at: inSeconds(-30) }));
    expect(inBrevo(email)).toMatchObject(OPTED_OUT);
  });

  it('when it comes while the write of the resync waits', async () => {
    harness = await startHarness();
    const email = contact({ ...SUBSCRIBED, attributes: { OPT_EMAIL: false } });
    harness.simulator.setFaults({ kind: 'status', status: 503, match: { route: 'updateContact' } });
    await submit(harness, email, { enabled: true, secondsAgo: 300 });
    await until('the opt-in has been tried', () => calls().includes('PUT'));
    const newer = harness.client.submitAndWait(eventCreated(email, false, { at: inSeconds(-30) }));
    await until('the opt-in is given up', () => calls().includes('GET'));
    harness.simulator.setFaults();
    await newer;
    expect(inBrevo(email)).toMatchObject(OPTED_OUT);
    const written = callsOf(harness, 'PUT').filter(({ status }) => status === 204);
    expect(written.map(({ body }) => body)).toEqual([
      { attributes: { OPT_EMAIL: false }, emailBlacklisted: true },
    ]);
  });
});

describe("while a resync uses up Brevo's rate", () => {
  const SMS = 'consents_purposes_sms_enabled';
  const TIGHT: HarnessOptions = {
    requestsPerSecond: 4,
    simulator: { requestsPerSecond: 4 },
    integration: {
      config: {
        api_key: 'xkeysib-test',
        properties: [
          { id: 'OPT_EMAIL', value: NEWSLETTER },
          { id: 'OPT_SMS', value: SMS },
        ],
      },
    },
  };
  const HELD_OUT = { attributes: { OPT_EMAIL: false, OPT_SMS: true } };
  const HELD_IN = { attributes: { OPT_EMAIL: true, OPT_SMS: true } };

  /** E-mail addresses in the order in which Brevo was told of them. */
  function written(): string[] {
    const byId = new Map(harness.simulator.contacts().map(({ id, email }) => [String(id), email ?? '']));
    return callsOf(harness, 'PUT').map(({ identifier }) => byId.get(identifier ?? '') ?? '');
  }

  /** Opt-ins, of which the first is being written. */
  async function backlog(): Promise<string[]> {
    const people = Array.from({ length: 24 }, () => contact(HELD_OUT));
    await Promise.all(people.map((email) => submit(harness, email, { enabled: true })));
    await until('the first is written', () => written().length > 0);
    return people;
  }

  const othersAfter = (last: number, people: readonly string[]) =>
    written()
      .slice(last + 1)
      .filter((email) => people.includes(email)).length;

  it('its withdrawals go before its other values, and live events before them all', async () => {
    harness = await startHarness(TIGHT);
    const people = await backlog();
    const withdrawn = Array.from({ length: 4 }, () => contact(HELD_IN));
    await Promise.all(withdrawn.map((email) => submit(harness, email, { enabled: false })));
    const live = contact(HELD_OUT);
    await harness.client.submit(eventCreated(live, true));
    await until('all is written', () => new Set(written()).size === 29, 60_000);

    const order = written();
    const lastWithdrawal = Math.max(...withdrawn.map((email) => order.indexOf(email)));
    expect(othersAfter(lastWithdrawal, people)).toBeGreaterThanOrEqual(10);
    expect(othersAfter(order.indexOf(live), people)).toBeGreaterThanOrEqual(10);
    expect(calls().filter((method) => method === 'GET')).toHaveLength(1);
  }, 90_000);

  it.each([
    ['write', 0],
    ['look-up', 11 * MINUTE],
  ])(
    'a live withdrawal does not wait behind the %s that the resync has waiting for the same contact',
    async (_, age) => {
      harness = await startHarness(TIGHT);
      const people = await backlog();
      const last = contact(HELD_OUT);
      const look = read(harness, last);
      await submit(harness, last, { enabled: true }, { ...look, at: look.at - age });
      const workflow = await workflowOf(harness, last);
      await until('the call waits', async () => {
        const { raw } = await workflow.describe();
        return (raw.pendingActivities ?? []).length > 0;
      });
      await harness.client.submit(eventCreated(last, false, { purpose: 'sms' }));
      await until('the withdrawal is written', () => inBrevo(last)?.attributes.OPT_SMS === false, 60_000);
      const unwritten = people.filter((email) => inBrevo(email)?.attributes.OPT_EMAIL === false);
      expect(unwritten.length).toBeGreaterThanOrEqual(8);
      await until('the rest is written', () => inBrevo(last)?.attributes.OPT_EMAIL === true, 60_000);
      expect(inBrevo(last)?.attributes).toMatchObject({ OPT_SMS: false });
    },
    90_000,
  );
});

describe('with a ledger', () => {
  const WITH_LEDGER: HarnessOptions = { options: { ledger_attribute: 'CONSENT_LEDGER' } };

  it('a contact that a resync submits costs one write, with the ledger in it', async () => {
    harness = await startHarness(WITH_LEDGER);
    const email = contact();
    expect(await outcomeOf(harness, email, { enabled: false })).toBe('updated');
    expect(calls()).toEqual(['PUT']);
    expect(callsOf(harness, 'PUT')[0]?.body).toMatchObject({
      attributes: { CONSENT_LEDGER: expect.stringMatching(/^1;/) },
    });
  });

  it('a choice that only the ledger tells of wins over what a resync submits, without a call', async () => {
    harness = await startHarness(WITH_LEDGER);
    const email = contact();
    await liveOutcomeOf(harness, eventCreated(email, false, { at: inSeconds(-30) }));
    await (await workflowOf(harness, email)).terminate('its time is over');
    const before = calls().length;
    expect(await outcomeOf(harness, email, { enabled: true, secondsAgo: 300 })).toBe('stale');
    expect(calls()).toHaveLength(before);
    expect(inBrevo(email)).toMatchObject(OPTED_OUT);
  });
});
