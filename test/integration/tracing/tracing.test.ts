import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../../simulator';
import { type Collector, startCollector } from '../../support/collector';
import { until } from '../../support/until';
import { commandLines, config, sharedTemporal } from '../cli/support';
import { eventCreated, someone } from '../support/harness';

const commandLine = commandLines();
let simulator: Simulator;
let collector: Collector;
beforeAll(async () => {
  simulator = await startSimulator({ requestsPerSecond: 0 });
  collector = await startCollector();
});
afterAll(async () => {
  await simulator.close();
  await collector.close();
});

const newTrace = () => randomBytes(16).toString('hex');

test("each event has one trace from the webhook to the calls that Brevo got for it, and it tells nobody's name", async () => {
  const line = await commandLine({
    ...sharedTemporal(),
    BREVO_API_URL: simulator.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  });
  // Headers are not encrypted, and must be understood all the same.
  const encryption = { keys: [{ id: 'test', key: randomBytes(32).toString('base64') }] };
  await line.write('consent-sync.json', { ...config(), encryption });
  const { child, ended, printed, stderr } = line.start('start', '--json');
  const [announced] = await printed(/^\{.*\}$/m);
  const { webhookUrl } = JSON.parse(announced) as { webhookUrl: string };
  const email = someone();
  const post = (traceId: string, body: unknown) =>
    fetch(webhookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
      body: JSON.stringify(body),
    });

  const [first, second] = [newTrace(), newTrace()];
  const chainOf = (traceId: string) => {
    const spans = collector.spans().filter((span) => span.traceId === traceId);
    const of = (name: string) => spans.find((span) => span.name === name);
    return { of, names: spans.map(({ name }) => name), spans };
  };
  expect((await post(first, eventCreated(email, true))).status).toBe(202);
  await until('the first event is told whole', () => chainOf(first).of('consentSync') !== undefined);
  // The contact's workflow is open already, and yet this is another event's trace.
  expect((await post(second, eventCreated(email, false))).status).toBe(202);
  await until('the second event is told whole', () => chainOf(second).of('consentSync') !== undefined);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0 });

  for (const [traceId, activity, call] of [
    [first, 'createContact', 'POST /contacts'],
    [second, 'updateContact', 'PUT /contacts/{identifier}'],
  ] as const) {
    const { of, names, spans } = chainOf(traceId);
    expect(names).toEqual(
      expect.arrayContaining([
        'POST /webhooks/didomi',
        'signalWithStart consentSync',
        'consentSync',
        activity,
        call,
      ]),
    );
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const way: string[] = [];
    for (let span = of(call); span; span = byId.get(span.parentSpanId)) way.push(span.name);
    expect(way).toEqual([
      call,
      activity,
      'consentSync',
      'signalWithStart consentSync',
      'POST /webhooks/didomi',
    ]);
    expect(of('POST /webhooks/didomi')?.parentSpanId).toBe('00f067aa0ba902b7');
    expect(of(call)?.attributes).toMatchObject({ 'url.template': call.slice(call.indexOf('/')) });
    expect(of('consentSync')?.attributes).toMatchObject({ 'consent_sync.integration': 'default' });
  }
  expect(chainOf(second).names).not.toContain('createContact');
  expect(collector.received()).not.toMatch(/@|%40|xkeysib/);
  expect(stderr()).toContain('traces are sent');
});
