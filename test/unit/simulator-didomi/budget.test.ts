import { describe, expect, it } from '@jest/globals';
import { simulatorForTests } from './support';

let now = Date.parse('2026-06-01T12:00:00Z');
const { running, login, call } = simulatorForTests({ requestsPer15Seconds: 3, now: () => now });

/** The login before each test spends one. */
const spend = async () => {
  await login();
  await login();
};

describe('the budget of requests', () => {
  it('refuses what is too much with 429, and says when to come back', async () => {
    await spend();
    now += 5_000;
    const { status, headers, json } = await login();
    expect([status, json.name]).toEqual([429, 'TooManyRequests']);
    expect(headers.get('retry-after')).toBe('10');
    expect(headers.get('ratelimit')).toBe('limit=3, remaining=0, reset=10');
    expect(headers.get('ratelimit-policy')).toBe('3;w=15');
    now += 10_000;
    expect((await login()).status).toBe(201);
  });

  it('may say when to come back as a date, or only in the RateLimit header', async () => {
    await spend();
    running().setSwitches({ retryAfter: 'date' });
    const { headers } = await login();
    expect(Date.parse(headers.get('retry-after') ?? '')).toBe(now + 15_000);
    running().setSwitches({ retryAfter: 'absent' });
    expect((await login()).headers.get('retry-after')).toBeNull();
  });

  it('does not count consents, unless a full tree is asked for or the switch says so', async () => {
    await spend();
    const answer = await call('GET', '/consents/users');
    expect([answer.status, answer.headers.get('ratelimit')]).toEqual([200, null]);
    expect((await call('GET', '/consents/users?$include_full_tree=true')).status).toBe(429);
    running().setSwitches({ consentsBudget: 'limited' });
    expect((await call('GET', '/consents/users')).status).toBe(429);
  });
});
