import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SimulatorSwitches } from '../../../simulator';
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

const PROFILING = 'consents_purposes_profiling_enabled';

/** The newsletter moves the blacklist flag, and each purpose an attribute of its own. */
function options(upsert: boolean): HarnessOptions {
  const properties = [
    { id: 'OPT_EMAIL', value: NEWSLETTER },
    { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER },
    { id: 'PARTNERS', value: PROFILING },
  ];
  return { integration: { upsert_mode: upsert, config: { api_key: 'k', list_id: 7, properties } } };
}

let upserting: Harness;
let updating: Harness;
let harness: Harness;
beforeAll(async () => {
  [upserting, updating] = await Promise.all([startHarness(options(true)), startHarness(options(false))]);
});
beforeEach(() => {
  harness = upserting;
});
afterEach(() => {
  upserting.simulator.reset();
  updating.simulator.reset();
});
afterAll(async () => {
  await Promise.all([upserting.close(), updating.close()]);
});

/** A choice so many seconds from now. */
function choose(email: string, enabled: boolean, seconds: number, purpose = 'newsletter') {
  return outcomeOf(harness, eventCreated(email, enabled, { at: inSeconds(seconds), purpose }));
}

const inBrevo = (email: string) => harness.simulator.contact({ email });

/** Somebody else calls Brevo's API. */
async function otherSystem(method: 'PUT' | 'DELETE', email: string, body?: object): Promise<void> {
  const path = `/contacts/${encodeURIComponent(email)}?identifierType=email_id`;
  const headers = { 'api-key': 'another', 'content-type': 'application/json' };
  const sent = body && { body: JSON.stringify(body) };
  const { status } = await fetch(harness.simulator.url + path, { method, headers, ...sent });
  expect(status).toBe(204);
}

/** Our contact is merged into another one, which gets its address. */
async function merge(email: string, survivor: object = {}): Promise<number> {
  await otherSystem('DELETE', email);
  return harness.simulator.seedContact({ email, ...survivor }).id;
}

describe('an e-mail address', () => {
  it('is one contact, however it is spelled', async () => {
    const email = someone();
    const spelled = [` ${email} `, email.toUpperCase(), `\t${email.toUpperCase()}\n`];
    await choose(email, true, -30);
    const results = await harness.client.submitAndWait(
      spelled.map((one, index) => eventCreated(one, false, { at: inSeconds(index - 20) })),
    );
    const { workflowId } = await storyOf(harness, email);
    for (const result of results) expect(result).toMatchObject({ status: 'accepted', workflowId });
    expect(harness.simulator.contacts()).toMatchObject([{ email, emailBlacklisted: true }]);
  });
});

describe('a contact that was deleted in Brevo', () => {
  it('is created again with all that is in force, and on the blacklist where an opt-out had put it', async () => {
    const email = someone();
    await choose(email, false, -30);
    await otherSystem('DELETE', email);
    expect(await choose(email, true, -20, 'profiling')).toBe('created');
    expect(inBrevo(email)).toMatchObject({
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: false, PARTNERS: true },
      listIds: [7],
    });
  });

  it('is created again on the blacklist where the person had unsubscribed after the opt-in', async () => {
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.unsubscribe({ email, at: inSeconds(-25) });
    expect(await choose(email, true, -30)).toBe('guarded');
    await otherSystem('DELETE', email);
    expect(await choose(email, true, -20, 'profiling')).toBe('created');
    expect(inBrevo(email)).toMatchObject({ emailBlacklisted: true, attributes: { OPT_EMAIL: true } });
    expect(await storyOf(harness, email)).toMatchObject({ outcome: 'guarded' });
  });

  it('is created again off the blacklist by a later opt-in', async () => {
    const email = someone();
    await choose(email, false, -30);
    await otherSystem('DELETE', email);
    expect(await choose(email, true, -20)).toBe('created');
    expect(inBrevo(email)).toMatchObject({ emailBlacklisted: false, attributes: { OPT_EMAIL: true } });
  });

  it('is not created again with upsert off', async () => {
    harness = updating;
    const email = someone();
    harness.simulator.seedContact({ email });
    expect(await choose(email, false, -30)).toBe('updated');
    await otherSystem('DELETE', email);
    expect(await choose(email, true, -20, 'profiling')).toBe('skipped');
    expect(inBrevo(email)).toBeUndefined();
    harness.simulator.seedContact({ email });
    expect(await choose(email, false, -10, 'profiling')).toBe('updated');
    expect(inBrevo(email)).toMatchObject({ emailBlacklisted: true, attributes: { PARTNERS: false } });
  });

  it('between the look and the write is created all the same', async () => {
    const email = someone();
    harness.simulator.seedContact({ email });
    let deleted = false;
    harness.simulator.onCall(async ({ operation }, moment) => {
      if (deleted || moment !== 'after' || operation !== 'getContactInfo') return;
      deleted = true;
      await otherSystem('DELETE', email);
    });
    expect(await choose(email, false, -30)).toBe('created');
    expect(inBrevo(email)).toMatchObject({ emailBlacklisted: true });
  });
});

describe('a contact that another system creates between our look-up and our create', () => {
  const SPELLINGS: readonly Partial<SimulatorSwitches>[] = [
    { duplicateCode: 'invalid_parameter' },
    { duplicateCode: 'duplicate_parameter', duplicateNames: 'upper_case' },
    { duplicateWording: 'already_exist' },
  ];

  it.each(SPELLINGS)('is updated (%j)', async (switches) => {
    const email = someone();
    harness.simulator.setSwitches(switches);
    harness.simulator.onCall(({ operation }, moment) => {
      if (moment === 'before' && operation === 'createContact' && !inBrevo(email)) {
        harness.simulator.seedContact({ email, attributes: { OPT_EMAIL: true }, listIds: [12] });
      }
    });
    expect(await choose(email, false, -30)).toBe('updated');
    expect(harness.simulator.contacts()).toMatchObject([
      { email, emailBlacklisted: true, attributes: { OPT_EMAIL: false }, listIds: [12] },
    ]);
  });

  it('stays on the blacklist where the person has unsubscribed after the opt-in', async () => {
    const email = someone();
    harness.simulator.onCall(({ operation }, moment) => {
      if (moment !== 'before' || operation !== 'createContact' || inBrevo(email)) return;
      harness.simulator.seedContact({ email });
      harness.simulator.unsubscribe({ email });
    });
    expect(await choose(email, true, -30)).toBe('guarded');
    expect(inBrevo(email)).toMatchObject({ emailBlacklisted: true, attributes: { OPT_EMAIL: true } });
  });
});

describe('a contact that was renamed in Brevo', () => {
  it('is written by its numeric id, and no second one is made', async () => {
    const [email, renamed] = [someone(), someone()];
    await choose(email, true, -30);
    await otherSystem('PUT', email, { attributes: { EMAIL: renamed } });
    expect(await choose(email, false, -20)).toBe('updated');
    expect(harness.simulator.contacts()).toMatchObject([
      { email: renamed, emailBlacklisted: true, attributes: { OPT_EMAIL: false } },
    ]);
  });

  it('which lifted its blacklist, is put back on it by an opt-out chosen anew', async () => {
    const [email, renamed] = [someone(), someone()];
    await choose(email, false, -30);
    await otherSystem('PUT', email, { attributes: { EMAIL: renamed } });
    expect(inBrevo(renamed)).toMatchObject({ emailBlacklisted: false });
    expect(await choose(email, false, -20)).toBe('updated');
    expect(harness.simulator.contacts()).toMatchObject([{ email: renamed, emailBlacklisted: true }]);
  });

  it('keeps its place when another contact takes the address that it had', async () => {
    const [email, renamed] = [someone(), someone()];
    await choose(email, true, -30);
    await otherSystem('PUT', email, { attributes: { EMAIL: renamed } });
    harness.simulator.seedContact({ email });
    expect(await choose(email, false, -20)).toBe('updated');
    expect(inBrevo(renamed)).toMatchObject({ emailBlacklisted: true });
    expect(inBrevo(email)).toMatchObject({ emailBlacklisted: false });
  });
});

describe('a contact that was merged into another in Brevo', () => {
  it('is found by its address and written there', async () => {
    const email = someone();
    await choose(email, true, -30);
    const id = await merge(email, { attributes: { OPT_EMAIL: true } });
    expect(await choose(email, false, -20)).toBe('updated');
    expect(harness.simulator.contacts()).toMatchObject([
      { id, emailBlacklisted: true, attributes: { OPT_EMAIL: false } },
    ]);
  });

  it('between our look and our write is written there too', async () => {
    const email = someone();
    harness.simulator.seedContact({ email });
    let id = 0;
    harness.simulator.onCall(async ({ operation }, moment) => {
      if (id === 0 && moment === 'after' && operation === 'getContactInfo') id = await merge(email);
    });
    expect(await choose(email, false, -20)).toBe('updated');
    expect(harness.simulator.contacts()).toMatchObject([{ id, emailBlacklisted: true }]);
  });

  it('keeps the unsubscription of the one that survives, also where we were clearing the blacklist', async () => {
    const email = someone();
    harness.simulator.seedContact({ email, emailBlacklisted: true });
    let id = 0;
    harness.simulator.onCall(async ({ identifierType }, moment) => {
      if (id !== 0 || moment !== 'after' || identifierType !== 'contact_id') return;
      id = await merge(email);
      harness.simulator.unsubscribe({ id });
    });
    expect(await choose(email, true, -20)).toBe('guarded');
    expect(harness.simulator.contacts()).toMatchObject([
      { id, emailBlacklisted: true, attributes: { OPT_EMAIL: true } },
    ]);
  });

  it('is created under its address where nobody has that any more', async () => {
    const [email, other] = [someone(), someone()];
    await choose(email, false, -30);
    await otherSystem('DELETE', email);
    harness.simulator.seedContact({ email: other });
    expect(await choose(email, false, -20)).toBe('created');
    expect(inBrevo(email)).toMatchObject({ emailBlacklisted: true });
    expect(inBrevo(other)).toMatchObject({ emailBlacklisted: false, attributes: {} });
  });
});

describe('a Didomi user whose organization_user_id changes', () => {
  /** What Didomi tells then; the newsletter was on before. */
  function renamed(from: string | null, to: string | null, newsletter = false) {
    const entity = (ouid: string | null, seconds: number, version: number, enabled: boolean) => ({
      id: 'didomi-user',
      ...(ouid !== null && { organization_user_id: ouid }),
      version,
      updated_at: inSeconds(seconds),
      consents: { purposes: [{ id: 'newsletter', enabled }] },
    });
    return {
      type: 'user.updated',
      regulation: 'gdpr',
      parameters: {
        source: { id: randomUUID(), created_at: inSeconds(-6) },
        old_entity: entity(from, -60, 1, true),
        new_entity: entity(to, -5, 2, newsletter),
      },
    };
  }
  const eventIdOf = (message: ReturnType<typeof renamed>) => message.parameters.source.id;
  const NOTE = expect.stringContaining('another organization_user_id');

  it('writes the new contact, leaves the old one as it is, and tells it in both stories', async () => {
    const [from, to] = [someone(), someone()];
    await choose(from, true, -60);
    const before = inBrevo(from);
    const message = renamed(from, to);
    const results = await harness.client.submitAndWait(message);
    expect(results).toMatchObject([{ status: 'accepted', outcome: 'created' }]);
    expect(results).toHaveLength(1);
    expect(inBrevo(to)).toMatchObject({ emailBlacklisted: true, attributes: { OPT_EMAIL: false } });
    const eventId = eventIdOf(message);
    expect((await storyOf(harness, to)).events).toMatchObject([{ eventId, outcome: 'created' }]);
    expect(await storyOf(harness, from)).toMatchObject({
      inForce: [{ value: true }, { value: true }],
      events: [{ outcome: 'created' }, { eventId, type: 'user.updated', outcome: 'unchanged', note: NOTE }],
    });
    expect(inBrevo(from)).toEqual(before);
    expect((await harness.client.trace(eventId)).map(({ workflowId }) => workflowId).sort()).toEqual(
      [(await storyOf(harness, to)).workflowId, (await storyOf(harness, from)).workflowId].sort(),
    );
  });

  it('tells it in the story of an old contact of which nothing was known, without any call to Brevo', async () => {
    const [from, to] = [someone(), someone()];
    const message = renamed(from, to);
    await harness.client.submit([message, message]);
    await until('the old contact is told', async () => {
      const [story] = await harness.client.status(from);
      return story?.open === false;
    });
    expect(await storyOf(harness, from)).toMatchObject({
      outcome: 'unchanged',
      inForce: [],
      calls: [],
      events: [{ eventId: eventIdOf(message), outcome: 'unchanged', note: NOTE }],
    });
    await until('the new contact is written', () => inBrevo(to) !== undefined);
    expect(inBrevo(from)).toBeUndefined();
    expect(callsOf(harness, 'GET').filter(({ identifier }) => identifier === from)).toEqual([]);
  });

  it('lets the old contact go on: a later choice of it is written', async () => {
    const [from, to] = [someone(), someone()];
    await harness.client.submitAndWait(renamed(from, to));
    expect(await choose(from, false, -1)).toBe('created');
    expect(inBrevo(from)).toMatchObject({ emailBlacklisted: true });
  });

  it('tells the old contact also when the user has none any more', async () => {
    const from = someone();
    await choose(from, true, -60);
    const message = renamed(from, null);
    const results = await harness.client.submit(message);
    expect(results).toMatchObject([{ status: 'ignored', reason: 'no_organization_user_id' }]);
    await until('the old contact is told', async () => (await storyOf(harness, from)).events.length === 2);
    expect(await storyOf(harness, from)).toMatchObject({
      events: [{}, { outcome: 'unchanged', note: NOTE }],
    });
    expect(inBrevo(from)).toMatchObject({ emailBlacklisted: false, attributes: { OPT_EMAIL: true } });
  });

  it('tells nobody but the new contact when the user had none before', async () => {
    const to = someone();
    expect(await outcomeOf(harness, renamed(null, to))).toBe('created');
    expect(inBrevo(to)).toMatchObject({ emailBlacklisted: true });
    expect((await storyOf(harness, to)).events).toMatchObject([{ outcome: 'created' }]);
  });

  it('is no change where only the spelling differs', async () => {
    const email = someone();
    await choose(email, true, -60);
    expect(await outcomeOf(harness, renamed(email.toUpperCase(), ` ${email}`))).toBe('updated');
    const { events } = await storyOf(harness, email);
    expect(events).toHaveLength(2);
    expect(events.filter(({ note }) => note !== undefined)).toEqual([]);
    expect(harness.simulator.contacts()).toMatchObject([{ email, emailBlacklisted: true }]);
  });
});
