import { expect, test } from '@jest/globals';
import { until } from '../../support/until';
import { INTEGRATION, type Ingest, ingestForTests, message, TOKEN } from './support';

const ingest = ingestForTests();

async function lineOf({ log }: Ingest): Promise<Record<string, unknown>> {
  const line = () => log.find(({ requestId }) => requestId !== undefined);
  await until('the request is logged', () => line() !== undefined);
  return line() ?? {};
}

test('a request has one line: what it was, and what became of its events', async () => {
  const running = await ingest();
  await running.get('/webhooks/didomi?user=ana@example.com', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([
      message({ id: 'one' }),
      message({ id: 'two', purpose: 'other' }),
      message({ id: 'ben@example.com', purpose: 'other' }),
      message({ id: 'four', user: null }),
    ]),
  });
  const line = await lineOf(running);
  expect(line).toMatchObject({
    level: 30,
    method: 'POST',
    route: '/webhooks/didomi',
    status: 202,
    ms: expect.any(Number),
    accepted: 1,
    ignored: 3,
    eventIds: ['one'],
    workflowIds: [expect.stringContaining('consent-sync/default/')],
    ignoredBecause: [
      { integration: 'default', what: 'no_mapped_value', count: 2, eventIds: ['two'] },
      { integration: 'default', what: 'no_organization_user_id', count: 1, eventIds: ['four'] },
    ],
  });
  expect(running.log.filter(({ requestId }) => requestId !== undefined)).toHaveLength(1);
  expect(JSON.stringify(running.log)).not.toContain('@example.com');
});

test("a deletion that only Didomi's API can explain is ignored, and answer and log say which setting is missing", async () => {
  const running = await ingest();
  const { json } = await running.post({ type: 'event.deleted', parameters: { entity: { id: 'one' } } });
  const fix = expect.stringContaining('`didomi`');
  expect(json).toMatchObject({ ignored: 1, results: [{ reason: 'needs_didomi_api', fix }] });
  const group = { what: 'needs_didomi_api', count: 1, eventIds: ['one'], fix };
  expect(await lineOf(running)).toMatchObject({ ignored: 1, ignoredBecause: [group] });
});

test('a path that a message answers in two ways is a warning, though the rest of it is taken', async () => {
  const running = await ingest({
    config: {
      config: {
        api_key: 'key-of-brevo',
        properties: [
          { id: 'A', value: 'consents_purposes_a_preferences_b_enabled' },
          { id: 'B', value: 'consents_purposes_newsletter_enabled' },
        ],
      },
    },
  });
  const purposes = [
    { id: 'newsletter', enabled: false },
    { id: 'a_preferences_b', enabled: true },
    { id: 'a', preferences: [{ id: 'b', enabled: false }] },
  ];
  const { json } = await running.post(message({ entity: { consents: { purposes } } }));
  const path = 'consents_purposes_a_preferences_b_enabled';
  expect(json).toMatchObject({ accepted: 1, results: [{ ambiguous: [path] }] });
  expect(await lineOf(running)).toMatchObject({
    level: 40,
    ambiguous: [{ integration: 'default', what: path, count: 1, eventIds: ['event-1'] }],
  });
});

test('a refused message is a warning that names the field, and the request as its answer does', async () => {
  const running = await ingest();
  const { json } = await running.post([message({}), message({ entity: { created_at: 'ana@example.com' } })]);
  const line = await lineOf(running);
  expect(line).toMatchObject({ level: 40, status: 400, field: 'parameters.entity.created_at', index: 1 });
  expect(json.instance).toBe(`urn:uuid:${line.requestId}`);
  expect(JSON.stringify(running.log)).not.toContain('ana@');
});

test('probes are not worth a line above debug', async () => {
  const running = await ingest();
  await running.get('/health/live');
  expect(await lineOf(running)).toMatchObject({ level: 20, route: '/health/live', status: 200 });
});

test('headers, tokens and paths that are no route stay out of the log', async () => {
  const running = await ingest({
    config: { ...INTEGRATION, ingest: { auth: { type: 'bearer', token: TOKEN } } },
  });
  await running.get('/ana@example.com', { headers: { authorization: `Bearer ${TOKEN}`, cookie: 'crumbs' } });
  await running.post(message({}), { authorization: `Bearer ${TOKEN}` });
  await running.post(message({}), { authorization: 'Bearer another-token' });
  await until(
    'all are logged',
    () => running.log.filter(({ requestId }) => requestId !== undefined).length === 3,
  );
  expect(JSON.stringify(running.log)).not.toMatch(/ana@example|crumbs|token-that|another-token/);
});

test('totals tell how many events were accepted, and ignored for which reason', async () => {
  const { post, server, log } = await ingest();
  await post([message({}), message({}), message({ purpose: 'other' }), message({ user: null })]);
  await post(message({ purpose: 'other' }));
  const totals = { default: { accepted: 2, ignored: { no_mapped_value: 2, no_organization_user_id: 1 } } };
  expect(server.totals()).toEqual(totals);
  await server.close();
  expect(log.at(-1)).toMatchObject({ msg: 'ingestion ended', totals });
});
