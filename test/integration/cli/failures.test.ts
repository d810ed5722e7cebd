import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../../simulator';
import { until } from '../../support/until';
import { eventCreated, NEWSLETTER, someone } from '../support/harness';
import { commandLines, config, jsonLines, sharedTemporal } from './support';

const commandLine = commandLines();
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ requestsPerSecond: 0, apiKey: 'the-right-key' });
});
beforeEach(() => simulator.setFaults());
afterAll(() => simulator.close());

const FLAG = { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER };
const SECRETS = /the-right-key|a-wrong-key|example\.com/;

/** One integration whose key is wrong, and one with a value that Brevo does not know. */
async function prepared() {
  const { temporal } = config() as { temporal: object };
  const line = await commandLine({ ...sharedTemporal(), BREVO_API_URL: simulator.url });
  // Once mended, both are of one account, where no two may map the same attribute.
  const settings = (clubsKey: string) => ({
    integrations: {
      club: {
        upsert_mode: true,
        config: { api_key: clubsKey, properties: [{ id: 'OPT_EMAIL', value: NEWSLETTER }] },
      },
      shop: {
        upsert_mode: true,
        config: {
          api_key: 'the-right-key',
          properties: [{ id: 'NO_SUCH_ATTRIBUTE', value: NEWSLETTER }, FLAG],
        },
      },
    },
    temporal,
  });
  await line.write('consent-sync.json', settings('a-wrong-key'));
  const worker = async () => {
    const running = line.start('worker', '--json');
    await running.printed(/^\{.*\}$/m);
    return running;
  };
  return { line, worker, mend: () => line.write('consent-sync.json', settings('the-right-key')) };
}

describe('failures', () => {
  test('are listed with what to do, shown one by one, and tried again', async () => {
    const { line, worker, mend } = await prepared();
    expect(await line.run('failures', 'list', '--exit-code')).toMatchObject({
      code: 0,
      stdout: 'Nothing is held or rejected.\n',
    });
    const [first, second] = [await worker(), await worker()];
    const persons = [someone(), someone(), someone()];
    await line.write(
      'events.json',
      persons.map((person) => eventCreated(person, false)),
    );
    expect(await line.run('send', 'events.json', '--wait')).toMatchObject({ code: 0 });
    await until('all are listed', async () => {
      const { stdout } = await line.run('failures', 'list', '--count', '--json');
      const counts = jsonLines(stdout);
      return JSON.stringify(counts) === COUNTS;
    });

    const { stdout } = await line.run('failures', 'list', '--json');
    const listed = jsonLines(stdout).sort((a, b) => String(a.outcome).localeCompare(String(b.outcome)));
    expect(listed).toHaveLength(6);
    expect(listed[0]).toMatchObject({
      integration: 'club',
      workflowId: expect.stringMatching(/^consent-sync\/club\//),
      outcome: 'held',
      status: 401,
      code: 'unauthorized',
      message: expect.stringContaining('put a valid one in the configuration'),
      requestId: expect.any(String),
      since: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(listed[5]).toMatchObject({
      integration: 'shop',
      outcome: 'rejected',
      message: expect.stringContaining('does not exist'),
      values: [{ id: 'NO_SUCH_ATTRIBUTE', status: null }],
    });
    expect(stdout).not.toMatch(SECRETS);

    const table = await line.run('failures', 'list', '--exit-code');
    expect(table).toMatchObject({ code: 1 });
    expect(table.stdout).toMatch(/^Held club: 3 contacts wait/);
    expect(table.stdout).toContain('NO_SUCH_ATTRIBUTE');
    expect(table.stdout).not.toMatch(SECRETS);

    const shown = await line.run('failures', 'show', persons[0] ?? '');
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.stdout).toMatch(/Waiting for Brevo[\s\S]*status: 401[\s\S]*code: unauthorized/);
    expect(shown.stdout).toMatch(/Refused: NO_SUCH_ATTRIBUTE = false[\s\S]*failures retry/);
    expect(await line.run('failures', 'show', 'nobody')).toMatchObject({ code: 1 });

    // The log told it once, with everything that Brevo's support asks for.
    const told = jsonLines(first.stderr()).filter(({ msg }) => /refuses this account/.test(String(msg)));
    expect(told).toMatchObject([
      { level: 'error', integrations: ['club'], refused: 'key', status: 401, code: 'unauthorized' },
    ]);

    expect(await line.run('failures', 'retry')).toMatchObject({ code: 2 });
    expect(await line.run('failures', 'retry', 'nobody')).toMatchObject({ code: 1 });
    // The two workers keep ten seconds between their tries together, after the call that told each of them.
    const refused = simulator.calls().flatMap(({ status, at }) => (status === 401 ? [Date.parse(at)] : []));
    for (const [index, at] of refused.entries()) {
      if (index > 2) expect(at - (refused[index - 1] ?? 0)).toBeGreaterThanOrEqual(9_900);
    }

    await mend();
    await simulatorLearns('NO_SUCH_ATTRIBUTE');
    for (const { child } of [first, second]) child.kill('SIGTERM');
    await Promise.all([first.ended, second.ended]);
    await worker();
    const retried = await line.run('failures', 'retry', '--all', '--integration', 'shop', '--json');
    expect(jsonLines(retried.stdout)).toHaveLength(3);
    await until(
      'nothing is left',
      async () => (await line.run('failures', 'list')).stdout === 'Nothing is held or rejected.\n',
      60_000,
    );
    expect(await line.run('failures', 'retry', '--all')).toMatchObject({ code: 1 });
  }, 240_000);

  test('are listed without their reasons, and say so, when no worker runs', async () => {
    const { line, worker } = await prepared();
    const running = await worker();
    await line.write('events.json', [eventCreated(someone(), false)]);
    await line.run('send', 'events.json', '--wait');
    running.child.kill('SIGKILL');
    await running.ended;
    await until('both are listed', async () => {
      const { stdout } = await line.run('failures', 'list', '--count', '--json');
      return jsonLines(stdout).every(({ held, rejected }) => Number(held) + Number(rejected) === 1);
    });
    const { stdout, code } = await line.run('failures', 'list', '--json');
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toHaveLength(2);
    for (const one of jsonLines(stdout)) {
      expect(one).toMatchObject({ message: null, incomplete: expect.stringContaining('no worker') });
    }
  }, 120_000);
});

const COUNTS = JSON.stringify([
  { integration: 'club', held: 3, rejected: 0 },
  { integration: 'shop', held: 0, rejected: 3 },
]);

async function simulatorLearns(attribute: string): Promise<void> {
  const response = await fetch(`${simulator.url}/contacts/attributes/normal/${attribute}`, {
    method: 'POST',
    headers: { 'api-key': 'the-right-key', 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'boolean' }),
  });
  expect(response.status).toBe(201);
}
