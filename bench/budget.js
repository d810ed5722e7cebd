// Measures how the processes of one Brevo account share its rate: calls made against calls allowed, and 429s.
const { parseArgs } = require('node:util');
const { Client, Connection } = require('@temporalio/client');
const Table = require('cli-table3');
const { ConsentSyncClient } = require('../dist/client');
const { startSimulator } = require('../dist/simulator');
const { Deployment, ID_KEY, startTemporal } = require('./processes');

const LIMIT = 10;
const NEWSLETTER = 'consents_purposes_newsletter_enabled';
const SMS = 'consents_purposes_sms_enabled';

const SCENARIOS = {
  'one worker': { workers: 1 },
  'two workers': { workers: 2 },
  'three workers': { workers: 3 },
  'two workers, windows of a second': { workers: 2, windows: true },
  'two workers, 4 partitions': { workers: 2, partitions: 4 },
  'one worker, opt-ins of three calls': { workers: 1, clears: true },
  'two workers, opt-ins of three calls': { workers: 2, clears: true },
  'two workers, two integrations on one key': { workers: 2, integrations: 2 },
  'three workers, two integrations, opt-ins, windows': {
    workers: 3,
    integrations: 2,
    clears: true,
    windows: true,
  },
  'one worker, the second before each call counts': { workers: 1, algorithm: 'sliding_window' },
  'three workers, the second before each call counts': { workers: 3, algorithm: 'sliding_window' },
  'two workers, windows, no headers': { workers: 2, windows: true, headers: false },
  'three workers, two integrations, opt-ins, no headers': {
    workers: 3,
    integrations: 2,
    clears: true,
    headers: false,
  },
};

const { values } = parseArgs({
  options: {
    contacts: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    only: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
  },
});

async function main() {
  const results = [];
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    if (values.only !== '' && !new RegExp(values.only).test(name)) continue;
    console.error(name);
    const result = await measure(scenario);
    results.push({ name, ...result });
    console.error(JSON.stringify(result));
  }
  show(results);
}

async function measure({
  workers,
  windows = false,
  algorithm = windows ? 'fixed_window' : 'token_bucket',
  headers = true,
  partitions = 1,
  clears = false,
  integrations = 1,
}) {
  const temporal = await startTemporal({
    'matching.numTaskqueueReadPartitions': partitions,
    'matching.numTaskqueueWritePartitions': partitions,
  });
  const simulator = await startSimulator({
    requestsPerSecond: LIMIT,
    attributes: { OPT_SMS_0: 'boolean', OPT_SMS_1: 'boolean' },
    switches: { rateAlgorithm: algorithm },
  });
  simulator.setFaults(
    { kind: 'latency', ms: [40, 120] },
    ...(headers ? [] : [{ kind: 'withoutRateHeaders' }]),
  );
  const config = configOf(integrations);
  const deployment = new Deployment({ address: temporal.address, brevoUrl: simulator.url, config });
  const connection = await Connection.connect({ address: temporal.address });
  const client = new ConsentSyncClient(
    require('../dist/config').loadConfig({ object: config }),
    ID_KEY,
    new Client({ connection }),
  );
  try {
    const people = Array.from(
      { length: Number(values.contacts) },
      (_, index) => `person-${index}@example.com`,
    );
    for (const email of [...people, 'withdrawing@example.com']) {
      simulator.seedContact({
        email,
        emailBlacklisted: clears && email !== 'withdrawing@example.com',
        attributes: { EMAIL_NOTIFICATION: true },
      });
    }
    const purposes = clears ? { newsletter: true } : { sms: true };
    for (let at = 0; at < people.length; at += 200) {
      await client.submit(people.slice(at, at + 200).map((email) => event(email, purposes)));
    }
    await Promise.all(Array.from({ length: workers }, () => deployment.start('worker')));
    await until(() => simulator.calls().some(({ route }) => route === '/contacts/{identifier}'), 60_000);
    const began = Date.now();
    await sleep(Number(values.seconds) * 500);
    const asked = Date.now();
    await client.submit(event('withdrawing@example.com', { newsletter: false }));
    const withdrawn = await until(
      () => simulator.contact({ email: 'withdrawing@example.com' })?.emailBlacklisted === true,
      60_000,
    );
    const withdrawalMs = withdrawn ? Date.now() - asked : undefined;
    await sleep(Number(values.seconds) * 500 - (Date.now() - asked));
    const seconds = (Date.now() - began) / 1_000;
    const calls = simulator
      .calls()
      .filter(({ route, at }) => route !== '/contacts/attributes' && Date.parse(at) >= began);
    const refused = calls.filter(({ status }) => status === 429).length;
    const made = calls.length - refused;
    if (values.verbose) tellBySecond(calls, began);
    return {
      seconds,
      made,
      used: made / (seconds * LIMIT),
      refusedAMinute: (refused * 60) / seconds,
      withdrawalMs,
    };
  } finally {
    await connection.close();
    await deployment.close();
    await simulator.close();
    await temporal.stop();
  }
}

function tellBySecond(calls, began) {
  const seconds = [];
  for (const { at, status } of calls) {
    const second = Math.floor((Date.parse(at) - began) / 1_000);
    seconds[second] ??= { made: 0, refused: 0 };
    seconds[second][status === 429 ? 'refused' : 'made'] += 1;
  }
  console.error(
    Array.from(seconds, (one) => (one ? `${one.made}${one.refused ? `(${one.refused})` : ''}` : '0')).join(
      ' ',
    ),
  );
}

function configOf(count) {
  const names = Array.from({ length: count }, (_, index) => `bench-${index}`);
  return {
    integrations: Object.fromEntries(
      names.map((name, index) => [
        name,
        {
          upsert_mode: true,
          config: {
            api_key: 'bench',
            list_id: 7,
            properties: [
              { id: `OPT_SMS_${index}`, value: SMS },
              ...(index === 0
                ? [
                    { id: 'EMAIL_NOTIFICATION', value: NEWSLETTER },
                    { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER },
                  ]
                : []),
            ],
          },
        },
      ]),
    ),
    brevo: { requests_per_second: LIMIT },
  };
}

let events = 0;
function event(email, purposes) {
  events += 1;
  const at = new Date(Date.now() - 60_000).toISOString();
  return {
    type: 'event.created',
    regulation: 'gdpr',
    parameters: {
      entity: {
        id: `event-${events}`,
        created_at: at,
        updated_at: at,
        status: 'confirmed',
        user: { id: `user of ${email}`, organization_user_id: email },
        consents: { purposes: Object.entries(purposes).map(([id, enabled]) => ({ id, enabled })) },
      },
    },
  };
}

function show(results) {
  const table = new Table({
    head: ['', 'budget used', '429 a minute', 'withdrawal, s'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right'],
  });
  for (const { name, used, refusedAMinute, withdrawalMs } of results) {
    table.push([
      name,
      `${(used * 100).toFixed(0)} %`,
      refusedAMinute.toFixed(1),
      withdrawalMs === undefined ? 'over 60' : (withdrawalMs / 1_000).toFixed(1),
    ]);
  }
  console.log(table.toString());
}

async function until(isSo, withinMs) {
  const end = Date.now() + withinMs;
  while (!isSo()) {
    if (Date.now() > end) return false;
    await sleep(20);
  }
  return true;
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

main().catch((error) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
});
