import { describe, expect, test } from '@jest/globals';
import { until } from '../../support/until';
import { ask, CLIENT, FORM, inBody, issuingTo } from './oauth-support';
import { INTEGRATION, ingestForTests, message, raw, TOKEN } from './support';

const ingest = ingestForTests();
const only = (allowed_ips: string[], rest: object = {}) => ({
  config: { ...INTEGRATION, ingest: { allowed_ips, ...rest } },
});
const ELSEWHERE = '35.159.1.63';

describe('an address that is not allowed', () => {
  test('is refused with 403 before a token is looked at or a body is read', async () => {
    const { url, post, signals, server } = await ingest(
      only([ELSEWHERE], { auth: { type: 'bearer', token: TOKEN } }),
    );
    const { status, headers, json, text } = await post(message({}));
    expect(status).toBe(403);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(json).toMatchObject({ title: 'Forbidden', status: 403 });
    expect(text).not.toContain('127.0.0');
    const head = `POST /webhooks/didomi HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n`;
    expect(await raw(url, head)).toMatch(/^HTTP\/1\.1 403 /);
    expect(signals).toEqual([]);
    expect(server.refusals()).toEqual({ address_not_allowed: 2 });
  });

  test('gets no token either', async () => {
    const running = await ingest(issuingTo([CLIENT], { allowed_ips: [ELSEWHERE] }));
    expect((await ask(running, inBody(CLIENT))).status).toBe(403);
    const head = `POST /oauth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${FORM}\r\n`;
    expect(await raw(running.url, `${head}Content-Length: 1000\r\n\r\n`)).toMatch(/^HTTP\/1\.1 403 /);
  });

  test('may ask for health', async () => {
    const { get } = await ingest(only([ELSEWHERE]));
    expect((await get('/health/live')).status).toBe(200);
    expect((await get('/health/ready')).status).toBe(200);
  });

  test('is logged by its network only', async () => {
    const { post, log } = await ingest(only([ELSEWHERE], { trusted_proxies: ['127.0.0.1'] }));
    for (const from of ['203.0.113.77', '2001:db8:1:2:3::77', 'ana@example.com']) {
      expect((await post(message({}), { 'x-forwarded-for': from })).status).toBe(403);
    }
    await until('all are logged', () => log.filter(({ status }) => status === 403).length === 3);
    expect(log.map(({ network }) => network).filter((network) => network !== undefined)).toEqual([
      '203.0.113.0/24',
      '2001:db8:1::/48',
      'unknown',
    ]);
    expect(JSON.stringify(log)).not.toMatch(/113\.77|::77|ana@/);
  });
});

describe('an address that is allowed', () => {
  test.each([['127.0.0.1'], ['127.0.0.0/8'], ['::ffff:127.0.0.1'], [ELSEWHERE, '127.0.0.1/32']])(
    'is taken: %s',
    async (...allowed) => {
      const { post } = await ingest(only(allowed));
      expect((await post(message({}))).status).toBe(202);
    },
  );

  test('is taken over IPv6, and an IPv4 address on a socket for both counts as IPv4', async () => {
    const six = await ingest({ ...only(['::1']), host: '::1' });
    expect((await six.post(message({}))).status).toBe(202);
    const both = await ingest({
      ...only(['127.0.0.1'], { auth: { type: 'bearer', token: TOKEN } }),
      host: '::',
    });
    const { port } = new URL(both.url);
    const response = await fetch(`http://127.0.0.1:${port}/webhooks/didomi`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(message({})),
    });
    expect(response.status).toBe(202);
    expect((await both.post(message({}), { authorization: `Bearer ${TOKEN}` })).status).toBe(403);
  });
});

describe('behind a proxy', () => {
  const status = async (trusted_proxies: string[] | undefined, forwarded: string) => {
    const { post } = await ingest(only([ELSEWHERE], trusted_proxies && { trusted_proxies }));
    return (await post(message({}), { 'x-forwarded-for': forwarded })).status;
  };

  test.each([
    ['the sender, as the trusted proxy tells', ['127.0.0.1'], ELSEWHERE, 202],
    ['the sender, through two trusted proxies', ['127.0.0.0/8', '10.0.0.0/8'], `${ELSEWHERE}, 10.1.2.3`, 202],
    ['what the sender claims before the trusted proxy', ['127.0.0.1'], `${ELSEWHERE}, 203.0.113.9`, 403],
    [
      'what a stranger among proxies claims',
      ['127.0.0.1', '10.0.0.0/8'],
      `${ELSEWHERE}, 203.0.113.9, 10.1.2.3`,
      403,
    ],
    ['what anybody claims, while no proxy is trusted', undefined, ELSEWHERE, 403],
    ['what a proxy says that is not the trusted one', ['10.0.0.0/8'], ELSEWHERE, 403],
    ['a sender that is no address', ['127.0.0.1'], 'unknown', 403],
    ['an address with a port, as some load balancers write it', ['127.0.0.1'], `${ELSEWHERE}:443`, 202],
    [
      'the sender, through a proxy whose address the next one wrote with its port',
      ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'],
      `${ELSEWHERE}:1024, 10.1.2.3:443, [fd00::7]:8443, [fd00::8]`,
      202,
    ],
    [
      'a stranger with a port among proxies',
      ['127.0.0.1', '10.0.0.0/8'],
      `${ELSEWHERE}, 203.0.113.9:443, 10.1.2.3:443`,
      403,
    ],
    ['another address with a port', ['127.0.0.1'], '203.0.113.9:443', 403],
    ['something like an address with a port', ['127.0.0.1'], `${ELSEWHERE}:443:1`, 403],
    ['nothing', ['127.0.0.1'], '', 403],
  ])('what counts is %s', async (_what, proxies, forwarded, expected) => {
    expect(await status(proxies, forwarded)).toBe(expected);
  });

  test('that nobody told about, the log says so once', async () => {
    const { post, log } = await ingest(only(['127.0.0.1']));
    for (let i = 0; i < 3; i += 1) await post(message({}), { 'x-forwarded-for': ELSEWHERE });
    expect(log.filter(({ msg }) => String(msg).includes('ingest.trusted_proxies'))).toHaveLength(1);
  });
});
