// What the pictures show: a small service with an embedded Temporal server, on a simulated Brevo that refuses one of the
// two accounts' keys, and a few people who choose.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const { setTimeout: pause } = require('node:timers/promises');

const { people, exportLine } = require('../../bench/people');
const { Client, Connection } = require('@temporalio/client');
const { ConsentSyncClient } = require('../../dist/client');
const { startSimulator } = require('../../dist/simulator');

const BIN = join(__dirname, '../../bin/consent-sync.js');
const ID_KEY = 'a secret for pictures, long enough to pass';
const NEWSLETTER = 'consents_purposes_newsletter_enabled';
const HOUR_MS = 3_600_000;
const PATIENCE_MS = 90_000;
const POLL_MS = 500;

const LEDGER = { ledger_attribute: 'CONSENT_LEDGER' };

const CONFIG = {
  integrations: {
    shop: {
      upsert_mode: true,
      config: {
        api_key: 'xkeysib-shop',
        list_id: 7,
        properties: [
          { id: 'EMAIL_NOTIFICATION', value: NEWSLETTER },
          { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER },
          { id: 'FREQUENCY', value: 'consents_purposes_newsletter_values_frequency_value' },
          // The account does not have it, so that it can be seen what doctor and failures say.
          { id: 'PARTNER_OFFERS', value: 'consents_purposes_partners_enabled' },
        ],
      },
      options: LEDGER,
    },
    travel: {
      upsert_mode: true,
      config: {
        api_key: 'xkeysib-revoked',
        properties: [{ id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: 'consents_purposes_travel_enabled' }],
      },
      options: LEDGER,
    },
  },
};

/** Whom the pictures show in detail: says yes, then no, and an older yes arrives late. */
const ANA = 'ana@example.com';
/** One of those whose choice waits for the account. */
const HELD = 'bea@example.com';

const purpose = (id, enabled, frequency) => ({
  id,
  enabled,
  ...(frequency && { values: { frequency: { value: frequency } } }),
});

/** Email, hours ago, purposes; in the order of arrival. */
const CHOICES = [
  [ANA, 30, [purpose('newsletter', true, 'weekly')]],
  [ANA, 2, [purpose('newsletter', false)]],
  [ANA, 36, [purpose('newsletter', true)]],
  [HELD, 5, [purpose('travel', false)]],
  ['cem@example.com', 4, [purpose('travel', true)]],
  ['dina@example.com', 4, [purpose('travel', false)]],
  ['gil@example.com', 4, [purpose('travel', false)]],
  ['hana@example.com', 3, [purpose('travel', true)]],
  ['emil@example.com', 3, [purpose('newsletter', true, 'hourly')]],
  ['fay@example.com', 3, [purpose('newsletter', true), purpose('partners', true)]],
];

/** At ten calls a second this lasts long enough to be looked at. */
const EXPORTED = 400;
const DIFFERING_PERCENT = 80;

async function startScene() {
  const folder = mkdtempSync(join(tmpdir(), 'consent-sync-screens-'));
  const simulator = await startSimulator({ apiKey: 'xkeysib-shop' });
  const env = environment(folder, simulator.url);
  const service = spawn(process.execPath, [BIN, 'start', '--json'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const close = async () => {
    if (service.exitCode === null && service.signalCode === null) {
      service.kill('SIGTERM');
      await once(service, 'exit');
    }
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    writeFileSync(join(folder, 'consent-sync.json'), JSON.stringify(CONFIG, null, 2));
    writeFileSync(join(folder, 'export.ndjson'), exported(simulator));
    const { webhookUrl, temporal, temporalUiUrl } = await announcement(service);
    const connection = await Connection.connect({ address: temporal });
    const client = new Client({ connection });
    const contacts = await ConsentSyncClient.connect({ config: CONFIG, idKey: ID_KEY, connection: client });
    for (const [index, choice] of CHOICES.entries()) await choose(webhookUrl, contacts, index, choice);
    return {
      /** Where the programs run, and with what. */
      cwd: folder,
      env,
      pageOf: (workflowId) =>
        `${temporalUiUrl}/namespaces/default/workflows/${encodeURIComponent(workflowId)}`,
      listOf: (query) => `${temporalUiUrl}/namespaces/default/workflows?query=${encodeURIComponent(query)}`,
      workflowOf: async (email) => (await settled(contacts, email)).workflowId,
      close: async () => {
        await connection.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The export, of people who are put into the account as they are in Brevo. */
function exported(simulator) {
  let lines = '';
  for (const person of people(EXPORTED, DIFFERING_PERCENT)) {
    lines += exportLine(person, Date.now());
    const { email, inBrevo } = person;
    if (!inBrevo) continue;
    const attributes = { EMAIL_NOTIFICATION: inBrevo.attribute };
    simulator.seedContact({ email, attributes, emailBlacklisted: inBrevo.blacklisted });
  }
  return lines;
}

/** What `start` says once it is up. */
async function announcement(service) {
  const line = await Promise.race([
    once(createInterface({ input: service.stdout }), 'line').then(([text]) => text),
    once(service, 'exit').then(() => undefined),
  ]);
  if (line === undefined) throw new Error('The service did not start.');
  return JSON.parse(line);
}

/** Posts what Didomi would, and waits until it has settled, so that the pictures do not depend on who was faster. */
async function choose(webhookUrl, contacts, index, [email, hoursAgo, purposes]) {
  const id = `6f0c7a52-1d5e-4c0e-9b1f-2f8f3a7f10${String(index).padStart(2, '0')}`;
  const entity = {
    id,
    created_at: new Date(Date.now() - hoursAgo * HOUR_MS).toISOString(),
    status: 'confirmed',
    user: { id: `didomi-${email.split('@')[0]}`, organization_user_id: email },
    consents: { purposes },
  };
  const response = await fetch(webhookUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'event.created', regulation: 'gdpr', parameters: { entity } }),
  });
  if (response.status !== 202)
    throw new Error(`The webhook answered ${response.status}: ${await response.text()}`);
  await settled(contacts, email, id);
}

/** @returns the contact's story, once the event (if given) is part of it and nothing is under way */
async function settled(contacts, email, eventId) {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const [story] = await contacts.status(email);
    const isIn =
      eventId === undefined || story?.events.some((event) => event.eventId === eventId && event.outcome);
    if (story?.outcome && isIn) return story;
    await pause(POLL_MS);
  }
  throw new Error(`What ${email} chose did not settle within ${PATIENCE_MS / 1000} s.`);
}

/** Of this process, without what would name another server or folder. */
function environment(folder, brevoUrl) {
  const ours = /^(TEMPORAL|BREVO)_|^CONSENT_SYNC_|^(HOST|PORT|METRICS_PORT|NO_COLOR|NODE_OPTIONS)$/;
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name))),
    NODE_OPTIONS: `--require ${JSON.stringify(join(__dirname, 'another-host.js'))}`,
    BREVO_API_URL: brevoUrl,
    CONSENT_SYNC_DATA: join(folder, 'data'),
    CONSENT_SYNC_ID_KEY: ID_KEY,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'error',
  };
}

module.exports = { startScene, ANA, HELD };
