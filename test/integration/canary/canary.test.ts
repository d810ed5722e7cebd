import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { type Simulator, startSimulator } from '../../../simulator';
import { type DidomiSimulator, startDidomiSimulator } from '../../../simulator/didomi';
import { Evidence } from '../../support/leaks/evidence';
import { until } from '../../support/until';
import { commandLines } from '../cli/support';
import { accountTroubles, refusalOf, troubledPeople } from './brevo-echoes';
import { sendHostile } from './hostile-requests';
import { eventOf, exportLineOf, KEY, MARKERS, OTHER_KEY, personOf } from './persons';
import {
  addCommand,
  addFiles,
  environment,
  integrationNames,
  metrics,
  Service,
  settingsOf,
} from './service-run';
import { addTemporal, walk } from './temporal-evidence';

// Three processes of the service and two dozen commands, on a machine that may be busy.
jest.setTimeout(300_000);

const commandLine = commandLines();
let brevo: Simulator;
let didomi: DidomiSimulator;
let connection: Connection;
let temporal: Client;
beforeAll(async () => {
  brevo = await startSimulator({ requestsPerSecond: 0 });
  didomi = await startDidomiSimulator({
    organizationId: 'acme',
    apiKey: MARKERS.didomiKey,
    apiSecret: MARKERS.didomiSecret,
  });
  connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS ?? '' });
  temporal = new Client({ connection });
});
afterAll(async () => {
  await connection.close();
  await Promise.all([brevo.close(), didomi.close()]);
});

/** Who they are has to stand in what workflows work with, as long as nothing is encrypted. */
const WORKED_WITH = ['email', 'extId', 'phone', 'didomiUser', 'eventId', 'mappedValue'];

/** What may stand where; in all else (logs, errors, metrics, failures, ids, files) nothing. */
const ALLOWED = {
  payloads: WORKED_WITH,
  // What a person reads in Temporal's UI: values of consent, and no more (docs/architecture.md).
  details: ['mappedValue'],
  // Who asks for a person's story, or sends an event, is told values and ids.
  stories: ['mappedValue', 'eventId'],
  answers: ['eventId'],
  'answers that name what is wrong': ['refused', 'email'],
  'identifiers that were asked for': ['email'],
};

const credentials = `${MARKERS.didomiKey} ${MARKERS.didomiSecret}`;

/** @returns the outcomes that visibility shows, by integration */
async function outcomes(integration: string): Promise<string[]> {
  const found: string[] = [];
  const query = `ConsentSyncIntegration = "${integration}"`;
  for await (const { searchAttributes } of temporal.workflow.list({ query })) {
    found.push(String(searchAttributes.ConsentSyncOutcome?.[0] ?? ''));
  }
  return found;
}

async function prepared(more: object = {}) {
  const names = integrationNames();
  const env = await environment(brevo.url);
  const line = await commandLine(env);
  await line.write('consent-sync.json', settingsOf(names, didomi.url, more));
  const service = await Service.start(line);
  const [, , signature = ''] = service.authorization.split('.');
  const evidence = new Evidence({ ...MARKERS, accessToken: signature.slice(4, 30) }, ALLOWED);
  return { names, env, line, service, evidence };
}

type Prepared = Awaited<ReturnType<typeof prepared>>;

/** Everybody's trouble, and an answer for each of them in the end. */
async function goThroughTroubles({ names, service, evidence }: Prepared): Promise<void> {
  const people = troubledPeople();
  brevo.setFaults(...people.map(({ fault }) => fault));
  didomi.setFaults(
    { kind: 'status', status: 502, body: `<title>${credentials}</title>`, times: 1 },
    {
      kind: 'status',
      status: 500,
      body: `<title>${credentials} ${personOf('deleted')}</title>`,
      match: { route: 'listUsers' },
      times: 1,
    },
  );
  const strange = { id: `${MARKERS.eventId}@example.com` };
  const deleted = {
    id: randomUUID(),
    created_at: new Date().toISOString(),
    user: eventOf(personOf('deleted')).parameters.entity.user,
  };
  const messages = [
    ...people.map(({ person }) => eventOf(person)),
    eventOf(personOf('well'), strange),
    eventOf(`+${MARKERS.phone}`),
    eventOf(MARKERS.extId),
    { type: 'event.deleted', regulation: 'gdpr', parameters: { entity: deleted } },
  ];
  evidence.add('answers', 'an array of messages', await service.post(messages));
  for (const { what, answer, names: naming } of await sendHostile(service.base, service.authorization)) {
    evidence.add(naming ? 'answers that name what is wrong' : 'refusals', what, answer);
  }
  for (const path of ['/health/live', '/health/ready', '/metrics', '/nothing']) {
    evidence.add('refusals', path, await (await fetch(service.base + path)).text());
  }
  const unmet = () => [...brevo.faults(), ...didomi.faults()].map(({ fault }) => JSON.stringify(fault.match));
  await until('every trouble has been met', () => unmet().length === 0, 90_000).catch((error: Error) => {
    throw new Error(`${error.message}: ${unmet()}`);
  });
  await until(
    'all have an outcome',
    async () => {
      const all = await outcomes(names.mail);
      return all.length > people.length && !all.includes('');
    },
    60_000,
  );
}

/** Both accounts are refused, and asked about meanwhile. */
async function goThroughHeld({ names, env, line, service, evidence }: Prepared): Promise<void> {
  brevo.setFaults(...accountTroubles());
  await service.post([eventOf(personOf('held')), eventOf(`+${MARKERS.phone.slice(0, -1)}`)]);
  await until('somebody is held', async () => (await outcomes(names.mail)).includes('held'), 30_000);
  // For the session that doctor opens.
  didomi.setFaults({
    kind: 'status',
    status: 400,
    body: { name: MARKERS.didomiKey, message: credentials },
    match: { route: 'createSession' },
    times: 1,
  });
  evidence.add('metrics', 'while held', await metrics(env.METRICS_PORT ?? ''));
  await Promise.all([
    addCommand(evidence, line, 'commands', 'failures', 'list', '--json'),
    addCommand(evidence, line, 'commands', 'failures', 'list'),
    addCommand(evidence, line, 'stories', 'failures', 'show', personOf('refused.written')),
    addCommand(evidence, line, 'stories', 'trace', personOf('held'), '--json'),
    addCommand(evidence, line, 'stories', 'trace', personOf('well')),
    addCommand(evidence, line, 'commands', 'trace', personOf('unknown')),
    addCommand(evidence, line, 'commands', 'doctor'),
  ]);
}

/** A run of each kind, and what is left of it. */
async function goThroughResync({ names, line, evidence }: Prepared): Promise<void> {
  const lines = [
    exportLineOf(personOf('exported')),
    exportLineOf(personOf('exported-too')),
    { user: { id: 7, [personOf('x')]: 1 } },
  ];
  const broken = `{"user": {"organization_user_id": "${personOf('broken')}", ${MARKERS.eventMetadata}`;
  await line.write('export.ndjson', `${lines.map((one) => JSON.stringify(one)).join('\n')}\n${broken}\n`);
  const own = ['--integration', names.mail];
  const plan = await addCommand(
    evidence,
    line,
    'commands',
    'resync',
    'start',
    'export.ndjson',
    '--plan',
    '--json',
    ...own,
  );
  // The files of a plan go when it is carried out.
  const { run } = JSON.parse(plan.stdout);
  // Who is refused stands in the report.
  brevo.setFaults(refusalOf(personOf('exported-too')));
  await addCommand(evidence, line, 'commands', 'resync', 'start', '--from-plan', run);
  await Promise.all([
    addCommand(evidence, line, 'commands', 'resync', 'report'),
    addCommand(evidence, line, 'commands', 'resync', 'report', '--json'),
    addCommand(evidence, line, 'identifiers that were asked for', 'resync', 'report', '--show-identifiers'),
    addCommand(evidence, line, 'commands', 'resync', 'status', '--json'),
    addCommand(evidence, line, 'commands', 'resync', 'list'),
    addCommand(evidence, line, 'commands', 'resync', 'start', 'no-such-file', ...own),
    addCommand(evidence, line, 'commands', 'resync', 'schedule', 'create', 'export', ...own),
  ]);
  await addCommand(evidence, line, 'commands', 'resync', 'schedule', 'list');
  for await (const { scheduleId } of temporal.schedule.list()) {
    if (!scheduleId.includes(names.mail)) continue;
    walk(
      evidence,
      `schedule ${scheduleId}`,
      (await temporal.schedule.getHandle(scheduleId).describe()).raw,
      'ids',
    );
  }
  await addCommand(evidence, line, 'commands', 'resync', 'schedule', 'delete', ...own);
  const data = join(line.folder, 'data');
  await addFiles(evidence, data, (name) =>
    name === 'report-with-identifiers.ndjson' ? 'identifiers that were asked for' : 'files',
  );
}

/** What goes wrong before anything is done. */
async function goThroughMistakes({ line, evidence }: Prepared): Promise<void> {
  const misplaced = {
    [KEY]: 1,
    config: {
      api_key: 7,
      list_id: KEY,
      properties: [
        { id: KEY, value: '' },
        { id: 'A', value: KEY, [OTHER_KEY]: 1 },
      ],
    },
    ingest: {
      port: KEY,
      auth: {
        type: 'oauth',
        clients: [{ id: 'a', secret: [MARKERS.clientSecret] }],
        secret: MARKERS.clientSecret,
      },
    },
    encryption: { keys: [{ id: 'a', key: `${MARKERS.encryptionKey}AAAA` }] },
    didomi: { organization_id: 'acme', api_key: MARKERS.didomiKey, api_secret: { a: MARKERS.didomiSecret } },
  };
  const halfWritten = `{"config": {"api_key": "${KEY}", "properties": [}`;
  const event = JSON.stringify(eventOf(personOf('sent'), { id: `${MARKERS.eventId}@example.com` }));
  await Promise.all([
    line.write('misplaced.json', misplaced),
    line.write('half.json', halfWritten),
    line.write(
      'events.ndjson',
      `${event}\n{"type": "event.created", "${personOf('broken')}\n{"type":"event.created","parameters":{"entity":{"id":"e","created_at":"${MARKERS.refused}"}}}\n`,
    ),
  ]);
  const tls = await commandLine({ ...(await environment(brevo.url.replace('http:', 'https:'))) });
  await tls.write('consent-sync.json', settingsOf(integrationNames(), didomi.url));
  await Promise.all([
    addCommand(evidence, line, 'commands', 'config', 'check', '--config', 'misplaced.json'),
    addCommand(evidence, line, 'commands', 'config', 'check', '--config', 'half.json', '--json'),
    addCommand(evidence, line, 'commands', 'start', '--config', 'misplaced.json'),
    addCommand(evidence, line, 'answers', 'send', 'events.ndjson', '--json', '--wait'),
    addCommand(evidence, line, 'commands', 'failures', 'list', '--limit', MARKERS.refused.slice(0, 4)),
    addCommand(evidence, tls, 'commands', 'doctor', '--json'),
  ]);
}

test('nothing that names a person or opens a door is told but where it has to be', async () => {
  const all = await prepared();
  const { names, env, service, evidence } = all;
  await goThroughTroubles(all);
  await Promise.all([goThroughHeld(all), goThroughMistakes(all)]);
  await goThroughResync(all);
  evidence.add('metrics', 'at the end', await metrics(env.METRICS_PORT ?? ''));
  for (const integration of Object.values(names)) {
    expect(await addTemporal(evidence, temporal, integration)).toBeGreaterThan(0);
  }
  const { code, stdout, stderr } = await service.stop();
  expect(code).toBe(0);
  evidence.add('logs', 'start', stderr);
  evidence.add('announcement', 'start', stdout);

  expect(evidence.leaks()).toEqual([]);
  // They were there to be found.
  expect(evidence.seen()).toMatchObject({
    payloads: [...WORKED_WITH].sort(),
    details: ['mappedValue'],
    stories: ['eventId', 'mappedValue'],
    answers: ['eventId'],
    'identifiers that were asked for': ['email'],
    'answers that name what is wrong': ['email', 'refused'],
  });
});

test('nothing at all is readable in what Temporal holds when it is encrypted', async () => {
  const all = await prepared({ encryption: { keys: [{ id: 'now', key: keyOf(MARKERS.encryptionKey) }] } });
  const { names, service, evidence } = all;
  const [refused, page] = troubledPeople();
  brevo.setFaults(...[refused, page].flatMap((one) => (one ? [one.fault] : [])));
  await service.post([
    eventOf(personOf('well')),
    eventOf(refused?.person ?? ''),
    eventOf(page?.person ?? ''),
  ]);
  await until('all have an outcome', async () => {
    const found = await outcomes(names.mail);
    return found.length === 3 && !found.includes('');
  });
  const encrypted = new Evidence(MARKERS, {});
  expect(await addTemporal(encrypted, temporal, names.mail)).toBe(3);
  const { stdout, stderr } = await service.stop();
  evidence.add('logs', 'start', stdout + stderr);
  expect([...encrypted.leaks(), ...evidence.leaks()]).toEqual([]);
  expect(encrypted.pieces.some(({ text }) => text.includes('binary/encrypted'))).toBe(true);
});

/** 32 bytes, as the configuration has it. */
function keyOf(text: string): string {
  return Buffer.from(text, 'base64').subarray(0, 32).toString('base64');
}
