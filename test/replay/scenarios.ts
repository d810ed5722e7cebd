import { strictEqual } from 'node:assert';
import { callsOf, outcomeOf, storyOf, workflowOf } from '../integration/support/asking';
import { type DidomiHarness, Person } from '../integration/support/didomi';
import {
  eventCreated,
  type Harness,
  type HarnessOptions,
  inSeconds,
  NEWSLETTER,
} from '../integration/support/harness';
import { until } from '../support/until';

/** A way that a contact's workflow can go, worth keeping as a history. */
export interface Scenario {
  readonly name: string;
  readonly setting?: HarnessOptions;
  /** @param person organization_user_id: the contacts' workflows of which the histories are saved */
  play(harness: DidomiHarness, person: string): Promise<void>;
}

const REFUSED = { kind: 'status', status: 401 } as const;
const WITHOUT_UPSERT: HarnessOptions = { integration: { upsert_mode: false } };

const FLAG_AND_ATTRIBUTE = [
  { id: 'OPT_EMAIL', value: NEWSLETTER },
  { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER },
];

const mapped = (...more: readonly object[]): HarnessOptions => ({
  integration: {
    config: { api_key: 'a-key', list_id: 7, properties: [...more, ...FLAG_AND_ATTRIBUTE] },
  },
});

/** Events of one person, with ids that say which they are. */
function choices(person: string) {
  let count = 0;
  return (enabled: boolean, at: string) => {
    count += 1;
    return eventCreated(person, enabled, { at, id: `${person.split('@')[0]}-${count}` });
  };
}

async function expectOutcomes(harness: Harness, ...steps: readonly [object, string][]): Promise<void> {
  for (const [event, outcome] of steps) strictEqual(await outcomeOf(harness, event), outcome);
}

/** The one that takes longest is first. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'lost-answer-looked-at-again',
    async play(harness, person) {
      const choice = choices(person);
      harness.simulator.seedContact({ email: person });
      harness.simulator.setFaults(
        { kind: 'dropAfterCommit', match: { method: 'PUT' }, times: 1 },
        { ...REFUSED, match: { method: 'PUT' } },
      );
      await expectOutcomes(harness, [choice(false, inSeconds(-30)), 'held']);
      harness.simulator.setFaults();
      await until(
        'the write is done',
        () => harness.simulator.contact({ email: person })?.emailBlacklisted === true,
      );
      const looks = () =>
        callsOf(harness, 'GET').filter(({ operation }) => operation === 'getContactInfo').length;
      await until(
        'the write has been repeated',
        async () => (await storyOf(harness, person)).outcome === 'updated',
      );
      const before = looks();
      await until('Brevo is looked at again', () => looks() > before, 90_000);
      await until('it is settled', async () => (await storyOf(harness, person)).outcome !== 'held');
    },
  },
  {
    name: 'continued-as-new-in-a-storm',
    async play(harness, person) {
      const choice = choices(person);
      const start = Date.now() - 10_000_000;
      const storm = Array.from({ length: 300 }, (_, index) =>
        choice(index % 3 === 0, new Date(start + ((index * 7919) % 300) * 1000).toISOString()),
      );
      for (let at = 0; at < storm.length; at += 30) await harness.client.submit(storm.slice(at, at + 30));
      await outcomeOf(harness, choice(false, new Date(start + 1_000_000).toISOString()));
      strictEqual(harness.simulator.contact({ email: person })?.emailBlacklisted, true);
    },
  },
  {
    name: 'held',
    async play(harness, person) {
      const choice = choices(person);
      harness.simulator.setFaults(REFUSED);
      await expectOutcomes(
        harness,
        [choice(true, inSeconds(-30)), 'held'],
        [choice(false, inSeconds(-20)), 'held'],
      );
    },
  },
  {
    name: 'held-then-released',
    async play(harness, person) {
      const choice = choices(person);
      harness.simulator.seedContact({ email: person });
      harness.simulator.setFaults(REFUSED);
      await expectOutcomes(harness, [choice(true, inSeconds(-30)), 'held']);
      await expectOutcomes(harness, [choice(false, inSeconds(-20)), 'held']);
      harness.simulator.setFaults();
      await until(
        'it is written',
        async () => (await storyOf(harness, person)).outcome === 'updated',
        60_000,
      );
    },
  },
  {
    name: 'held-then-cancelled',
    async play(harness, person) {
      harness.simulator.setFaults(REFUSED);
      await expectOutcomes(harness, [choices(person)(false, inSeconds(-30)), 'held']);
      const workflow = await workflowOf(harness, person);
      await workflow.cancel();
      await workflow.result().catch(() => undefined);
    },
  },
  {
    name: 'created',
    play: (harness, person) => expectOutcomes(harness, [choices(person)(false, inSeconds(-30)), 'created']),
  },
  {
    name: 'created-although-the-answer-was-lost',
    async play(harness, person) {
      harness.simulator.setFaults({ kind: 'dropAfterCommit', match: { method: 'POST' }, times: 1 });
      await expectOutcomes(harness, [choices(person)(false, inSeconds(-30)), 'created']);
    },
  },
  {
    name: 'updated',
    async play(harness, person) {
      harness.simulator.seedContact({ email: person });
      await expectOutcomes(harness, [choices(person)(false, inSeconds(-30)), 'updated']);
    },
  },
  {
    name: 'unchanged-and-doubled',
    async play(harness, person) {
      harness.simulator.seedContact({
        email: person,
        attributes: { OPT_EMAIL: false },
        emailBlacklisted: true,
      });
      const event = choices(person)(false, inSeconds(-30));
      await expectOutcomes(harness, [event, 'unchanged'], [event, 'unchanged']);
    },
  },
  {
    name: 'doubled-while-it-is-written',
    async play(harness, person) {
      harness.simulator.seedContact({ email: person });
      harness.simulator.setFaults({ kind: 'latency', ms: 1000, match: { method: 'PUT' } });
      const event = choices(person)(false, inSeconds(-30));
      const first = outcomeOf(harness, event);
      await until('Brevo is called', () => callsOf(harness, 'PUT').length > 0);
      await expectOutcomes(harness, [event, 'updated']);
      strictEqual(await first, 'updated');
    },
  },
  {
    name: 'skipped-then-found',
    setting: WITHOUT_UPSERT,
    async play(harness, person) {
      const choice = choices(person);
      await expectOutcomes(harness, [choice(false, inSeconds(-30)), 'skipped']);
      harness.simulator.seedContact({ email: person });
      await expectOutcomes(harness, [choice(false, inSeconds(-20)), 'updated']);
    },
  },
  {
    name: 'opted-out-then-in',
    async play(harness, person) {
      const choice = choices(person);
      harness.simulator.seedContact({ email: person });
      await expectOutcomes(
        harness,
        [choice(false, inSeconds(-30)), 'updated'],
        [choice(true, inSeconds(-20)), 'updated'],
        [choice(false, inSeconds(-25)), 'stale'],
      );
      strictEqual(harness.simulator.contact({ email: person })?.emailBlacklisted, false);
    },
  },
  {
    name: 'guarded',
    async play(harness, person) {
      harness.simulator.seedContact({ email: person });
      harness.simulator.unsubscribe({ email: person, at: inSeconds(-5) });
      await expectOutcomes(harness, [choices(person)(true, inSeconds(-60)), 'guarded']);
    },
  },
  {
    name: 'guarded-by-the-look-afterwards',
    async play(harness, person) {
      harness.simulator.seedContact({ email: person, emailBlacklisted: true });
      harness.simulator.setFaults({ kind: 'latency', ms: 700, match: { method: 'PUT' }, times: 1 });
      const settled = outcomeOf(harness, choices(person)(true, inSeconds(-30)));
      await until('the contact has been looked at', () => callsOf(harness, 'GET').length >= 3);
      harness.simulator.unsubscribe({ email: person });
      strictEqual(await settled, 'guarded');
    },
  },
  {
    name: 'guarded-because-the-time-is-unknown',
    async play(harness, person) {
      harness.simulator.seedContact({ email: person, emailBlacklisted: true });
      const entity = {
        id: 'a-didomi-user',
        organization_user_id: person,
        version: 1,
        updated_at: inSeconds(-1),
        consents: { purposes: [{ id: 'newsletter', enabled: true }] },
      };
      await expectOutcomes(harness, [{ type: 'user.created', parameters: { entity } }, 'guarded']);
    },
  },
  {
    name: 'rejected',
    setting: mapped({ id: 'NO_SUCH_ATTRIBUTE', value: NEWSLETTER }),
    async play(harness, person) {
      harness.simulator.seedContact({ email: person });
      await expectOutcomes(harness, [choices(person)(false, inSeconds(-30)), 'rejected']);
    },
  },
  {
    name: 'refused-together-written-apart',
    setting: mapped({ id: 'OPT_SMS', value: NEWSLETTER }),
    async play(harness, person) {
      harness.simulator.seedContact({ email: person });
      const match = { method: 'PUT' };
      harness.simulator.setFaults({ kind: 'status', status: 400, match, times: 1 });
      await outcomeOf(harness, choices(person)(false, inSeconds(-30)));
      strictEqual(harness.simulator.contact({ email: person })?.emailBlacklisted, true);
    },
  },
  {
    name: 'overtaken',
    async play(harness, person) {
      const choice = choices(person);
      const { client, simulator } = harness;
      await outcomeOf(harness, choice(true, '2026-03-01T09:00:00Z'));
      const match = { route: 'updateContact' };
      simulator.setFaults({ kind: 'latency', ms: 1000, match }, { kind: 'status', status: 503, match });
      await client.submit(choice(false, '2026-03-02T09:00:00Z'));
      await until('the older choice is being written', () => callsOf(harness, 'PUT').length > 0);
      const newer = client.submitAndWait(choice(true, '2026-03-03T09:00:00Z'));
      await until('that write has failed', () =>
        callsOf(harness, 'PUT').some(({ status }) => status === 503),
      );
      simulator.setFaults();
      await newer;
      strictEqual(simulator.contact({ email: person })?.emailBlacklisted, false);
    },
  },
  {
    name: 'several-wait',
    async play(harness, person) {
      const choice = choices(person);
      harness.simulator.seedContact({ email: person });
      harness.simulator.setFaults({ kind: 'latency', ms: 300 });
      const events = [-30, -40, -20].map((seconds) => choice(seconds === -40, inSeconds(seconds)));
      await Promise.all(events.map((event) => harness.client.submitAndWait(event)));
      strictEqual(harness.simulator.contact({ email: person })?.emailBlacklisted, true);
    },
  },
  {
    name: 'created-by-somebody-else-meanwhile',
    async play(harness, person) {
      harness.simulator.setFaults({ kind: 'latency', ms: 1000, match: { method: 'POST' } });
      const settled = outcomeOf(harness, choices(person)(false, inSeconds(-30)));
      await until('the contact is being created', () => callsOf(harness, 'POST').length > 0);
      harness.simulator.seedContact({ email: person });
      strictEqual(await settled, 'updated');
    },
  },
  {
    name: 'deleted-in-brevo',
    async play(harness, person) {
      const choice = choices(person);
      const { id } = harness.simulator.seedContact({ email: person });
      await expectOutcomes(harness, [choice(false, inSeconds(-30)), 'updated']);
      const url = `${harness.simulator.url}/contacts/${id}?identifierType=contact_id`;
      strictEqual((await fetch(url, { method: 'DELETE', headers: { 'api-key': 'a-key' } })).status, 204);
      await expectOutcomes(harness, [choice(true, inSeconds(-20)), 'created']);
    },
  },
  {
    name: 'retried',
    async play(harness, person) {
      harness.simulator.setFaults({ kind: 'status', status: 503, times: 2 });
      await expectOutcomes(harness, [choices(person)(false, inSeconds(-30)), 'created']);
    },
  },
  {
    name: 'ledger',
    setting: { options: { ledger_attribute: 'CONSENT_LEDGER' } },
    async play(harness, person) {
      const choice = choices(person);
      await expectOutcomes(
        harness,
        [choice(false, inSeconds(-300)), 'created'],
        [choice(false, inSeconds(-200)), 'unchanged'],
        [choice(true, inSeconds(-100)), 'updated'],
        [choice(false, inSeconds(-250)), 'stale'],
      );
    },
  },
  {
    name: 'ledger-looked-at-again',
    setting: { options: { ledger_attribute: 'CONSENT_LEDGER' } },
    async play(harness, person) {
      await expectOutcomes(harness, [choices(person)(false, inSeconds(-300)), 'created']);
      const looks = () => callsOf(harness, 'GET').filter(({ operation }) => operation === 'getContactInfo');
      const before = looks().length;
      await until('Brevo is looked at again', () => looks().length > before, 90_000);
    },
  },
  {
    name: 'deleted-in-didomi',
    async play(harness, person) {
      const ana = new Person(harness, { email: person });
      await ana.says(false);
      const optIn = await ana.says(true);
      await expectOutcomes(harness, [ana.deletes(optIn), 'updated']);
      await expectOutcomes(harness, [ana.erases(), 'unchanged']);
    },
  },
  {
    name: 'didomi-refuses-the-key',
    async play(harness, person) {
      const ana = new Person(harness, { email: person });
      const optIn = await ana.says(true);
      harness.didomi.setFaults({ kind: 'status', status: 403 });
      await expectOutcomes(harness, [ana.deletes(optIn), 'held']);
      await expectOutcomes(harness, [choices(person)(false, inSeconds(-30)), 'updated']);
      harness.didomi.setFaults();
      await until(
        'Didomi has answered',
        async () => (await storyOf(harness, person)).outcome !== 'held',
        60_000,
      );
    },
  },
  {
    name: 'dry-run',
    setting: { options: { dry_run: true } },
    play: (harness, person) => expectOutcomes(harness, [choices(person)(true, inSeconds(-30)), 'created']),
  },
  {
    name: 'closed',
    setting: { options: { remember: '1 second' } },
    async play(harness, person) {
      await expectOutcomes(harness, [choices(person)(false, inSeconds(-30)), 'created']);
      await (await workflowOf(harness, person)).result();
    },
  },
  {
    name: 'two-integrations',
    setting: {
      config: {
        integrations: Object.fromEntries(
          ['shop', 'club'].map((name) => [
            name,
            {
              upsert_mode: name === 'shop',
              config: { api_key: `key-of-${name}`, properties: FLAG_AND_ATTRIBUTE },
            },
          ]),
        ),
      },
    },
    async play({ client }, person) {
      const results = await client.submitAndWait(choices(person)(false, inSeconds(-30)));
      strictEqual(results.length, 2);
    },
  },
];
