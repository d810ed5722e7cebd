import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../../simulator';
import { until } from '../../support/until';
import { eventCreated, someone } from '../support/harness';
import { commandLines, config, jsonLines, post, sharedTemporal } from './support';

const commandLine = commandLines();
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ requestsPerSecond: 0 });
});
beforeEach(() => simulator.setFaults());
afterAll(() => simulator.close());

/** A command line with a configuration, for the Temporal server and the simulator of the tests. */
async function prepared(env: Readonly<Record<string, string>> = sharedTemporal()) {
  const line = await commandLine({ ...env, BREVO_API_URL: simulator.url });
  await line.write('consent-sync.json', config());
  return line;
}

async function started(line: Awaited<ReturnType<typeof prepared>>, command = 'start') {
  const process = line.start(command, '--json');
  const [announced] = await process.printed(/^\{.*\}$/m);
  return { ...process, about: JSON.parse(announced) as { webhookUrl: string; temporalUiUrl?: string } };
}

describe('start', () => {
  test('takes a webhook, brings it to Brevo, tells the story, and ends with exit code 0 on SIGTERM', async () => {
    const line = await prepared();
    const { child, about, ended, stderr } = await started(line);
    const email = someone();
    const id = randomUUID();
    expect(await post(about.webhookUrl, eventCreated(email, false, { id }))).toMatchObject({
      status: 202,
      body: { accepted: 1, ignored: 0 },
    });
    await until('the contact is in Brevo', () => simulator.contact({ email })?.emailBlacklisted === true);

    const trace = await line.run('trace', email, '--json');
    expect(trace.code).toBe(0);
    const story = JSON.parse(trace.stdout);
    expect(story).toMatchObject({
      integration: 'default',
      outcome: 'created',
      inForce: expect.arrayContaining([
        expect.objectContaining({ id: 'OPT_EMAIL', value: false, eventId: id }),
      ]),
      events: [expect.objectContaining({ eventId: id, type: 'event.created' })],
      calls: expect.arrayContaining([expect.objectContaining({ activity: 'createContact' })]),
    });
    for (const other of [id, story.workflowId]) {
      expect(await line.run('trace', other)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('created'),
      });
    }
    const lines = () => jsonLines(stderr());
    await until('the outcome is logged', () => lines().some(({ msg }) => msg === 'outcome'));
    expect(lines().filter(({ msg }) => msg === 'outcome')).toEqual([
      expect.objectContaining({
        level: 'info',
        integration: 'default',
        workflowId: story.workflowId,
        outcome: 'created',
        eventIds: [id],
        calls: 2,
        lagMs: expect.any(Number),
      }),
    ]);
    expect(lines().find(({ msg }) => msg === 'request answered')).toMatchObject({
      eventIds: [id],
      workflowIds: [story.workflowId],
    });
    child.kill('SIGUSR2');
    await until('the level is raised', () => lines().some(({ logLevel }) => logLevel === 'debug'));
    expect(stderr()).not.toContain(email);
    expect(stderr()).not.toContain('xkeysib-test');

    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });

  test('brings its own Temporal when none is named, and other commands find it', async () => {
    const line = await prepared({});
    const first = await started(line);
    expect((await fetch(first.about.temporalUiUrl ?? '')).status).toBe(200);
    const email = someone();
    await line.write('events.json', eventCreated(email, true));
    expect(await line.run('send', 'events.json', '--wait')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('created'),
    });
    const trace = await line.run('trace', email);
    expect(trace.stdout).toContain(`${first.about.temporalUiUrl}/namespaces/default/workflows/`);
    const second = await line.run('start');
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Another "consent-sync start" runs'),
    });

    const record = join(line.folder, 'data', 'embedded.json');
    const { pid } = JSON.parse(await readFile(record, 'utf8'));
    first.child.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0 });
    expect(() => process.kill(pid, 0)).toThrow();
    await expect(readFile(record)).rejects.toThrow('ENOENT');

    const again = await started(line);
    expect(await line.run('trace', email)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('created'),
    });
    again.child.kill('SIGINT');
    expect(await again.ended).toMatchObject({ code: 0 });
  }, 120_000);

  test('starts its Temporal again when that dies, at the same address, with nothing lost', async () => {
    const line = await prepared({});
    const { about, child, ended } = await started(line);
    const record = async () => JSON.parse(await readFile(join(line.folder, 'data', 'embedded.json'), 'utf8'));
    const before = await record();
    const email = someone();
    expect((await post(about.webhookUrl, eventCreated(email, true))).status).toBe(202);
    process.kill(before.pid, 'SIGKILL');
    await until('another server runs', async () => (await record()).pid !== before.pid, 30_000);
    expect((await record()).address).toBe(before.address);
    await until('webhooks are taken again', async () => {
      const { status } = await post(about.webhookUrl, eventCreated(email, false));
      return status === 202;
    });
    await until(
      'both events are in Brevo',
      () => simulator.contact({ email })?.emailBlacklisted === true,
      30_000,
    );
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  }, 120_000);

  test('waits for a Temporal that is not there: not ready, 503, and still ends with exit code 0', async () => {
    const line = await prepared({ ...sharedTemporal(), TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const { about, child, ended } = await started(line);
    const ready = await fetch(new URL('/health/ready', about.webhookUrl));
    expect(ready.status).toBe(503);
    expect((await fetch(new URL('/health/live', about.webhookUrl))).status).toBe(200);
    expect(await post(about.webhookUrl, eventCreated(someone(), true))).toMatchObject({ status: 503 });
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Temporal cannot be used'),
    });
  });

  test('starts when Brevo is not there, says so, and catches up', async () => {
    simulator.setFaults({ kind: 'status', status: 503 });
    const line = await prepared();
    const { about, child, ended, stderr } = await started(line);
    const email = someone();
    expect((await post(about.webhookUrl, eventCreated(email, true))).status).toBe(202);
    await until('it says so', () => /Brevo does not serve this account now/.test(stderr()));
    simulator.setFaults();
    await until('it catches up', () => simulator.contact({ email }) !== undefined);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });

  test('says that its port is taken', async () => {
    const line = await commandLine({
      ...sharedTemporal(),
      BREVO_API_URL: simulator.url,
      PORT: new URL(simulator.url).port,
    });
    await line.write('consent-sync.json', config());
    const { code, stderr } = await line.run('start');
    expect(code).toBe(2);
    expect(stderr).toMatch(/another process listens there already/);
  });
});

describe('the two halves', () => {
  test('work apart, and a worker killed in the middle of a write leaves the right state behind after its restart', async () => {
    const line = await prepared();
    const ingest = await started(line, 'ingest');
    const first = await started(line, 'worker');
    const email = someone();
    simulator.setFaults({
      kind: 'latency',
      ms: 60_000,
      phase: 'after',
      times: 1,
      match: { route: 'createContact' },
    });
    const calls = simulator.calls().length;
    expect((await post(ingest.about.webhookUrl, eventCreated(email, false))).status).toBe(202);
    const isWriting = () =>
      simulator
        .calls()
        .slice(calls)
        .some(({ operation }) => operation === 'createContact');
    await until('Brevo is written to', isWriting);
    first.child.kill('SIGKILL');
    await first.ended;

    const second = await started(line, 'worker');
    await until(
      'the contact is settled',
      async () => {
        const { stdout } = await line.run('trace', email, '--json');
        return JSON.parse(stdout).events.every(({ outcome }: { outcome?: string }) => outcome !== undefined);
      },
      90_000,
    );
    expect(simulator.contact({ email })).toMatchObject({
      emailBlacklisted: true,
      listIds: [7],
      attributes: { OPT_EMAIL: false },
    });
    for (const { child, ended } of [ingest, second]) {
      child.kill('SIGTERM');
      expect(await ended).toMatchObject({ code: 0 });
    }
  }, 150_000);
});

describe('send', () => {
  test('--wait --json prints the outcome of each event, a line each', async () => {
    const line = await prepared();
    const { child, ended } = await started(line, 'worker');
    const [ana, ben] = [someone(), someone()];
    const events = [
      eventCreated(ana, true, { id: 'a-1', at: '2026-03-04T09:00:00Z' }),
      eventCreated(ana, false, { id: 'a-2', at: '2026-03-05T09:00:00Z' }),
      eventCreated(ben, true, { id: 'b-1' }),
      eventCreated('', true, { id: 'c-1' }),
    ];
    await line.write('array.json', JSON.stringify(events.slice(0, 1), null, 2));
    await line.write(
      'lines.ndjson.gz',
      gzipSync(
        events
          .slice(1, 3)
          .map((one) => JSON.stringify(one))
          .join('\n'),
      ),
    );
    await line.write('one.json', JSON.stringify(events[3]));
    const { code, stdout, stderr } = await line.run(
      'send',
      'array.json',
      'lines.ndjson.gz',
      'one.json',
      '--wait',
      '--json',
    );
    expect(stderr).toContain('3 accepted, 1 ignored');
    expect(code).toBe(0);
    const results = new Map(jsonLines(stdout).map((result) => [result.eventId, result]));
    expect(results.get('a-1')).toEqual({
      eventId: 'a-1',
      integration: 'default',
      workflowId: expect.stringMatching(/^consent-sync\/default\/[0-9a-f]{64}$/),
      status: 'accepted',
      outcome: 'created',
    });
    expect(results.get('a-2')).toMatchObject({ outcome: 'updated' });
    expect(results.get('b-1')).toMatchObject({ outcome: 'created' });
    expect(results.get('c-1')).toEqual({
      eventId: 'c-1',
      integration: 'default',
      workflowId: null,
      status: 'ignored',
      reason: 'no_organization_user_id',
    });
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });

  test('reads standard input, names what is broken by file and line, and sends the rest', async () => {
    const line = await prepared();
    const good = JSON.stringify(eventCreated(someone(), true, { id: 'good' }));
    const { code, stdout, stderr } = await line.pipe(
      `${good}\n{"type":"event.created"}\nnot json\n${good}\n`,
      'send',
      '-',
    );
    expect(code).toBe(1);
    expect(stdout.match(/accepted/g)).toHaveLength(2);
    expect(stderr).toContain('standard input:2: parameters.entity is missing');
    expect(stderr).toMatch(/standard input:3: it is not JSON/);
    expect(stderr).toContain('2 accepted, 0 ignored, 2 broken');
  });
});

describe('trace', () => {
  test('of somebody whom nobody knows exits with 1', async () => {
    const line = await prepared();
    const { code, stdout, stderr } = await line.run('trace', someone(), '--json');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('No contact is known by this id');
  });

  test('without a worker tells what is known, and that it is not everything', async () => {
    const line = await prepared();
    const email = someone();
    await line.pipe(JSON.stringify(eventCreated(email, true)), 'send', '-');
    const { code, stdout } = await line.run('trace', email);
    expect(code).toBe(0);
    expect(stdout).toContain('Incomplete: no worker answered');
  });
});
