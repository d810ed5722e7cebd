import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until';
import { outcomeOf, workflowOf } from '../support/asking';
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

function writes(email: string) {
  return harness.simulator
    .calls()
    .filter(({ method, status }) => method !== 'GET' && (status ?? 500) < 300 && email !== '');
}

const WITHOUT_UPSERT: HarnessOptions = { integration: { upsert_mode: false } };

describe('an unknown contact', () => {
  it('is skipped without upsert, and nothing is written', async () => {
    harness = await startHarness(WITHOUT_UPSERT);
    expect(await outcomeOf(harness, eventCreated(someone(), false))).toBe('skipped');
    expect(harness.simulator.contacts()).toHaveLength(0);
  });

  it('is skipped even with upsert where Brevo gives the identifiers', async () => {
    harness = await startHarness({ options: { identifier: 'contact_id' } });
    expect(await outcomeOf(harness, eventCreated('4711', true))).toBe('skipped');
  });

  it('is looked up afresh with the next event, because somebody may have created it', async () => {
    harness = await startHarness(WITHOUT_UPSERT);
    const email = someone();
    expect(await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-9) }))).toBe('skipped');
    harness.simulator.seedContact({ email });
    expect(await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-5) }))).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });

  it('without a list id is created on no list', async () => {
    harness = await startHarness({
      integration: { config: { api_key: 'k', properties: [{ id: 'OPT_EMAIL', value: NEWSLETTER }] } },
    });
    const email = someone();
    expect(await outcomeOf(harness, eventCreated(email, true))).toBe('created');
    expect(harness.simulator.calls().find(({ method }) => method === 'POST')?.body).not.toHaveProperty(
      'listIds',
    );
  });
});

describe('a known contact', () => {
  it('keeps its lists', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email, listIds: [12] });
    expect(await outcomeOf(harness, eventCreated(email, true))).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({
      listIds: [12],
      attributes: { OPT_EMAIL: true },
    });
  });

  it('that already holds everything is not written', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email, attributes: { OPT_EMAIL: false }, emailBlacklisted: true });
    expect(await outcomeOf(harness, eventCreated(email, false))).toBe('unchanged');
    expect(writes(email)).toHaveLength(0);
  });

  it('is blacklisted and taken off again as the person says', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email });
    expect(await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-20) }))).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
    expect(await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-10) }))).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({
      emailBlacklisted: false,
      attributes: { OPT_EMAIL: true },
    });
  });

  it('that Brevo lost is created again with its blacklist', async () => {
    harness = await startHarness({
      integration: {
        config: {
          api_key: 'k',
          properties: [
            { id: 'OPT_EMAIL', value: 'consents_purposes_profiling_enabled' },
            { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER },
          ],
        },
      },
    });
    const email = someone();
    const id = harness.simulator.seedContact({ email, emailBlacklisted: true }).id;
    const profiling = (at: string, enabled: boolean) =>
      eventCreated(email, enabled, { at, purpose: 'profiling' });
    expect(await outcomeOf(harness, profiling(inSeconds(-20), true))).toBe('updated');
    const response = await fetch(`${harness.simulator.url}/contacts/${id}?identifierType=contact_id`, {
      method: 'DELETE',
      headers: { 'api-key': 'k' },
    });
    expect(response.status).toBe(204);
    expect(await outcomeOf(harness, profiling(inSeconds(-10), false))).toBe('created');
    expect(harness.simulator.contact({ email })).toMatchObject({
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: false },
    });
  });
});

describe('an older event that comes late', () => {
  it('is stale and writes nothing', async () => {
    harness = await startHarness();
    const email = someone();
    await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-10) }));
    const before = harness.simulator.calls().length;
    expect(await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-60) }))).toBe('stale');
    expect(harness.simulator.calls()).toHaveLength(before);
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });
});

describe('an unsubscription in Brevo', () => {
  it('is kept against an older opt-in', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.unsubscribe({ email, at: inSeconds(-5) });
    expect(await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-60) }))).toBe('guarded');
    expect(harness.simulator.contact({ email })).toMatchObject({
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: true },
    });
    const [story] = await harness.client.status(email);
    expect(story).toMatchObject({ outcome: 'guarded', guarded: expect.stringContaining('unsubscription') });
  });

  it('is lifted by a later opt-in', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.unsubscribe({ email, at: inSeconds(-60) });
    expect(await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-5) }))).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: false });
  });

  it('is never lifted with resubscribe: never', async () => {
    harness = await startHarness({ options: { resubscribe: 'never' } });
    const email = someone();
    harness.simulator.seedContact({ email, emailBlacklisted: true });
    expect(await outcomeOf(harness, eventCreated(email, true))).toBe('guarded');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });

  it('is not lifted by a record whose opt-in has no known time', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email, emailBlacklisted: true });
    const record = {
      type: 'user.created',
      parameters: {
        entity: {
          id: randomUUID(),
          organization_user_id: email,
          version: 1,
          updated_at: inSeconds(-1),
          consents: { purposes: [{ id: 'newsletter', enabled: true }] },
        },
      },
    };
    expect(await outcomeOf(harness, record)).toBe('guarded');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });
});

describe('a value that Brevo does not take', () => {
  const MAPPED = {
    config: {
      api_key: 'k',
      properties: [
        { id: 'NO_SUCH_ATTRIBUTE', value: NEWSLETTER },
        { id: 'OPT_EMAIL', value: NEWSLETTER },
        { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER },
      ],
    },
  };

  it('is rejected with its reason while everything else is written', async () => {
    harness = await startHarness({ integration: MAPPED });
    const email = someone();
    harness.simulator.seedContact({ email });
    expect(await outcomeOf(harness, eventCreated(email, false))).toBe('rejected');
    expect(harness.simulator.contact({ email })).toMatchObject({
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: false },
    });
    const [story] = await harness.client.status(email);
    expect(story?.rejected).toMatchObject([
      { id: 'NO_SUCH_ATTRIBUTE', reason: expect.stringContaining('does not exist') },
    ]);
  });

  it('holds back no other value when Brevo answers 400', async () => {
    harness = await startHarness({
      integration: {
        config: {
          api_key: 'k',
          properties: [
            { id: 'FIRSTNAME', value: 'consents_purposes_newsletter_values_topics_value' },
            { id: 'OPT_EMAIL', value: NEWSLETTER },
            { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER },
          ],
        },
      },
    });
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.setFaults({
      kind: 'status',
      status: 400,
      body: { code: 'invalid_parameter', message: 'FIRSTNAME is not valid' },
      match: { method: 'PUT' },
      times: 1,
    });
    const event = eventCreated(email, false);
    Object.assign(event.parameters.entity.consents.purposes[0] ?? {}, { values: { topics: { value: 'x' } } });
    expect(await outcomeOf(harness, event)).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: false, FIRSTNAME: 'x' },
    });
  });
});

describe('an account that Brevo does not serve', () => {
  it('holds events, and goes on by itself when the key works again', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.setFaults({ kind: 'status', status: 401 });
    expect(await outcomeOf(harness, eventCreated(email, false))).toBe('held');
    expect((await harness.client.status(email))[0]).toMatchObject({
      outcome: 'held',
      held: { status: 401, code: 'unauthorized' },
    });
    harness.simulator.setFaults();
    const settled = await harness.client.submitAndWait(eventCreated(email, false, { at: inSeconds(-2) }));
    expect(settled).toHaveLength(1);
    await until('the events are written', () => harness.simulator.contact({ email }) !== undefined, 60_000);
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  }, 90_000);
});

describe('dry_run', () => {
  it('looks and decides, and writes nothing', async () => {
    harness = await startHarness({ options: { dry_run: true } });
    const email = someone();
    expect(await outcomeOf(harness, eventCreated(email, true))).toBe('created');
    expect(harness.simulator.contacts()).toHaveLength(0);
  });
});

describe('a contact that is left alone for `remember`', () => {
  it('closes its workflow with its story as the result', async () => {
    harness = await startHarness({ options: { remember: '1 second' } });
    const email = someone();
    await outcomeOf(harness, eventCreated(email, true));
    const [story] = await harness.client.status(email);
    const result = await harness.temporal.workflow.getHandle(story?.workflowId ?? '').result();
    expect(result).toMatchObject({ outcome: 'created', inForce: [{ id: 'OPT_EMAIL', value: true }, {}] });
  });
});

describe('a story', () => {
  it.each([
    ['an e-mail address', () => someone()],
    ['the id of a workflow', () => `consent-sync/default/${randomUUID()}`],
  ])('is found by its event also where that id looks like %s', async (_, anId) => {
    harness = await startHarness();
    const id = anId();
    const email = someone();
    await harness.client.submitAndWait(eventCreated(email, true, { id }));
    const { workflowId } = await workflowOf(harness, email);
    const found = async () => (await harness.client.trace(id)).map((story) => story.workflowId);
    await until('the search knows the event', async () => (await found()).length > 0);
    expect(await found()).toEqual([workflowId]);
  });
});
