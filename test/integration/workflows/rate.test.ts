import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until';
import { workflowOf } from '../support/asking';
import { eventCreated, type Harness, someone, startHarness } from '../support/harness';

const LIMIT = 10;
const SMS = 'consents_purposes_sms_enabled';
const NEWSLETTER = 'consents_purposes_newsletter_enabled';
const PROPERTIES = [
  { id: 'OPT_EMAIL', value: NEWSLETTER },
  { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER },
  { id: 'OPT_SMS', value: SMS },
];

let harness: Harness;
afterEach(() => harness.close());

function people(count: number, held: object = {}): string[] {
  return Array.from({ length: count }, () => {
    const email = someone();
    harness.simulator.seedContact({ email, attributes: { OPT_EMAIL: true, OPT_SMS: false, ...held } });
    return email;
  });
}

/** More work than a test lasts: each contact takes a look and a write, and the call of each waits in Temporal. */
async function backlog(count: number): Promise<string[]> {
  const waiting = people(count);
  await harness.client.submit(waiting.map((email) => eventCreated(email, true, { purpose: 'sms' })));
  await untilCalling(waiting.at(-1) ?? '');
  return waiting;
}

async function untilCalling(email: string): Promise<void> {
  const workflow = await workflowOf(harness, email);
  await until(
    'the call waits',
    async () => {
      const { raw } = await workflow.describe();
      return (raw.pendingActivities ?? []).length > 0;
    },
    60_000,
  );
}

/** Of these contacts, those that Brevo has been told nothing of. */
function withoutWrite(emails: readonly string[], attribute: string, before: boolean): string[] {
  return emails.filter((email) => harness.simulator.contact({ email })?.attributes[attribute] === before);
}

function calls() {
  return harness.simulator.calls().filter(({ route }) => route === '/contacts/{identifier}');
}

function isWithdrawn(email: string): boolean {
  return harness.simulator.contact({ email })?.emailBlacklisted === true;
}

const startTight = () =>
  startHarness({
    requestsPerSecond: LIMIT,
    simulator: { requestsPerSecond: LIMIT },
    integration: { config: { api_key: 'xkeysib-test', properties: PROPERTIES } },
  });

describe("while more waits than Brevo's rate allows", () => {
  it('several workers share the rate: what they ask is answered, not refused', async () => {
    harness = await startTight();
    const stop = await Promise.all([harness.addWorker({}), harness.addWorker({})]);
    await backlog(150);
    const before = calls().length;
    const answered = () => calls().filter(({ status }) => status !== 429).length;
    await until('Brevo has answered a good part of it', () => answered() >= 120, 80_000);
    await Promise.all(stop.map((one) => one()));
    const made = calls().slice(before);
    const refused = made.filter(({ status }) => status === 429);
    // Three that each took the whole rate would be refused two calls in three. How few refusals there are, and how much
    // of the rate is used, is for `npm run bench:budget`: a busy machine makes calls come in heaps.
    expect(refused.length).toBeLessThan(made.length / 4);
  }, 120_000);

  it('a withdrawal reaches Brevo before it all, also of a contact that has a call waiting', async () => {
    harness = await startTight();
    const waiting = await backlog(150);
    const stranger = people(1)[0] ?? '';
    const last = waiting.at(-1) ?? '';
    await harness.client.submit([stranger, last].map((email) => eventCreated(email, false)));
    await until('both are withdrawn', () => [stranger, last].every(isWithdrawn), 60_000);
    expect(withoutWrite(waiting, 'OPT_SMS', false).length).toBeGreaterThan(60);
    // The look that waited was called off before it had begun.
    expect(calls().filter(({ identifier }) => identifier === last)).toHaveLength(1);
  }, 90_000);

  it.each([
    ['shares its key', 'xkeysib-one'],
    ['has a key of its own', 'xkeysib-two'],
  ])(
    'another integration that %s is served all the same',
    async (_, apiKey) => {
      const upsert = { upsert_mode: true };
      harness = await startHarness({
        requestsPerSecond: LIMIT,
        simulator: { requestsPerSecond: apiKey === 'xkeysib-one' ? LIMIT : 0 },
        config: {
          integrations: {
            noisy: {
              ...upsert,
              config: { api_key: 'xkeysib-one', properties: [{ id: 'OPT_EMAIL', value: NEWSLETTER }] },
            },
            quiet: { ...upsert, config: { api_key: apiKey, properties: [{ id: 'OPT_SMS', value: SMS }] } },
          },
        },
      });
      const noise = people(150, { OPT_EMAIL: false });
      await harness.client.submit(noise.map((email) => eventCreated(email, true)));
      const few = people(5);
      await until('the noise is being written', () => calls().length >= 3, 30_000);
      await harness.client.submit(few.map((email) => eventCreated(email, true, { purpose: 'sms' })));
      const isServed = (email: string) => harness.simulator.contact({ email })?.attributes.OPT_SMS === true;
      await until('the few are served', () => few.every(isServed), 60_000);
      expect(withoutWrite(noise, 'OPT_EMAIL', false).length).toBeGreaterThan(60);
    },
    90_000,
  );
});
