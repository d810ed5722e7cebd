// Compares consent-sync with the straightforward program (one workflow an event: look up, then update): the same
// messages over HTTP, the same Temporal server, processes of their own.
const { join } = require('node:path');
const { parseArgs } = require('node:util');
const { Client, Connection } = require('@temporalio/client');
const { ADDED_ATTRIBUTES, DEMO_CONFIG } = require('../dist/cli/demo/demo-config');
const { differences } = require('../dist/cli/demo/comparison');
const { startSimulator } = require('../dist/simulator');
const { countActions } = require('./actions');
const { Sender, percentile } = require('./load');
const { Deployment, startTemporal } = require('./processes');
const { showTable } = require('./live-table');
const { writeStream } = require('./stream');

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000' },
    'limited-messages': { type: 'string', default: '1000' },
    'paced-seconds': { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});

const LIMIT = 10;
const NO_LIMIT = 1_000;
const PACE = 50;
const LATENCY_MS = [15, 60];

/** Nothing has happened in Brevo for so long: it is over. */
const QUIET_MS = 5_000;
/** What was called off is looked at once more after a minute. */
const LAST_LOOKS_MS = 65_000;

const PROGRAMS = {
  consentSync: {
    type: 'consentSync',
    heartbeats: 1,
    start: async (deployment) => {
      const ingest = await deployment.start('ingest');
      return { ingest, worker: await deployment.start('worker') };
    },
  },
  straightforward: {
    type: 'applyConsent',
    heartbeats: 0,
    start: async (deployment) => {
      const program = (name) => deployment.run([join(__dirname, 'straightforward', name)]);
      return { ingest: await program('ingest.js'), worker: await program('worker.js') };
    },
  },
};

async function main() {
  const seed = Number(values.seed);
  const phases = [
    {
      name: 'limited',
      title: `at ${LIMIT} calls a second`,
      limit: LIMIT,
      messages: Number(values['limited-messages']),
      seed,
    },
    {
      name: 'unlimited',
      title: 'without a limit',
      limit: 0,
      messages: Number(values.messages),
      seed: seed + 1_000,
    },
    {
      name: 'paced',
      title: `at ${PACE} messages a second`,
      limit: 0,
      messages: PACE * Number(values['paced-seconds']),
      paced: true,
      seed: seed + 2_000,
    },
  ].filter(({ name }) => values.only === '' || values.only.split(',').includes(name));
  const server = await startTemporal();
  const connection = await Connection.connect({ address: server.address });
  const temporal = new Client({ connection });
  const results = [];
  try {
    for (const phase of phases) {
      const measured = { title: phase.title, phase };
      for (const name of ['straightforward', 'consentSync']) {
        console.error(`${phase.title}: ${name}`);
        measured[name] = await measure(name, phase, server.address, temporal);
        console.error(JSON.stringify(measured[name]));
      }
      results.push(measured);
    }
  } finally {
    await connection.close();
    await server.stop();
  }
  showTable(results);
  if (results.some(({ consentSync }) => consentSync.wrong > 0)) process.exitCode = 1;
}

async function measure(name, { limit, messages, paced = false, seed }, address, temporal) {
  const program = PROGRAMS[name];
  const stream = writeStream({ messages, seed, rate: PACE, now: Date.now() });
  const simulator = await startSimulator({ requestsPerSecond: limit, attributes: ADDED_ATTRIBUTES });
  simulator.setFaults({ kind: 'latency', ms: LATENCY_MS });
  for (const contact of stream.contacts) simulator.seedContact(contact);
  const config = {
    integrations: { newsletter: { ...DEMO_CONFIG.integrations.newsletter } },
    brevo: { requests_per_second: limit || NO_LIMIT },
  };
  const deployment = new Deployment({ address, brevoUrl: simulator.url, config });
  deployment.env.REQUESTS_PER_SECOND = String(limit);
  const needless = countNeedless(simulator);
  const since = new Date();
  try {
    const { ingest, worker } = await program.start(deployment);
    const sender = new Sender(ingest.announced.webhookUrl, simulator);
    const before = await worker.usage();
    const memory = watchMemory(worker);
    const began = Date.now();
    const steps = paced ? stream.steps.filter(({ at }) => at < messages / PACE) : stream.steps;
    await (paced ? sender.sendInTime(steps) : sender.sendAll(steps));
    const sentAfter = (Date.now() - began) / 1_000;
    const ended = await quiet(simulator);
    const after = await worker.usage();
    const { refused } = callsIn(simulator);
    const seconds = (ended - began) / 1_000;
    const busySeconds = (ended - Date.parse(contactCalls(simulator)[0].at)) / 1_000;
    const made = callsIn(simulator).made;
    if (name === 'consentSync') await sleep(LAST_LOOKS_MS);
    sender.close();
    const actions = await countActions(temporal, program.type, since, program.heartbeats);
    const consents = sender.accepted;
    const wrong = paced ? undefined : wrongIn(stream.expected(), simulator);
    return {
      consents,
      workflows: actions.workflows,
      seconds,
      sentAfter,
      perSecond: consents / seconds,
      calls: callsIn(simulator).made / consents,
      usefulCalls: (callsIn(simulator).made - needless()) / consents,
      refusedAMinute: (refused * 60) / seconds,
      budgetUsed: limit === 0 ? undefined : made / (busySeconds * limit),
      events: actions.events / consents,
      billed: actions.billed / consents,
      ackP50: percentile(sender.answeredAfterMs, 0.5),
      ackP99: percentile(sender.answeredAfterMs, 0.99),
      cpuMs: ((after.cpuSeconds - before.cpuSeconds) * 1_000) / consents,
      memoryMb: (await memory()) / 1_000_000,
      wrong,
    };
  } finally {
    await deployment.close();
    await simulator.close();
  }
}

/** Contacts that Brevo holds otherwise than what was sent asks for. */
function wrongIn(expected, simulator) {
  // Offers of partners are another integration's.
  const ours = expected.map((contact) => {
    const { PARTNER_OFFERS: _, ...attributes } = contact.attributes;
    return { ...contact, attributes };
  });
  const found = differences(ours, simulator.contacts());
  for (const difference of found.slice(0, 5)) console.error(JSON.stringify(difference));
  return new Set(found.map(({ contact }) => contact)).size;
}

/** Counts updates that change nothing in Brevo. */
function countNeedless(simulator) {
  let needless = 0;
  simulator.onCall((call, moment) => {
    if (moment !== 'before' || call.operation !== 'updateContact') return;
    const contact = simulator.contact({ id: Number(call.identifier) });
    if (!contact) return;
    const { attributes = {}, emailBlacklisted } = call.body;
    const isSame =
      (emailBlacklisted ?? contact.emailBlacklisted) === contact.emailBlacklisted &&
      Object.entries(attributes).every(
        ([key, value]) => JSON.stringify(contact.attributes[key]) === JSON.stringify(value),
      );
    if (isSame) needless += 1;
  });
  return () => needless;
}

function contactCalls(simulator) {
  return simulator.calls().filter(({ route }) => route !== '/contacts/attributes');
}

function callsIn(simulator) {
  const calls = contactCalls(simulator);
  const refused = calls.filter(({ status }) => status === 429).length;
  return { made: calls.length - refused, refused };
}

/** @returns the time of the last call, ms since 1970 */
async function quiet(simulator) {
  for (;;) {
    const last = contactCalls(simulator).at(-1);
    if (last && Date.now() - Date.parse(last.at) > QUIET_MS) return Date.parse(last.at);
    await sleep(200);
  }
}

/** @returns what ends the watch and tells the most memory, in bytes */
function watchMemory(worker) {
  let most = 0;
  let ended = false;
  const watching = (async () => {
    while (!ended) {
      most = Math.max(most, (await worker.usage()).rss);
      await sleep(1_000);
    }
  })();
  return async () => {
    ended = true;
    await watching;
    return most;
  };
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

main().catch((error) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
});
