import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { ensureNamespace } from '../../../temporal/namespace';
import {
  missingSearchAttributes,
  registerSearchAttributes,
  SEARCH_ATTRIBUTES,
} from '../../../temporal/search-attributes';
import { until } from '../../support/until';

const RETENTION_MS = 24 * 60 * 60 * 1000;

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS ?? '' });
});
afterAll(() => connection.close());

async function newNamespace(): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  await ensureNamespace(connection, namespace, { retentionMs: RETENTION_MS });
  return namespace;
}

test('a namespace is created once, with its retention, and can be used at once', async () => {
  const namespace = `test-${randomUUID()}`;
  expect(await ensureNamespace(connection, namespace, { retentionMs: RETENTION_MS })).toBe('created');
  expect(await ensureNamespace(connection, namespace, { retentionMs: RETENTION_MS })).toBe('existed');
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(86_400);
  await new Client({ connection, namespace }).workflow.start('aWorkflow', {
    workflowId: 'one',
    taskQueue: 'nobody',
  });
});

test('a new namespace lacks our search attributes; registering them twice is harmless', async () => {
  const namespace = await newNamespace();
  expect(await missingSearchAttributes(connection, namespace)).toEqual(SEARCH_ATTRIBUTES);
  expect(await registerSearchAttributes(connection, namespace)).toEqual(Object.keys(SEARCH_ATTRIBUTES));
  expect(await missingSearchAttributes(connection, namespace)).toEqual({});
  expect(await registerSearchAttributes(connection, namespace)).toEqual([]);
});

test('several processes may register them at the same time', async () => {
  const namespace = await newNamespace();
  await Promise.all([1, 2, 3].map(() => registerSearchAttributes(connection, namespace)));
  expect(await missingSearchAttributes(connection, namespace)).toEqual({});
});

test('what is registered can be set at once, and found', async () => {
  const namespace = await newNamespace();
  await registerSearchAttributes(connection, namespace);
  const { workflow } = new Client({ connection, namespace });
  await workflow.start('aWorkflow', {
    workflowId: randomUUID(),
    taskQueue: 'nobody',
    searchAttributes: { ConsentSyncOutcome: ['held'], ConsentEventIds: ['event-1', 'event-2'] },
  });
  await until(
    'the workflow is found',
    async () => (await workflow.count("ConsentEventIds = 'event-2'")).count === 1,
  );
});

test('one that exists with another type is an error that names it and both types', async () => {
  const namespace = await newNamespace();
  await registerSearchAttributes(connection, namespace, { ConsentSyncOutcome: 'KeywordList' });
  const expected =
    /ConsentSyncOutcome in the namespace "test-.*" is of type KeywordList, and Keyword is needed/;
  await expect(missingSearchAttributes(connection, namespace)).rejects.toThrow(expected);
  await expect(registerSearchAttributes(connection, namespace)).rejects.toThrow(expected);
});

test('a namespace that does not exist is an error, not a namespace without attributes', async () => {
  await expect(missingSearchAttributes(connection, `none-${randomUUID()}`)).rejects.toThrow(/not found/i);
});
