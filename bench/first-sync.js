// A first sync, the repair of a gap and a nightly run, with the commands of docs/resync.md, while processes are killed,
// the key is revoked, and people choose anew. In the end Brevo is compared with what was worked out apart.
const { mkdirSync } = require('node:fs');
const { join } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { parseArgs } = require('node:util');
const { TroubledRun } = require('./interruptions');
const { randomOf } = require('./random');
const { seedBrevo, strangePeople, writeDays, wrongOf } = require('./strange-people');
const { startSystem } = require('./system');

/** Contacts that were held wait for a while before they try again. */
const SETTLED_WITHIN_MS = 5 * 60_000;

const { values } = parseArgs({
  options: {
    contacts: { type: 'string', default: '2000' },
    differing: { type: 'string', default: '400' },
    /** ms from one trouble to the next, about. */
    every: { type: 'string', default: '4000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    parts: { type: 'string', default: 'first,gap,nightly' },
  },
});

async function main() {
  const [contacts, differing, every, seed] = ['contacts', 'differing', 'every', 'seed'].map((name) =>
    Number(values[name]),
  );
  tell(`seed ${seed}: ${contacts} contacts, ${differing} of them differ`);
  const random = randomOf(seed);
  const system = await startSystem();
  const now = Date.now();
  const world = { system, random, every, now, folder: join(system.folder, 'export'), people: [] };
  mkdirSync(world.folder);
  try {
    const parts = { first: firstSync, gap: gapRepair, nightly: nightlyRun };
    for (const part of values.parts.split(',')) {
      const more =
        part === 'first' ? [contacts, differing] : [Math.ceil(contacts / 20), Math.ceil(differing / 4)];
      await parts[part](world, ...more);
    }
  } finally {
    await system.close();
  }
}

/** The day that consent-sync is switched on. */
async function firstSync(world, contacts, differing) {
  add(world, strangePeople(contacts, differing, 'person'));
  await troubled('first sync', world, ['export']);
}

/** Nothing was received for a while: others have come, and have differed since. */
async function gapRepair(world, contacts, differing) {
  add(world, strangePeople(contacts, differing, 'newcomer'));
  await troubled('gap repair', world, ['export']);
}

/** A schedule begins a run at the next minute, which the service reads. */
async function nightlyRun(world, contacts, differing) {
  const { system } = world;
  add(world, strangePeople(contacts, differing, 'another'));
  const at = new Date(Date.now() + 70_000).toISOString().slice(11, 16);
  const created = await system.command(['resync', 'schedule', 'create', world.folder, '--at', at]);
  if (created.code !== 0) throw new Error(created.stderr);
  tell(created.stdout.trim());
  const isThere = async () => {
    const { stdout } = await system.command(['resync', 'list', '--json']);
    return stdout.includes('"nightly-');
  };
  while (!(await isThere())) await sleep(1_000);
  await troubled('nightly run', world, undefined);
  const watched = ['resync', 'status', '--nightly', '--max-age', '1 hour', '--fail-on-drift'];
  const { code, stderr } = await system.command(watched);
  tell(`nightly run: alarm exit code ${code}: ${stderr.trim()}`);
  if (code !== 1) throw new Error('The drift of the night raised no alarm.');
}

function add(world, people) {
  seedBrevo(world.system.simulator, people, world.now);
  writeDays(join(world.folder, `export-id=${world.people.length}`), people, world.now);
  world.people.push(...people);
}

async function troubled(name, world, args) {
  const { system, random, every, people } = world;
  const before = system.calls();
  const began = performance.now();
  const run = new TroubledRun(system, random, people);
  const { code: _, samples: _samples, ...result } = await run.carryOut(args, every);
  tell(`${name}: ${JSON.stringify(result)}`);
  tell(`${name}: ${JSON.stringify(run.happened)}, ${system.calls() - before} calls to Brevo`);
  const wrong = await settled(system, people);
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  tell(`${name}: ${people.length} contacts, ${wrong.length} not as they have to be, after ${seconds} s`);
  if (wrong.length > 0) throw new Error(JSON.stringify(wrong.slice(0, 5)));
  if (result.state !== 'completed') throw new Error(`The run is ${result.state}.`);
}

async function settled({ simulator }, people) {
  const until = performance.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const wrong = wrongOf(simulator, people);
    if (wrong.length === 0 || performance.now() > until) return wrong;
    await sleep(1_000);
  }
}

function tell(message) {
  console.error(message);
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
