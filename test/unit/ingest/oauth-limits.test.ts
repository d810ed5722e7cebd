import { describe, expect, test } from '@jest/globals';
import { AttemptLimits } from '../../../ingest/oauth/attempt-limits';
import { ask, CLIENT, inBody, issuingTo, OTHER } from './oauth-support';
import { ingestForTests } from './support';

const ingest = ingestForTests();
const MINUTE_MS = 60_000;

function limited() {
  const clock = { now: 1_000 };
  const limits = new AttemptLimits(() => clock.now);
  const fail = (address: string, times: number, id: string | undefined = 'didomi') => {
    for (let i = 0; i < times; i += 1) limits.failed(address, id);
  };
  return { limits, clock, fail };
}

/** As many addresses as it takes, each of which fails once. */
function attack({ fail }: ReturnType<typeof limited>, addresses: number): void {
  for (let i = 0; i < addresses; i += 1) fail(`198.51.${Math.floor(i / 250)}.${i % 250}`, 1);
}

describe('guessing secrets', () => {
  test('is over for an address after ten failures, and goes on with one in six seconds', () => {
    const { limits, clock, fail } = limited();
    fail('192.0.2.1', 9);
    expect(limits.secondsToWait('192.0.2.1', 'didomi')).toBeUndefined();
    fail('192.0.2.1', 1);
    expect(limits.secondsToWait('192.0.2.1', 'didomi')).toBe(6);
    expect(limits.secondsToWait('192.0.2.1', undefined)).toBe(6);
    clock.now += 6_000;
    expect(limits.secondsToWait('192.0.2.1', 'didomi')).toBeUndefined();
    fail('192.0.2.1', 1);
    expect(limits.secondsToWait('192.0.2.1', 'didomi')).toBe(6);
    clock.now += MINUTE_MS;
    fail('192.0.2.1', 9);
    expect(limits.secondsToWait('192.0.2.1', 'didomi')).toBeUndefined();
  });

  test('counts ids that do not exist as well', () => {
    const { limits, fail } = limited();
    fail('192.0.2.1', 10, undefined);
    expect(limits.secondsToWait('192.0.2.1', 'didomi')).toBe(6);
  });

  test('counts all IPv6 addresses of one network as one, and mapped IPv4 addresses as what they are', () => {
    const { limits, fail } = limited();
    for (let i = 0; i < 10; i += 1) fail(`2001:db8:0:1::${i}`, 1);
    expect(limits.secondsToWait('2001:db8:0:1:ffff::', 'didomi')).toBe(6);
    expect(limits.secondsToWait('2001:db8:0:2::', 'didomi')).toBeUndefined();
    fail('::ffff:192.0.2.1', 10);
    expect(limits.secondsToWait('192.0.2.1', 'didomi')).toBe(6);
    expect(limits.secondsToWait('192.0.2.2', 'didomi')).toBeUndefined();
  });

  test('from many addresses leaves each of them two failures, and one more in ten minutes', () => {
    const running = limited();
    const { limits, clock, fail } = running;
    attack(running, 200);
    expect(limits.secondsToWait('198.51.0.7', 'didomi')).toBeUndefined();
    fail('198.51.0.7', 1);
    expect(limits.secondsToWait('198.51.0.7', 'didomi')).toBeGreaterThan(590);
    expect(limits.secondsToWait('198.51.0.7', 'shop')).toBeUndefined();
    clock.now += 20 * MINUTE_MS;
    expect(limits.secondsToWait('198.51.0.7', 'didomi')).toBeUndefined();
  });

  test('never locks an address out that has not failed, however many others do', () => {
    const running = limited();
    attack(running, 5_000);
    expect(running.limits.secondsToWait('35.159.1.63', 'didomi')).toBeUndefined();
  });

  test('takes a bounded memory', () => {
    const running = limited();
    running.fail('192.0.2.1', 10);
    attack(running, 9_999);
    expect(running.limits.secondsToWait('192.0.2.1', 'didomi')).toBeDefined();
    running.fail('203.0.113.1', 1);
    expect(running.limits.secondsToWait('192.0.2.1', 'didomi')).toBeUndefined();
  });

  test('does not touch whom the right secret was seen from lately', () => {
    const { limits, clock } = limited();
    limits.succeeded('35.159.1.63', 'didomi');
    expect(limits.hasProved('35.159.1.63', 'didomi')).toBe(true);
    expect(limits.hasProved('35.159.1.63', 'shop')).toBe(false);
    expect(limits.hasProved('35.159.1.64', 'didomi')).toBe(false);
    clock.now += 25 * 60 * MINUTE_MS;
    expect(limits.hasProved('35.159.1.63', 'didomi')).toBe(false);
  });
});

describe('over HTTP', () => {
  const wrong = inBody({ ...CLIENT, secret: 'not-the-secret-of-it' });

  test('an address that guesses is answered with 429 and when to come again, whatever it gives then', async () => {
    const running = await ingest(issuingTo([CLIENT]));
    for (let i = 0; i < 10; i += 1) expect((await ask(running, wrong)).status).toBe(401);
    for (const body of [wrong, inBody(CLIENT), inBody({ ...CLIENT, id: 'nobody' })]) {
      const { status, headers, json } = await ask(running, body);
      expect(status).toBe(429);
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(json).toMatchObject({ error: 'temporarily_unavailable' });
    }
    expect(running.server.refusals()).toEqual({ invalid_client: 10, temporarily_unavailable: 3 });
  });

  test('who sits behind the same address and knows the client id cannot lock a client out that works', async () => {
    const running = await ingest(issuingTo([CLIENT, OTHER]));
    expect((await ask(running, inBody(CLIENT))).status).toBe(200);
    for (let i = 0; i < 10; i += 1) await ask(running, wrong);
    expect((await ask(running, wrong)).status).toBe(429);
    expect((await ask(running, inBody(CLIENT))).status).toBe(200);
    expect((await ask(running, inBody(OTHER))).status).toBe(429);
  });

  test('requests that are malformed are no guesses', async () => {
    const running = await ingest(issuingTo([CLIENT]));
    for (let i = 0; i < 15; i += 1) expect((await ask(running, 'x=1')).status).toBe(400);
    expect((await ask(running, inBody(CLIENT))).status).toBe(200);
  });

  test('behind a proxy that is trusted, one sender does not stand in for another', async () => {
    const running = await ingest(issuingTo([CLIENT], { trusted_proxies: ['127.0.0.1'] }));
    for (let i = 0; i < 11; i += 1) await ask(running, wrong, { 'x-forwarded-for': '203.0.113.9' });
    expect((await ask(running, inBody(CLIENT), { 'x-forwarded-for': '203.0.113.9' })).status).toBe(429);
    expect((await ask(running, inBody(CLIENT), { 'x-forwarded-for': '35.159.1.63' })).status).toBe(200);
  });

  test('without a trusted proxy, nobody escapes by saying that they come from elsewhere', async () => {
    const running = await ingest(issuingTo([CLIENT]));
    for (let i = 0; i < 10; i += 1) await ask(running, wrong, { 'x-forwarded-for': `203.0.113.${i}` });
    expect((await ask(running, wrong, { 'x-forwarded-for': '203.0.113.99' })).status).toBe(429);
  });
});
