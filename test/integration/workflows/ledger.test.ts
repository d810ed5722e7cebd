import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until';
import { callsOf, outcomeOf, storyOf, workflowOf } from '../support/asking';
import {
  eventCreated,
  type Harness,
  type HarnessOptions,
  inSeconds,
  someone,
  startHarness,
} from '../support/harness';

const LEDGER = 'CONSENT_LEDGER';
const WITH_LEDGER: HarnessOptions = { options: { ledger_attribute: LEDGER } };
const DAY = 86_400;

let harness: Harness;
afterEach(() => harness.close());

/** As after `remember`: nothing of the contact is left in Temporal. */
async function forgetWorkflow(email: string): Promise<void> {
  const workflow = await workflowOf(harness, email);
  await workflow.terminate('its time is over');
}

function contactOf(email: string) {
  return harness.simulator.contact({ email });
}

function writesSince(before: number) {
  return [...callsOf(harness, 'PUT'), ...callsOf(harness, 'POST')].slice(before);
}

/** A record of Didomi's, as after a change that we were told of before. */
function userRecord(organizationUserId: string, enabled: boolean, at: string) {
  return {
    type: 'user.created',
    regulation: 'gdpr',
    parameters: {
      entity: {
        id: 'didomi-user',
        organization_user_id: organizationUserId,
        version: 1,
        created_at: at,
        updated_at: at,
        consents: { purposes: [{ id: 'newsletter', enabled }] },
      },
    },
  };
}

describe('with a ledger', () => {
  it('an opt-in that is older than the applied opt-out is stale, long after its workflow is gone', async () => {
    harness = await startHarness(WITH_LEDGER);
    const email = someone();
    expect(await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-365 * DAY) }))).toBe(
      'created',
    );
    await forgetWorkflow(email);

    const late = eventCreated(email, true, { at: inSeconds(-366 * DAY) });
    expect(await outcomeOf(harness, late)).toBe('stale');
    expect(contactOf(email)).toMatchObject({ emailBlacklisted: true, attributes: { OPT_EMAIL: false } });
    expect(await storyOf(harness, email)).toMatchObject({
      outcome: 'stale',
      inForce: [{ value: false }, { value: false }],
    });
    expect(callsOf(harness, 'PUT')).toHaveLength(0);
  });

  it('a newer opt-in counts, long after the workflow of the opt-out is gone', async () => {
    harness = await startHarness(WITH_LEDGER);
    const email = someone();
    await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-365 * DAY) }));
    await forgetWorkflow(email);
    expect(await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-60) }))).toBe('updated');
    expect(contactOf(email)).toMatchObject({ emailBlacklisted: false, attributes: { OPT_EMAIL: true } });
  });

  it('it is read in the look-up and written in the call that writes the values', async () => {
    harness = await startHarness(WITH_LEDGER);
    const email = someone();
    harness.simulator.seedContact({ email });
    await outcomeOf(harness, eventCreated(email, false));
    const contactCalls = harness.simulator.calls().filter(({ path }) => !path.includes('attributes'));
    expect(contactCalls.map(({ method }) => method)).toEqual(['GET', 'PUT']);
    expect(contactCalls[1]?.body).toMatchObject({
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: false, [LEDGER]: expect.stringMatching(/^1;/) },
    });
  });

  it('a newer choice of the same value is noted, so that what lies between stays stale', async () => {
    harness = await startHarness(WITH_LEDGER);
    const email = someone();
    await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-300) }));
    expect(await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-100) }))).toBe('unchanged');
    expect(callsOf(harness, 'PUT').map(({ body }) => body)).toEqual([
      { attributes: { [LEDGER]: expect.any(String) } },
    ]);
    await forgetWorkflow(email);
    expect(await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-200) }))).toBe('stale');
    expect(contactOf(email)).toMatchObject({ emailBlacklisted: true });
  });

  it('a record alone causes no write', async () => {
    harness = await startHarness(WITH_LEDGER);
    const email = someone();
    await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-300) }));
    const before = writesSince(0).length;
    expect(await outcomeOf(harness, userRecord(email, false, inSeconds(-10)))).toBe('unchanged');
    expect(writesSince(before)).toHaveLength(0);
  });

  it('our own blacklisting is remembered: an opt-in of unknown time takes it back', async () => {
    harness = await startHarness(WITH_LEDGER);
    const email = someone();
    await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-300) }));
    await forgetWorkflow(email);
    const { outcome } = await storyOf(harness, email);
    expect(outcome).not.toBe('guarded');
    expect(await outcomeOf(harness, userRecord(email, true, inSeconds(-10)))).toBe('updated');
    expect(contactOf(email)).toMatchObject({ emailBlacklisted: false });
  });

  it('an unsubscription after our own blacklisting is not taken for ours', async () => {
    harness = await startHarness(WITH_LEDGER);
    const email = someone();
    await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-300) }));
    await forgetWorkflow(email);
    harness.simulator.unsubscribe({ email });
    expect(await outcomeOf(harness, userRecord(email, true, inSeconds(-10)))).toBe('guarded');
    expect(contactOf(email)).toMatchObject({ emailBlacklisted: true });
  });

  it.each(['nonsense', '1;=0:gdpr;1zzzzz,0', '2;from another version;'])(
    'one that somebody edited to %j does no harm, and is written anew with the next choice',
    async (edited) => {
      harness = await startHarness(WITH_LEDGER);
      const email = someone();
      harness.simulator.seedContact({ email, attributes: { [LEDGER]: edited, OPT_EMAIL: true } });
      expect(await outcomeOf(harness, eventCreated(email, false))).toBe('updated');
      expect(contactOf(email)?.attributes[LEDGER]).toMatch(/^1;=.*;$/);
    },
  );

  it('one that was written without an answer before the account was held is written once more, and that is all', async () => {
    harness = await startHarness(WITH_LEDGER);
    const email = someone();
    await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-300) }));
    harness.simulator.setFaults(
      { kind: 'dropAfterCommit', match: { method: 'PUT' }, times: 1 },
      { kind: 'status', status: 403, match: { method: 'PUT' }, times: 1 },
    );
    expect(await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-100) }))).toBe('held');
    const works = async () => (await storyOf(harness, email)).outcome !== 'held';
    // A look and a write, each with its wait while the account is refused.
    await until('the account works again', works, 50_000);
    expect((await storyOf(harness, email)).outcome).toBe('unchanged');
    expect(callsOf(harness, 'PUT').map(({ status }) => status)).toEqual([null, 403, 204]);
  });

  it('a dry run writes none, and does not wait to see it kept', async () => {
    harness = await startHarness({
      options: { ledger_attribute: LEDGER, dry_run: true, remember: '1 second' },
    });
    const email = someone();
    harness.simulator.seedContact({ email, emailBlacklisted: true });
    expect(await outcomeOf(harness, eventCreated(email, true))).toBe('updated');
    await until('the workflow is closed', async () => !(await storyOf(harness, email)).open);
    expect(writesSince(0)).toHaveLength(0);
  });

  it('a contact whose ledger was cleared starts anew', async () => {
    harness = await startHarness(WITH_LEDGER);
    const email = someone();
    harness.simulator.seedContact({ email, attributes: { OPT_EMAIL: false } });
    expect(await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-DAY) }))).toBe('updated');
    expect(contactOf(email)?.attributes).toMatchObject({ OPT_EMAIL: true });
  });

  it.each([
    ['does not exist in Brevo', 'NO_SUCH_LEDGER'],
    ['must be a text attribute', 'SCORE'],
  ])('an attribute that %s is refused, and all else is written', async (reason, attribute) => {
    harness = await startHarness({ options: { ledger_attribute: attribute } });
    const email = someone();
    expect(await outcomeOf(harness, eventCreated(email, false))).toBe('created');
    expect(contactOf(email)).toMatchObject({ emailBlacklisted: true, attributes: { OPT_EMAIL: false } });
    expect((await storyOf(harness, email)).rejected).toEqual([
      expect.objectContaining({ id: attribute, reason: expect.stringContaining(reason) }),
    ]);
  });
});

describe('two identifiers of one Brevo contact', () => {
  const aContact = () => {
    const email = someone();
    const customer = `customer-${randomUUID()}`;
    harness.simulator.seedContact({ email, ext_id: customer });
    return { email, customer };
  };

  it.each([true, false])(
    'with a ledger the later choice wins, also when it arrives first: %p',
    async (value) => {
      harness = await startHarness(WITH_LEDGER);
      const { email, customer } = aContact();
      // Both workflows know the contact.
      await outcomeOf(harness, eventCreated(email, !value, { at: inSeconds(-900) }));
      await outcomeOf(harness, eventCreated(customer, !value, { at: inSeconds(-800) }));
      await outcomeOf(harness, eventCreated(email, value, { at: inSeconds(-100) }));
      expect(await outcomeOf(harness, eventCreated(customer, !value, { at: inSeconds(-200) }))).toBe('stale');
      expect(contactOf(email)).toMatchObject({ emailBlacklisted: !value, attributes: { OPT_EMAIL: value } });
    },
  );

  it('without one there is no shared memory, and the two do not overwrite each other for ever', async () => {
    harness = await startHarness();
    const { email, customer } = aContact();
    await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-100) }));
    await outcomeOf(harness, eventCreated(customer, true, { at: inSeconds(-200) }));
    const before = writesSince(0).length;
    const record = userRecord(email, false, inSeconds(-300));
    expect(await outcomeOf(harness, record)).toBe('stale');
    expect(writesSince(before)).toHaveLength(0);
  });

  it('an older choice that waited long for its write does not overwrite a later one that came meanwhile', async () => {
    harness = await startHarness({ options: { ledger_attribute: LEDGER, remember: '2 seconds' } });
    const { email, customer } = aContact();
    const optIn = { method: 'PUT', body: '"OPT_EMAIL":true' } as const;
    harness.simulator.setFaults({ kind: 'status', status: 503, match: optIn });
    const waiting = outcomeOf(harness, eventCreated(customer, true, { at: inSeconds(-200) }));
    await until('it was tried twice', () => callsOf(harness, 'PUT').length > 1);

    expect(await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-100) }))).toBe('updated');
    harness.simulator.setFaults();
    expect(await waiting).toBe('stale');
    expect(contactOf(email)).toMatchObject({ emailBlacklisted: true, attributes: { OPT_EMAIL: false } });
    const written = callsOf(harness, 'PUT').filter(({ status }) => status === 204);
    expect(written.map(({ body }) => JSON.stringify(body)).join()).not.toContain(optIn.body);
  });

  it('one that another workflow overwrites at the same moment is found a minute later and put right', async () => {
    harness = await startHarness(WITH_LEDGER);
    const { email, customer } = aContact();
    const before = contactOf(email);
    await outcomeOf(harness, eventCreated(customer, false, { at: inSeconds(-100) }));
    await overwrite(before?.id, { OPT_EMAIL: true, [LEDGER]: '' });
    await until(
      'the later choice is in Brevo again',
      () => contactOf(email)?.attributes.OPT_EMAIL === false && contactOf(email)?.attributes[LEDGER] !== '',
      90_000,
    );
  }, 120_000);
});

/** As a workflow of ours that looked before the other one wrote. */
async function overwrite(id: number | undefined, attributes: Record<string, unknown>): Promise<void> {
  await fetch(`${harness.simulator.url}/contacts/${id}?identifierType=contact_id`, {
    method: 'PUT',
    headers: { 'api-key': 'xkeysib-test', 'content-type': 'application/json' },
    body: JSON.stringify({ attributes }),
  });
}
