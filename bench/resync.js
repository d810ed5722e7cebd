// Measures a bulk resync: calls to Brevo against what is needed at least, time, and memory of the process that reads.
const { once } = require('node:events');
const { createWriteStream } = require('node:fs');
const { join } = require('node:path');
const { parseArgs } = require('node:util');
const Table = require('cli-table3');
const { exportLine, people } = require('./people');
const { startSystem } = require('./system');

const PAGE = 1_000;
const CALLS_A_SECOND_AT_BREVO = 10;

const { values } = parseArgs({
  options: {
    contacts: { type: 'string', default: '10000' },
    drift: { type: 'string', default: '1,100' },
    kill: { type: 'boolean', default: false },
    plan: { type: 'boolean', default: false },
  },
});

async function main() {
  const contacts = Number(values.contacts);
  const drifts = values.drift.split(',').map(Number);
  const isShare = (drift) => drift >= 0 && drift <= 100;
  if (!(Number.isInteger(contacts) && contacts > 0 && drifts.every(isShare))) {
    throw new Error('Usage: npm run bench:resync -- [--contacts 100000] [--drift 1,100] [--kill] [--plan]');
  }
  const results = [];
  for (const drift of drifts) results.push(await measure(contacts, drift));
  show(contacts, results);
  if (results.some(({ wrong }) => wrong > 0)) process.exitCode = 1;
}

async function measure(contacts, drift) {
  const system = await startSystem();
  try {
    tell(`${contacts} contacts, ${drift} % differ: filling Brevo and the export`);
    const { file, differing, inBrevo, neededToWrite } = await prepare(system, contacts, drift);
    const needed = Math.max(1, Math.ceil(inBrevo / PAGE)) + (values.plan ? 0 : neededToWrite);
    tell('resync');
    const before = system.calls();
    const began = performance.now();
    const peakMemory = await carryOut(system, file, needed);
    const seconds = (performance.now() - began) / 1_000;
    const calls = system.calls() - before;
    const wrong = values.plan ? 0 : wrongIn(system, contacts, drift);
    return { drift, differing, needed, calls, seconds, peakMemory, wrong };
  } finally {
    await system.close();
  }
}

/** Didomi's side as a file, Brevo's in the simulator. */
async function prepare({ folder, simulator }, contacts, drift) {
  const file = join(folder, 'export.ndjson');
  const out = createWriteStream(file);
  const now = Date.now();
  let [differing, inBrevo, neededToWrite] = [0, 0, 0];
  for (const person of people(contacts, drift)) {
    if (!out.write(exportLine(person, now))) await once(out, 'drain');
    neededToWrite += person.calls;
    if (person.calls > 0) differing += 1;
    if (!person.inBrevo) continue;
    inBrevo += 1;
    simulator.seedContact({
      email: person.email,
      emailBlacklisted: person.inBrevo.blacklisted,
      attributes: { EMAIL_NOTIFICATION: person.inBrevo.attribute },
    });
  }
  out.end();
  await once(out, 'finish');
  return { file, differing, inBrevo, neededToWrite };
}

/** @returns the most memory that the reader held, in bytes */
async function carryOut(system, file, needed) {
  const first = system.resync([file, ...(values.plan ? ['--plan'] : [])]);
  if (!values.kill) {
    checked(await first.ended);
    return first.peakMemory();
  }
  const half = system.calls() + needed / 2;
  const watch = setInterval(() => {
    if (system.calls() >= half) first.kill();
  }, 20);
  const killed = (await first.ended.finally(() => clearInterval(watch))) === undefined;
  if (!killed) throw new Error('The resync was over before it could be killed: take more contacts.');
  const second = system.resync(['--resume', first.run()]);
  checked(await second.ended);
  return second.peakMemory();
}

function checked(result) {
  if (result?.code !== 0) throw new Error(`The resync was not completed: ${JSON.stringify(result)}`);
}

/** Contacts that are not in the end as Didomi says. */
function wrongIn({ simulator }, contacts, drift) {
  const held = new Map(simulator.contacts().map((contact) => [contact.email, contact]));
  let wrong = 0;
  for (const { email, enabled } of people(contacts, drift)) {
    const contact = held.get(email);
    const isRight =
      contact?.emailBlacklisted === !enabled && contact.attributes.EMAIL_NOTIFICATION === enabled;
    if (!isRight) wrong += 1;
  }
  return wrong;
}

function show(contacts, results) {
  const table = new Table({
    head: ['', ...results.map(({ drift }) => `${drift} % drift`)],
    style: { head: [], border: [] },
    colAligns: ['left', ...results.map(() => 'right')],
  });
  const row = (name, cell) => table.push([name, ...results.map(cell)]);
  row('contacts in the source', () => contacts);
  row('of them differ', ({ differing }) => differing);
  row('calls to Brevo', ({ calls }) => calls);
  row('needed: pages + differing + 2 a cleared blacklist', ({ needed }) => needed);
  row('ratio', ({ calls, needed }) => (calls / needed).toFixed(3));
  row('a look and a write for each would be', () => 2 * contacts);
  row('time without a limit, s', ({ seconds }) => seconds.toFixed(0));
  row('computed at 10 calls a second, h', ({ calls }) =>
    (calls / CALLS_A_SECOND_AT_BREVO / 3_600).toFixed(2),
  );
  row('peak memory of the reader, MB', ({ peakMemory }) => (peakMemory / 1_000_000).toFixed(0));
  row(values.plan ? 'only planned' : 'contacts not as Didomi says', ({ wrong }) => wrong);
  console.log(table.toString());
  if (values.kill) console.log('The reader was killed half-way and resumed.');
}

function tell(message) {
  console.error(message);
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
