import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import { ConsentSyncClient } from '../../../client';
import { loadConfig } from '../../../config';
import { type IngestServer, startIngest, temporalReadiness } from '../../../ingest';
import { findTemporalBinary } from '../../../temporal/binary';
import { startDevServer } from '../../../temporal/dev-server';
import { ensureNamespace } from '../../../temporal/namespace';
import { registerSearchAttributes, SEARCH_ATTRIBUTES } from '../../../temporal/search-attributes';

const logger = pino({ level: 'silent' });
const config = loadConfig({
  object: {
    config: { api_key: 'k', properties: [{ id: 'NEWS', value: 'consents_purposes_newsletter_enabled' }] },
  },
  env: {},
});

let connection: Connection;
/** Nothing listens there. */
let nowhere: Connection;
const servers: IngestServer[] = [];

beforeAll(async () => {
  connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS ?? '' });
  nowhere = Connection.lazy({ address: '127.0.0.1:1' });
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
afterAll(async () => {
  await connection.close();
  await nowhere.close();
});

async function newNamespace(): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  await ensureNamespace(connection, namespace, { retentionMs: 24 * 60 * 60 * 1000 });
  return namespace;
}

async function ingestInto(to: Connection, namespace: string) {
  const temporal = new Client({ connection: to, namespace });
  const server = await startIngest({
    config,
    client: new ConsentSyncClient(config, 'k'.repeat(32), temporal),
    host: '127.0.0.1',
    port: 0,
    ready: temporalReadiness(to, namespace, logger),
    logger,
  });
  servers.push(server);
  const post = async (body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const url = `${server.url}/webhooks/didomi`;
    return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  const ready = async () => {
    const response = await fetch(`${server.url}/health/ready`);
    const { reasons } = (await response.json()) as { reasons?: string[] };
    return { status: response.status, reasons };
  };
  return { temporal, post, ready };
}

function optOut(id: string): object {
  return {
    type: 'event.created',
    parameters: {
      entity: {
        id,
        created_at: '2026-03-04T09:15:02Z',
        user: { organization_user_id: 'ana@example.com' },
        consents: { purposes: [{ id: 'newsletter', enabled: false }] },
      },
    },
  };
}

test('what is answered with 202 lies in Temporal, with nobody at work yet', async () => {
  const namespace = await newNamespace();
  await registerSearchAttributes(connection, namespace);
  const { temporal, post, ready } = await ingestInto(connection, namespace);
  expect(await ready()).toMatchObject({ status: 200 });
  const response = await post([optOut('one'), optOut('two')]);
  expect(response.status).toBe(202);
  const { results } = (await response.json()) as { results: { workflowId: string }[] };
  expect(new Set(results.map(({ workflowId }) => workflowId)).size).toBe(1);
  const history = await temporal.workflow.getHandle(results[0]?.workflowId ?? '').fetchHistory();
  const signals = history.events?.filter(({ workflowExecutionSignaledEventAttributes: signal }) => signal);
  expect(signals).toHaveLength(2);
});

test('a namespace without the search attributes is not ready, and says what to run', async () => {
  const { ready } = await ingestInto(connection, await newNamespace());
  const { status, reasons } = await ready();
  expect(status).toBe(503);
  expect(reasons?.join()).toMatch(/ConsentSyncIntegration.*consent-sync setup/);
});

test('a namespace that does not exist is not ready', async () => {
  const { ready } = await ingestInto(connection, `none-${randomUUID()}`);
  expect((await ready()).reasons?.join()).toMatch(/NOT_FOUND.*TEMPORAL_NAMESPACE/);
});

/** Of the manifests in ops/kubernetes. */
const PROBE_TIMEOUT_MS = 5_000;

test('a Temporal server that is away is not ready, in time for a probe', async () => {
  const { ready } = await ingestInto(nowhere, 'default');
  const startedAt = performance.now();
  const { status, reasons } = await ready();
  expect(performance.now() - startedAt).toBeLessThan(PROBE_TIMEOUT_MS);
  expect(status).toBe(503);
  expect(reasons?.join()).toMatch(/Temporal cannot be used/);
  expect(reasons?.join()).not.toContain('127.0.0.1');
});

test.each([
  ['that is away', () => nowhere],
  ['without the namespace', () => connection],
])('a webhook for a Temporal server %s is answered with 503 and when to try again', async (_what, to) => {
  const { post } = await ingestInto(to(), `none-${randomUUID()}`);
  const response = await post(optOut('one'));
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('5');
});

test('a Temporal server that takes few calls a second costs 503s that say when to try again, and nothing else', async () => {
  const { path } = await findTemporalBinary({ progress: () => undefined });
  const temporal = await startDevServer({
    binary: path,
    searchAttributes: SEARCH_ATTRIBUTES,
    dynamicConfig: { 'frontend.namespaceRPS': 2, 'frontend.globalNamespaceRPS': 2 },
  });
  const narrow = await Connection.connect({ address: temporal.address });
  try {
    const { post } = await ingestInto(narrow, 'default');
    const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => post(optOut(`one-${index}`))));
    const refused = answers.filter(({ status }) => status !== 202);
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, headers } of refused) {
      expect({ status, after: headers.get('retry-after') }).toEqual({ status: 503, after: '5' });
    }
  } finally {
    for (const server of servers.splice(0)) await server.close();
    await narrow.close();
    await temporal.stop();
  }
});
