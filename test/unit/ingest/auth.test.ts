import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../../config';
import { INTEGRATION, ingestForTests, message, raw, TOKEN } from './support';

const ingest = ingestForTests();
const protectedBy = (token: string) => ({
  config: { ...INTEGRATION, ingest: { auth: { type: 'bearer', token } } },
});

describe('a bearer token', () => {
  test.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `BEARER   ${TOKEN}`])(
    'opens the webhook as %s',
    async (authorization) => {
      const { post } = await ingest(protectedBy(TOKEN));
      expect((await post(message({}), { authorization })).status).toBe(202);
    },
  );

  test.each([
    'Bearer',
    'Bearer ',
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer ${TOKEN} ${TOKEN}`,
    `Basic ${TOKEN}`,
    TOKEN,
    `Bearer ${'x'.repeat(8_000)}`,
  ])('is asked for with 401 when the request has %s', async (authorization) => {
    const { post, signals, log } = await ingest(protectedBy(TOKEN));
    const { status, headers, text } = await post(message({}), { authorization });
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(text + JSON.stringify(log)).not.toContain(TOKEN);
    expect(signals).toEqual([]);
  });

  test('is asked for with 401 when there is none', async () => {
    const { post, signals } = await ingest(protectedBy(TOKEN));
    const { status, headers } = await post(message({}));
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="consent-sync"');
    expect(signals).toEqual([]);
  });

  test('is looked at before the body is read, whatever the body is', async () => {
    const { url, post } = await ingest(protectedBy(TOKEN));
    expect((await post('x'.repeat(5_000_000), { 'content-type': 'text/plain' })).status).toBe(401);
    const answer = await raw(
      url,
      'POST /webhooks/didomi HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('is not needed for health', async () => {
    const { get } = await ingest(protectedBy(TOKEN));
    expect((await get('/health/ready')).status).toBe(200);
  });
});

test('without authentication the service refuses to listen for other machines', async () => {
  await expect(ingest({ host: '0.0.0.0' })).rejects.toThrow(ConfigError);
});
