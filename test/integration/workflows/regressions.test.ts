import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until';
import { callsOf, outcomeOf, storyOf, workflowOf } from '../support/asking';
import { eventCreated, type Harness, inSeconds, NEWSLETTER, someone, startHarness } from '../support/harness';

let harness: Harness;
afterEach(() => harness.close());

const KEY_DOES_NOT_WORK = { kind: 'status', status: 401 } as const;

describe('a contact that is left alone for `remember`', () => {
  it('closes its workflow also after a second event', async () => {
    harness = await startHarness({ options: { remember: '2 seconds' } });
    const email = someone();
    await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-20) }));
    await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-10) }));
    const result = await (await workflowOf(harness, email)).result();
    expect(result).toMatchObject({ outcome: 'updated', events: [{}, {}] });
  });

  it('closes its workflow also when nothing came but a retraction', async () => {
    harness = await startHarness({ options: { remember: '1 second' } });
    const email = someone();
    const { entity } = eventCreated(email, true, { at: inSeconds(-20) }).parameters;
    const retracted = { ...entity, status: 'pending_approval', updated_at: inSeconds(-5) };
    const retraction = { type: 'event.updated', parameters: { entity: retracted, old_entity: entity } };
    expect(await outcomeOf(harness, retraction)).toBe('skipped');
    const result = await (await workflowOf(harness, email)).result();
    expect(result).toMatchObject({ outcome: 'skipped', inForce: [] });
  });
});

describe('a double', () => {
  it.each([
    ['looked up', 'GET'],
    ['written', 'PUT'],
  ])('of an event whose contact is being %s waits until Brevo holds it', async (_, method) => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.setFaults({ kind: 'latency', ms: 1000, match: { method } });
    const event = eventCreated(email, false);
    const first = outcomeOf(harness, event);
    await until('Brevo is called', () => callsOf(harness, method).length > 0);
    expect(await outcomeOf(harness, event)).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
    expect(await first).toBe('updated');
    expect(await storyOf(harness, email)).toMatchObject({
      outcome: 'updated',
      events: [{ outcome: 'updated' }],
    });
  });

  it('of an earlier event tells what became of that, and overwrites nothing', async () => {
    harness = await startHarness();
    const email = someone();
    const optIn = eventCreated(email, true, { at: inSeconds(-20) });
    await outcomeOf(harness, optIn);
    await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-10) }));
    const before = await storyOf(harness, email);
    expect(await outcomeOf(harness, optIn)).toBe('created');
    expect(await storyOf(harness, email)).toEqual(before);
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });
});

/** While Brevo refuses an account a contact gets its turn, and in it a look and a write, ten seconds apart, in ms. */
const TRIED_WITHIN_MS = 50_000;

describe('an event that is held', () => {
  it('is written when the account works again, although Brevo refused a call meanwhile', async () => {
    harness = await startHarness();
    const email = someone();
    const attributes = { method: 'GET', path: '^/contacts/attributes' };
    harness.simulator.setFaults(
      { kind: 'status', status: 401, match: { method: 'POST' }, times: 1 },
      { kind: 'status', status: 400, match: attributes, skip: 1, times: 1 },
    );
    expect(await outcomeOf(harness, eventCreated(email, false))).toBe('held');
    const isThere = () => harness.simulator.contact({ email }) !== undefined;
    await until('Brevo holds the opt-out', isThere, TRIED_WITHIN_MS);
    expect(harness.simulator.calls().map(({ status }) => status)).toContain(400);
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });

  it('does not keep its workflow from being cancelled', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.setFaults(KEY_DOES_NOT_WORK);
    expect(await outcomeOf(harness, eventCreated(email, false))).toBe('held');
    const workflow = await workflowOf(harness, email);
    await workflow.cancel();
    await expect(workflow.result()).rejects.toThrow();
    expect((await workflow.describe()).status.name).toBe('CANCELLED');
  });

  it('because writes alone are forbidden is not asked for in a tight loop', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.setFaults({ kind: 'status', status: 403, match: { method: 'PUT' } });
    expect(await outcomeOf(harness, eventCreated(email, false))).toBe('held');
    await until('the write is tried again', () => callsOf(harness, 'PUT').length >= 2, TRIED_WITHIN_MS);
    // That something does not happen cannot be awaited.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect(callsOf(harness, 'PUT').length).toBeLessThanOrEqual(3);
  });

  it('for want of credits, with many like it, holds back no withdrawal of others', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.setFaults({ kind: 'status', status: 402, match: { method: 'POST' } });
    const optIns = Array.from({ length: 60 }, () => eventCreated(someone(), true));
    const outcomes = await Promise.all(optIns.map((event) => outcomeOf(harness, event)));
    expect(new Set(outcomes)).toEqual(new Set(['held']));
    await outcomeOf(harness, eventCreated(email, false));
    const isOut = () => harness.simulator.contact({ email })?.emailBlacklisted === true;
    await until('the withdrawal is in force', isOut, TRIED_WITHIN_MS);
  });
});

describe('a withdrawal', () => {
  it('has the highest priority in its look and in its write', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email });
    await outcomeOf(harness, eventCreated(email, false));
    const { events } = await (await workflowOf(harness, email)).fetchHistory();
    const scheduled = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: activity }) =>
      activity ? [[activity.activityType?.name, activity.priority?.priorityKey]] : [],
    );
    expect(scheduled).toEqual([
      ['lookUpContact', 1],
      ['updateContact', 1],
    ]);
  });
});

describe('personal data that Brevo quotes', () => {
  it('is in no failure and no summary, nor in what the story and the current details tell of it', async () => {
    const properties = [
      { id: 'FIRSTNAME', value: 'metadata_firstname' },
      { id: 'OPT_EMAIL', value: NEWSLETTER },
    ];
    harness = await startHarness({ integration: { config: { api_key: 'k', properties } } });
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.setFaults({
      kind: 'status',
      status: 400,
      body: { code: 'invalid_parameter', message: `Value Jean Dupont-Martin of ${email} is not valid` },
      match: { method: 'PUT', body: 'FIRSTNAME' },
    });
    const entity = {
      id: 'a-user',
      organization_user_id: email,
      version: 1,
      updated_at: inSeconds(-1),
      metadata: { firstname: 'Jean Dupont-Martin' },
      consents: { purposes: [{ id: 'newsletter', enabled: true }] },
    };
    expect(await outcomeOf(harness, { type: 'user.created', parameters: { entity } })).toBe('rejected');

    // What is in force is the story's to tell, to those who may ask for it.
    const { inForce: _, ...story } = await storyOf(harness, email);
    const workflow = await workflowOf(harness, email);
    const { events } = await workflow.fetchHistory();
    const failures = (events ?? []).flatMap(({ activityTaskFailedEventAttributes: failed, userMetadata }) => [
      textOf(failed?.failure),
      textOf(userMetadata),
    ]);
    const details = await workflow.query('__temporal_workflow_metadata');
    expect(story.rejected).toMatchObject([{ id: 'FIRSTNAME', status: 400, code: 'invalid_parameter' }]);
    expect(failures.join()).toContain('FIRSTNAME');
    const shown = JSON.stringify([story, failures, details]);
    expect(shown).not.toMatch(/Jean|Dupont/);
    expect(shown).not.toContain(email);
  });
});

/** As JSON, with the bytes of payloads as the text that they are. */
function textOf(part: object | null | undefined): string {
  return JSON.stringify(part ?? null, (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value,
  );
}
