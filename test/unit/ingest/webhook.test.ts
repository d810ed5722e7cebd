import { request as httpRequest } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { DidomiMessageError, TemporalUnavailableError } from '../../../client';
import { until } from '../../support/until';
import { INTEGRATION, ingestForTests, message } from './support';

const ingest = ingestForTests();

describe('a webhook', () => {
  test('is answered with 202 and what became of its event', async () => {
    const { post, signals } = await ingest();
    const { status, json } = await post(message({}));
    expect(status).toBe(202);
    expect(json).toEqual({
      accepted: 1,
      ignored: 0,
      results: [
        {
          index: 0,
          eventId: 'event-1',
          integration: 'default',
          status: 'accepted',
          workflowId: signals[0]?.workflowId,
        },
      ],
    });
    expect(signals).toHaveLength(1);
  });

  test('may hold several messages, for several integrations: one result each, in their order', async () => {
    const { post } = await ingest({
      config: {
        integrations: {
          shop: INTEGRATION,
          club: {
            config: {
              api_key: 'another',
              properties: [{ id: 'A', value: 'consents_purposes_club_enabled' }],
            },
          },
        },
      },
    });
    const { status, json } = await post([message({ id: 'one' }), message({ id: 'two', purpose: 'club' })]);
    expect(status).toBe(202);
    expect(json).toMatchObject({
      accepted: 2,
      ignored: 2,
      results: [
        { index: 0, eventId: 'one', integration: 'shop', status: 'accepted' },
        { index: 0, eventId: 'one', integration: 'club', status: 'ignored', reason: 'no_mapped_value' },
        { index: 1, eventId: 'two', integration: 'shop', status: 'ignored', reason: 'no_mapped_value' },
        { index: 1, eventId: 'two', integration: 'club', status: 'accepted' },
      ],
    });
  });

  test('that is an empty array holds nothing that could be refused', async () => {
    const { post } = await ingest();
    const { status, json } = await post([]);
    expect(status).toBe(202);
    expect(json).toEqual({ accepted: 0, ignored: 0, results: [] });
  });

  test('may be sent to the address with a slash behind it', async () => {
    const { get } = await ingest();
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(message({}));
    expect((await get('/webhooks/didomi/', { method: 'POST', headers, body })).status).toBe(202);
  });

  test('is not answered before Temporal has stored its event', async () => {
    let stored = () => {};
    const storing = new Promise<void>((resolve) => {
      stored = resolve;
    });
    let submitted = false;
    let answered = false;
    const { post } = await ingest({
      client: {
        submit: async () => {
          submitted = true;
          await storing;
          return [];
        },
      },
    });
    const answer = post(message({})).finally(() => {
      answered = true;
    });
    await until('the event is submitted', () => submitted);
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    stored();
    expect((await answer).status).toBe(202);
  });

  test.each([
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'Application/JSON',
    'application/cloudevents+json',
  ])('may come as %s', async (type) => {
    const { post, signals } = await ingest();
    expect((await post(message({}), { 'content-type': type })).status).toBe(202);
    expect(signals).toHaveLength(1);
  });

  test('may begin with a byte order mark', async () => {
    const { post, signals } = await ingest();
    expect((await post(`\ufeff${JSON.stringify(message({}))}`)).status).toBe(202);
    expect(signals).toHaveLength(1);
  });

  test('may come in chunks, without a length', async () => {
    const { url, signals } = await ingest();
    const text = JSON.stringify(message({ user: 'élodie@example.com' }));
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(
        `${url}/webhooks/didomi`,
        { method: 'POST', headers: { 'content-type': 'application/json' } },
        (response) => resolve(response.resume().statusCode),
      );
      request.once('error', reject);
      for (const byte of Buffer.from(text)) request.write(Buffer.of(byte));
      request.end();
    });
    expect(status).toBe(202);
    expect(signals[0]?.identifier.value).toBe('élodie@example.com');
  });
});

describe('what cannot be taken', () => {
  test('is answered with 503 and when to try again, while Temporal is away', async () => {
    const { post, log } = await ingest({
      client: {
        submit: async () => {
          throw new TemporalUnavailableError('temporal.internal:7233', new Error('it went away'));
        },
      },
    });
    const { status, headers, json, text } = await post(message({}));
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('5');
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(json).toMatchObject({ status: 503, title: 'Temporal is unavailable' });
    expect(text).not.toContain('temporal.internal');
    await until('the reason is logged', () => log.some(({ reason }) => `${reason}`.includes('it went away')));
  });

  test('is answered with 400 that names the field and the message', async () => {
    const { post } = await ingest({
      client: {
        submit: async () => {
          throw new DidomiMessageError('parameters.entity.id', 'is missing', 3);
        },
      },
    });
    expect((await post([])).json).toMatchObject({
      status: 400,
      title: 'Not a Didomi message',
      field: 'parameters.entity.id',
      index: 3,
      detail: 'message 3: parameters.entity.id is missing. Nothing of this request was taken.',
    });
  });

  test('is answered with 500 that tells nothing of an unforeseen error, and neither does the log', async () => {
    const { post, log } = await ingest({
      client: {
        submit: async () => {
          throw new TypeError('cannot read ana@example.com');
        },
      },
    });
    const { status, json, text } = await post(message({}));
    expect(status).toBe(500);
    expect(text).not.toContain('TypeError');
    await until('it is logged', () => log.some(({ error }) => error !== undefined));
    const line = log.find(({ error }) => error !== undefined);
    expect(line).toMatchObject({ level: 50, error: { name: 'TypeError' } });
    expect(json.instance).toBe(`urn:uuid:${line?.requestId}`);
    expect(JSON.stringify(log)).not.toContain('ana@example.com');
  });

  test('is answered with 429 and when to try again, when too many requests are under way', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let submitted = 0;
    const { post } = await ingest({
      client: {
        submit: async () => {
          submitted += 1;
          await held;
          return [];
        },
      },
      limits: { inFlight: { requests: 2, bytes: 1_000_000 } },
    });
    const first = [post(message({})), post(message({}))];
    await until('two requests are under way', () => submitted === 2);
    const third = await post(message({}));
    expect(third.status).toBe(429);
    expect(third.headers.get('retry-after')).toBe('1');
    release();
    for (const one of first) expect((await one).status).toBe(202);
    expect((await post(message({}))).status).toBe(202);
  });

  test('is answered with 429 when the bodies under way would take too much memory, but one alone is taken', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let submitted = 0;
    const { post } = await ingest({
      client: {
        submit: async () => {
          submitted += 1;
          await held;
          return [];
        },
      },
      limits: { inFlight: { requests: 100, bytes: 10 } },
    });
    const first = post(message({}));
    await until('a request is under way', () => submitted === 1);
    expect((await post(message({}))).status).toBe(429);
    release();
    expect((await first).status).toBe(202);
  });
});
