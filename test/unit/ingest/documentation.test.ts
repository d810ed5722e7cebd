import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ingestForTests } from './support';

const ingest = ingestForTests();
const documentation = readFileSync(join(__dirname, '../../../docs/http.md'), 'utf8');
const [, request = ''] = /-d '\n(.*?)'\n```/s.exec(documentation) ?? [];
const [answer, problem] = [...documentation.matchAll(/```json\n(.*?)```/gs)].map(([, text]) =>
  JSON.parse(text ?? ''),
);

test('the request of docs/http.md is answered as it says', async () => {
  const { post } = await ingest();
  const { status, json } = await post(request);
  expect(status).toBe(202);
  expect(json).toEqual(answer);
});

test('the error of docs/http.md looks as it says', async () => {
  const { post } = await ingest();
  const { created_at, ...entity } = JSON.parse(request).parameters.entity;
  expect(created_at).toBeDefined();
  const { status, json } = await post([
    JSON.parse(request),
    { type: 'event.created', parameters: { entity } },
  ]);
  expect(status).toBe(400);
  expect(json).toEqual({ ...problem, instance: json.instance });
});
