import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../../simulator';
import { until } from '../../support/until';
import { eventCreated, inSeconds, someone } from '../support/harness';
import { commandLines, config, post, sharedTemporal } from './support';

// An account that Brevo refuses is tried every ten seconds.
jest.setTimeout(120_000);

const commandLine = commandLines();
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ requestsPerSecond: 0 });
});
beforeEach(() => simulator.setFaults());
afterAll(() => simulator.close());

async function prepared() {
  const line = await commandLine({
    ...sharedTemporal(),
    BREVO_API_URL: simulator.url,
    METRICS_PORT: '0',
    METRICS_HOST: '127.0.0.1',
  });
  await line.write('consent-sync.json', config());
  const started = async (command: string) => {
    const process = line.start(command, '--json');
    const [announced] = await process.printed(/^\{.*\}$/m);
    const { webhookUrl = '', metricsUrl } = JSON.parse(announced) as Record<string, string>;
    const scrape = async () => (await fetch(metricsUrl ?? 'none')).text();
    /** Of a series, by how its line begins. */
    const value = async (series: string) => {
      const line = (await scrape()).split('\n').find((one) => one.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length));
    };
    const reaches = (series: string, expected: number) =>
      until(`${series} is ${expected}`, async () => (await value(series)) === expected, 60_000);
    return { ...process, webhookUrl, metricsUrl, scrape, value, reaches };
  };
  return { line, started };
}

const outcomes = (outcome: string) =>
  `consent_sync_outcomes_total{integration="default",outcome="${outcome}"}`;
const HELD = 'consent_sync_account_held{integration="default",reason="key"}';
const LAG = 'consent_sync_consent_lag_seconds';
const WITHDRAWAL = '{integration="default",choice="withdrawal"}';

describe('with METRICS_PORT', () => {
  test('start tells of an event from the webhook to Brevo, and of an account while it is held', async () => {
    const { started } = await prepared();
    const { child, ended, webhookUrl, scrape, value, reaches } = await started('start');
    const [ana, ben] = [someone(), someone()];
    expect(await value(outcomes('created'))).toBe(0);
    expect((await post(webhookUrl, eventCreated(ana, false, { at: inSeconds(-5) }))).status).toBe(202);
    await reaches(outcomes('created'), 1);
    expect(await value(`${LAG}_count${WITHDRAWAL}`)).toBe(1);
    expect(await value(`${LAG}_sum${WITHDRAWAL}`)).toBeGreaterThanOrEqual(5);
    expect(await value('consent_sync_webhook_requests_total{status="202"}')).toBe(1);
    expect(
      await value(
        'consent_sync_brevo_calls_total{integration="default",operation="POST /contacts",status="201"}',
      ),
    ).toBe(1);
    await reaches('consent_sync_temporal_reachable', 1);
    expect(await value(HELD)).toBe(0);

    // Counted, although its answer has the status of a success.
    simulator.setFaults({ kind: 'errorInOk', times: 1 });
    await post(webhookUrl, eventCreated(someone(), false));
    await reaches('consent_sync_failed_attempts_total{integration="default",stage="early"}', 1);
    await reaches(outcomes('created'), 2);

    simulator.setFaults({ kind: 'status', status: 401 });
    await post(webhookUrl, eventCreated(ben, false));
    await reaches(HELD, 1);
    await reaches(outcomes('held'), 1);
    expect(await value(`${LAG}_count${WITHDRAWAL}`)).toBe(2);
    simulator.setFaults();
    await reaches(HELD, 0);
    await reaches(outcomes('created'), 3);
    expect(await value(`${LAG}_count${WITHDRAWAL}`)).toBe(3);

    const text = await scrape();
    expect(text).toMatch(/^temporal_request_latency_seconds_bucket\{/m);
    expect(text).toMatch(/^temporal_workflow_task_queue_poll_succeed_total\{/m);
    for (const person of [ana, ben, 'xkeysib-test']) expect(text).not.toContain(person);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });

  test('ingestion tells that nobody works, and a worker tells what ingestion cannot', async () => {
    const { started } = await prepared();
    const ingestion = await started('ingest');
    const polled = /^consent_sync_task_queue_pollers\{queue="[^"]*",kind="\w+"\} (\d+)$/gm;
    const pollers = async () => [...(await ingestion.scrape()).matchAll(polled)].map(([, count]) => count);
    await until('the queues are looked at', async () => (await pollers()).length === 4, 30_000);
    expect(await pollers()).toEqual(['0', '0', '0', '0']);
    expect(await ingestion.scrape()).not.toMatch(/consent_sync_outcomes_total|^temporal_/m);
    const working = await started('worker');
    await working.reaches('consent_sync_contacts_waiting{integration="default",outcome="held"}', 0);
    expect(await working.scrape()).not.toContain('consent_sync_webhook_requests_total');
  });

  test('a port that is taken ends the command with exit code 2 and names the variable', async () => {
    const { started } = await prepared();
    const { metricsUrl = '' } = await started('ingest');
    const other = await commandLine({ ...sharedTemporal(), METRICS_PORT: new URL(metricsUrl).port });
    await other.write('consent-sync.json', config());
    expect(await other.run('worker')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/METRICS_PORT: cannot listen.*METRICS_HOST/s),
    });
  });
});
