import type { Client } from '@temporalio/client';
import type { ConsentSyncClient } from '../../client';
import type { Simulator } from '../../simulator';
import { CONSENT_SYNC_WORKFLOW, SEARCH_ATTRIBUTES } from '../../workflows/contract';
import type { Random } from '../oracle/random';
import type { Secrets } from './account';
import { readHistories, type Settled, untilSettled } from './aftermath';
import type { Calls } from './calls';
import type { Engine } from './engine';
import type { Havoc } from './havoc';
import { judge, storiesByPerson } from './judge';
import { carryOut } from './load';
import { scanLogs } from './log-scan';
import type { ChaosOptions } from './options';
import { pause } from './pause';
import { counted, type Row, table, tally } from './report';
import { writeSchedule } from './schedule';
import { Sender } from './sender';
import type { System } from './system';

export interface Stage {
  readonly options: ChaosOptions;
  readonly folder: string;
  readonly secrets: Secrets;
  readonly engine: Engine;
  readonly simulator: Simulator;
  readonly calls: Calls;
  readonly system: System;
  readonly havoc: Havoc;
  readonly temporal: Client;
  readonly client: ConsentSyncClient;
  readonly random: Random;
  readonly tell: (message: string) => void;
}

/** Longest wait for all workflows to settle, in ms. */
const SETTLE_MS = 8 * 60_000;
/** A write in doubt is looked at again a minute after it: nothing is judged before, in ms after the last fault. */
const RECHECKED_MS = 70_000;
const QUIET_MS = 3_000;
/** Workers that share their cores with other work take some time to answer for hundreds of contacts. */
const AGAIN_MS = 30_000;
const SHOWN = 20;

/** One run from the first message to the closing table. @returns whether all is well */
export async function run(stage: Stage): Promise<boolean> {
  const { options, secrets, engine, simulator, calls, system, havoc, client, random, tell } = stage;
  const ms = options.minutes * 60_000;
  const schedule = writeSchedule(random, secrets.marker, {
    messages: Math.round((options.rate * ms) / 1000),
    ms,
    now: Date.now(),
  });
  for (const { seed } of schedule.people) if (seed) simulator.seedContact(seed);
  const sender = new Sender(system.webhookUrl, secrets.token, random);
  tell(
    `${schedule.steps.length} messages and acts about ${schedule.people.length} people in ${options.minutes} min`,
  );
  const ticking = setInterval(() => tell(progress(stage, sender)), 10_000);
  const [story] = await Promise.all([carryOut(schedule, sender, simulator), havoc.rage(ms)]);
  const calmedAt = Date.now();
  tell('No more faults. Waiting until everything works, and every message has its 202');
  await havoc.calm();
  await sender.finish();
  clearInterval(ticking);
  const acceptedAt = Date.now();

  const workflowIds = [
    ...new Set(
      sender.answers.flatMap(({ result }) => (result.status === 'accepted' ? [result.workflowId] : [])),
    ),
  ].sort();
  tell(`${workflowIds.length} workflows; waiting until all have settled`);
  const settled = await untilSettled(client, workflowIds, SETTLE_MS, tell);
  const settledAt = Date.now();
  while (Date.now() < calmedAt + RECHECKED_MS || Date.now() < calls.lastAt + QUIET_MS) await pause(200);
  // What was looked at again meanwhile may have changed the story.
  const again = await untilSettled(client, workflowIds, AGAIN_MS, () => {});

  tell('Comparing Brevo with the oracle, and reading histories and logs');
  const judgement = judge(
    schedule.people,
    story,
    simulator,
    calls,
    storiesByPerson(sender.answers, again.stories),
  );
  const histories = await readHistories(stage.temporal, workflowIds);
  const listed = await listedAsRejected(stage.temporal);
  const shown = [...again.stories.values()].filter(({ outcome }) => outcome === 'rejected').length;
  const endedByItself = tally(
    havoc.parts().flatMap(({ name, endedByItself }) => Array.from({ length: endedByItself }, () => name)),
  );
  await havoc.end();
  const scan = await scanLogs(stage.folder, secrets.marker);

  const accepted = tally(
    sender.answers.flatMap(({ result }) => (result.status === 'accepted' ? [result.workflowId] : [])),
  );
  const lost = [...accepted].filter(([id, count]) => (histories.signals.get(id) ?? 0) < count);
  const signals = [...histories.signals.values()].reduce((sum, count) => sum + count, 0);
  const submitted = [...accepted.values()].reduce((sum, count) => sum + count, 0);
  const violations = [
    ...judgement.differences.map(
      ({ person, what, expected, actual }) =>
        `${nameOf(person.id, secrets)}: ${what} is ${String(actual)}, and must be ${String(expected)}`,
    ),
    ...judgement.notRejected.map(
      ({ id }) => `${nameOf(id, secrets)}: a value that cannot be written is not listed`,
    ),
    ...[...again.stuck].map(([id, why]) => `${id} has not settled: ${why}`),
    ...histories.failures,
    ...lost.map(
      ([id, count]) => `${id}: ${count} messages got a 202, and ${histories.signals.get(id) ?? 0} are stored`,
    ),
    ...scan.leaks.map(({ file, line }) => `${file}:${line} shows an identifier or a secret`),
    ...sender.wrong,
    ...(judgement.strangers > 0 ? [`${judgement.strangers} contacts in Brevo that nobody is`] : []),
    ...(listed === shown ? [] : [`${shown} contacts are rejected, and Temporal lists ${listed}`]),
    ...(sender.accepted === sender.given ? [] : [`${sender.given - sender.accepted} messages have no 202`]),
  ];
  const [ingest, server, database] = [system.ingest, engine.server, engine.database];
  const sum = (of: (part: (typeof system.workers)[number]) => number) =>
    system.workers.reduce((all, part) => all + of(part), 0);
  const rows: Row[] = [
    ['engine', engine.description],
    ['seed', String(options.seed)],
    ['minutes of faults', String(options.minutes)],
    ['people', schedule.people.length],
    ['messages sent', sender.given],
    ['messages with a 202', sender.accepted],
    ['requests', sender.requests],
    ['requests sent again', counted(sender.failures)],
    ['parts of messages accepted (one an integration)', submitted],
    ['of these stored more than once', signals - submitted],
    [
      'parts of messages ignored',
      counted(
        tally(sender.answers.flatMap(({ result }) => (result.status === 'ignored' ? [result.reason] : []))),
      ),
    ],
    ['acts of people in Brevo', [...story.acts.values()].flat().length],
    ['worker kills', `${sum(({ kills }) => kills)} (${sum(({ killedAtWork }) => killedAtWork)} at work)`],
    ['ingest kills', `${ingest.kills} (${ingest.killedAtWork} at work)`],
    ['Temporal server kills', `${server.kills} (${server.killedAtWork} at work)`],
    [
      'PostgreSQL crashes',
      database ? `${database.kills} (${database.killedAtWork} at work)` : 'none: there is none',
    ],
    ['ended by themselves, and started again', counted(endedByItself)],
    ['calls to Brevo', calls.total],
    ['calls that met a fault', counted(calls.befallen())],
    ['workflows', workflowIds.length],
    ['runs; events; longest history', `${histories.runs}; ${histories.events}; ${histories.longest}`],
    ['outcomes shown', counted(tally([...again.stories.values()].map(({ outcome }) => outcome ?? 'none')))],
    ['rejected contacts, listed with their reason', `${listed} (${judgement.mustBeRejected} expected)`],
    ['every message accepted after the last fault, s', (acceptedAt - calmedAt) / 1000],
    ['half; 99 %; all workflows settled after that, s', spread(settled)],
    ['contacts compared', judgement.compared],
    ['kept on the blacklist in doubt', judgement.inDoubt.length],
    ['differences', judgement.differences.length],
    ['log lines searched; with an identifier or secret', `${scan.lines}; ${scan.leaks.length}`],
    ['violations', violations.length],
  ];
  tell(`Settled ${Math.round((settledAt - calmedAt) / 1000)} s after the last fault`);
  process.stdout.write(table('\nChaos', rows));
  for (const violation of violations.slice(0, SHOWN)) process.stdout.write(`  ! ${violation}\n`);
  if (violations.length > SHOWN) process.stdout.write(`  ! and ${violations.length - SHOWN} more\n`);
  return violations.length === 0;
}

function spread({ times }: Settled): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) / 1000);
  return `${at(0.5)}; ${at(0.99)}; ${at(1)}`;
}

function progress({ calls, havoc }: Stage, sender: Sender): string {
  const kills = havoc.parts().map(({ name, kills: count }) => `${name} ${count}`);
  return `${sender.accepted} of ${sender.given} messages accepted, ${calls.total} Brevo calls; killed: ${kills.join(', ')}`;
}

/** Contacts that an operator finds in Temporal by their outcome. */
async function listedAsRejected({ workflow }: Client): Promise<number> {
  const query = `WorkflowType = "${CONSENT_SYNC_WORKFLOW}" AND ${SEARCH_ATTRIBUTES.outcome} = "rejected" AND ExecutionStatus = "Running"`;
  const { count } = await workflow.count(query);
  return count;
}

/** A person without the marker that logs are searched for. */
function nameOf(id: string, { marker }: Secrets): string {
  return id.replace(marker, 'M');
}
