import { beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator } from '../../../simulator';
import { KEY, simulatorForTests } from './support';

let clock = 0;
const { running, call, control } = simulatorForTests({
  apiKey: 'xkeysib-test',
  requestsPerSecond: 10,
  otherRequestsPerHour: 100,
  now: () => clock,
});
beforeEach(() => {
  clock = 1_800_000_000_000;
});

const rate = (headers: Headers) =>
  ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-sib-ratelimit-${name}`));

async function statuses(count: number, path = '/contacts?limit=1'): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index += 1) found.push((await call('GET', path)).status);
  return found;
}

describe('the key', () => {
  it.each([
    ['missing', {}],
    ['empty', { 'api-key': '' }],
    ['in the Authorization header', { authorization: 'Bearer xkeysib-test' }],
  ])('that is %s is a 401', async (_what, headers: Record<string, string>) => {
    const answer = await call('GET', '/contacts', undefined, headers);
    expect([answer.status, answer.json]).toEqual([
      401,
      { code: 'unauthorized', message: 'authentication not found in headers' },
    ]);
  });

  it('that is unknown is a 401 with another message', async () => {
    const answer = await call('GET', '/account', undefined, { 'api-key': 'xkeysib-other' });
    expect([answer.status, answer.json]).toEqual([401, { code: 'unauthorized', message: 'Key not found' }]);
  });

  it('may be any when none is set', async () => {
    const other = await startSimulator();
    const answer = await fetch(`${other.url}/account`, { headers: { 'api-key': 'anything' } });
    await other.close();
    expect(answer.status).toBe(200);
  });
});

describe('every answer', () => {
  it('has a sib-request-id of its own', async () => {
    const first = await call('GET', '/contacts');
    const second = await call('GET', '/contacts/1');
    expect(first.headers.get('sib-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(second.headers.get('sib-request-id')).not.toBe(first.headers.get('sib-request-id'));
  });

  it('has the rate headers, errors too', async () => {
    expect(rate((await call('GET', '/contacts')).headers)).toEqual(['10', '9', '1']);
    expect(rate((await call('GET', '/contacts/1')).headers)).toEqual(['10', '8', '1']);
    expect(rate((await call('GET', '/account')).headers)).toEqual(['100', '99', '3600']);
  });
});

describe('the budget of contacts', () => {
  it('answers the 11th call of a moment with 429, remaining 0, reset 1 and no Retry-After', async () => {
    expect(await statuses(10)).toEqual(Array(10).fill(200));
    const refused = await call('GET', '/contacts');
    expect(refused.status).toBe(429);
    expect(rate(refused.headers)).toEqual(['10', '0', '1']);
    expect(refused.headers.get('retry-after')).toBeNull();
  });

  it('fills again evenly', async () => {
    await statuses(10);
    clock += 300;
    expect(await statuses(4)).toEqual([200, 200, 200, 429]);
  });

  it('fills again all at once in fixed windows', async () => {
    running().setSwitches({ rateAlgorithm: 'fixed_window' });
    await statuses(10);
    clock += 999;
    expect(await statuses(1)).toEqual([429]);
    clock += 1;
    expect(await statuses(11)).toEqual([...Array(10).fill(200), 429]);
  });

  it('is shared by all routes below /contacts, and a refused write is not done', async () => {
    await statuses(10, '/contacts/lists/7');
    const refused = await call('POST', '/contacts', { email: 'ada@example.com' });
    expect(refused.status).toBe(429);
    expect(running().contacts()).toEqual([]);
  });

  it('is not spent by refused calls, by wrong keys or by control routes', async () => {
    await statuses(10);
    await statuses(5);
    for (let index = 0; index < 20; index += 1) {
      await call('GET', '/contacts', undefined, { 'api-key': 'xkeysib-other' });
      await control('GET', '/contacts');
    }
    clock += 1000;
    expect(await statuses(10)).toEqual(Array(10).fill(200));
  });
});

describe('the budget of all else', () => {
  it('is 100 an hour and apart from that of contacts', async () => {
    expect(new Set(await statuses(100, '/account'))).toEqual(new Set([200]));
    clock += 600_000;
    const refused = await call('GET', '/account');
    expect(refused.status).toBe(429);
    expect(rate(refused.headers)).toEqual(['100', '0', '3000']);
    expect(await statuses(1)).toEqual([200]);
    clock += 3_000_000;
    expect(await statuses(1, '/account')).toEqual([200]);
  });
});

describe('the call log', () => {
  it('tells everything about a call but the key', async () => {
    running().seedContact({ email: 'a+b@example.com' });
    const answer = await call('PUT', '/contacts/a%2Bb%40example.com?identifierType=email_id', {
      attributes: { OPT_EMAIL: false },
    });
    const { json, text } = await control('GET', '/calls');
    expect(json).toEqual({
      count: 1,
      calls: [
        {
          seq: 1,
          at: '2027-01-15T08:00:00.000Z',
          endedAt: '2027-01-15T08:00:00.000Z',
          method: 'PUT',
          path: '/contacts/a%2Bb%40example.com',
          route: '/contacts/{identifier}',
          operation: 'updateContact',
          query: { identifierType: 'email_id' },
          identifier: 'a+b@example.com',
          identifierType: 'email_id',
          body: { attributes: { OPT_EMAIL: false } },
          keyAccepted: true,
          requestId: answer.headers.get('sib-request-id'),
          status: 204,
        },
      ],
    });
    expect(text).not.toContain(KEY['api-key']);
  });

  it('shows refused calls, calls outside the API and repeated query keys', async () => {
    await call('GET', '/contacts?ids=1&ids=2', undefined, { 'api-key': 'xkeysib-other' });
    await fetch(running().url.replace('/v3', '/login'));
    expect(running().calls()).toMatchObject([
      { query: { ids: ['1', '2'] }, keyAccepted: false, status: 401 },
      { path: '/login', keyAccepted: false, status: 401 },
    ]);
  });

  it('can be read from where one left off, and emptied', async () => {
    await statuses(3);
    expect((await control('GET', '/calls?after=2')).json.calls).toMatchObject([{ seq: 3 }]);
    await control('DELETE', '/calls');
    await statuses(1);
    expect((await control('GET', '/calls')).json.calls).toMatchObject([{ seq: 4 }]);
  });
});
