import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../../simulator';
import { simulatorForTests } from './support';

const { running, call, control } = simulatorForTests({ requestsPerSecond: 1000 });
beforeEach(() => {
  running().seedContact({ email: 'ada@example.com' });
});
afterEach(() => running().setFaults());

const get = () => call('GET', '/contacts/1');
const blacklist = () => call('PUT', '/contacts/1', { emailBlacklisted: true });
const blacklisted = () => running().contact({ id: 1 })?.emailBlacklisted;

describe('a status in place of the answer', () => {
  it.each([
    [401, { code: 'unauthorized', message: 'Key not found' }],
    [402, { code: 'not_enough_credits', message: 'Insufficient credits' }],
    [403, { code: 'permission_denied', message: 'You do not have permission for this action' }],
    [408, { message: 'Status 408' }],
    [422, { code: 'unprocessable_entity', message: 'Unprocessable entity' }],
    [425, { message: 'Too Early' }],
    [500, {}],
  ])('%d comes with the body that Brevo sends, and nothing is written', async (status, body) => {
    running().setFaults({ kind: 'status', status });
    const answer = await blacklist();
    expect([answer.status, answer.json]).toEqual([status, body]);
    expect(blacklisted()).toBe(false);
  });

  it('502 is an HTML page and 524 plain text, both from Cloudflare: without the headers of Brevo', async () => {
    running().setFaults({ kind: 'status', status: 502, times: 1 }, { kind: 'status', status: 524 });
    const page = await get();
    expect(page.status).toBe(502);
    expect(page.text).toMatch(/^<!DOCTYPE html>/);
    expect(page.headers.get('content-type')).toMatch('text/html');
    const text = await get();
    expect([text.status, text.text]).toEqual([524, 'error code: 524']);
    expect(text.headers.get('x-sib-ratelimit-limit')).toBeNull();
    expect(text.headers.get('sib-request-id')).toBeNull();
    expect(text.headers.get('cf-ray')).not.toBeNull();
  });

  it('429 says when there is budget again, without Retry-After', async () => {
    running().setFaults({ kind: 'status', status: 429, resetSeconds: 7 });
    const { status, headers } = await get();
    expect([status, headers.get('x-sib-ratelimit-remaining'), headers.get('x-sib-ratelimit-reset')]).toEqual([
      429,
      '0',
      '7',
    ]);
    expect(headers.get('retry-after')).toBeNull();
  });

  it('takes a code, a message, a body and headers of your own', async () => {
    running().setFaults({
      kind: 'status',
      status: 403,
      code: 'account_under_validation',
      message: 'Wait',
      times: 1,
    });
    expect((await get()).json).toEqual({ code: 'account_under_validation', message: 'Wait' });
    running().setFaults({ kind: 'status', status: 400, body: 'oops', headers: { 'x-test': 'yes' } });
    const answer = await get();
    expect([answer.text, answer.headers.get('x-test')]).toEqual(['oops', 'yes']);
  });

  it('after the commit, hides a write that was done', async () => {
    running().setFaults({ kind: 'status', status: 502, afterCommit: true });
    expect((await blacklist()).status).toBe(502);
    expect(blacklisted()).toBe(true);
    expect(running().calls()).toMatchObject([{ status: 502, committedStatus: 204, faults: ['status 502'] }]);
  });
});

describe('other answers that are wrong', () => {
  it('IP blocking is a 401 that speaks of the address', async () => {
    running().setFaults({ kind: 'ipBlocked' });
    const answer = await get();
    expect([answer.status, answer.json.code]).toEqual([401, 'unauthorized']);
    expect(answer.json.message).toMatch(/unrecognised IP address .*authorised_ips/);
  });

  it('an error may come with status 200, and then nothing is written', async () => {
    running().setFaults({ kind: 'errorInOk' });
    const answer = await blacklist();
    expect([answer.status, answer.json.code, blacklisted()]).toEqual([200, 'invalid_parameter', false]);
  });

  it('a redirect sends the client elsewhere', async () => {
    running().setFaults({ kind: 'redirect', status: 307, location: 'https://elsewhere.example/v3/contacts' });
    const answer = await blacklist();
    expect([answer.status, answer.headers.get('location')]).toEqual([
      307,
      'https://elsewhere.example/v3/contacts',
    ]);
    expect(blacklisted()).toBe(false);
  });

  it('the rate headers may be missing', async () => {
    running().setFaults({ kind: 'withoutRateHeaders' });
    const answer = await get();
    expect([answer.status, answer.headers.get('x-sib-ratelimit-limit')]).toEqual([200, null]);
  });
});

describe('a connection that is cut', () => {
  it('before the call is handled, leaves the write undone', async () => {
    running().setFaults({ kind: 'dropBefore' });
    await expect(blacklist()).rejects.toThrow('fetch failed');
    expect(blacklisted()).toBe(false);
    expect(running().calls()).toMatchObject([{ status: null, faults: ['dropBefore'] }]);
  });

  it('after the commit, leaves the write done', async () => {
    running().setFaults({ kind: 'dropAfterCommit' });
    await expect(blacklist()).rejects.toThrow('fetch failed');
    expect(blacklisted()).toBe(true);
    expect(running().calls()).toMatchObject([{ status: null, committedStatus: 204 }]);
  });

  it('in the middle of the body, gives the client half of it', async () => {
    running().setFaults({ kind: 'halfBody' });
    await expect(get()).rejects.toThrow('terminated');
    await expect(blacklist()).rejects.toThrow('fetch failed');
    expect(blacklisted()).toBe(true);
  });

  it('by the client, who gave up waiting, is seen in the log', async () => {
    running().setFaults({ kind: 'hang' });
    const waiting = fetch(`${running().url}/contacts/1`, {
      headers: { 'api-key': 'any' },
      signal: AbortSignal.timeout(50),
    });
    await expect(waiting).rejects.toThrow('timeout');
    expect(running().calls()).toMatchObject([{ status: null, faults: ['hang'] }]);
  });
});

describe('latency', () => {
  it('waits before the call is handled', async () => {
    running().setFaults({ kind: 'latency', ms: 60 });
    const started = performance.now();
    const write = blacklist();
    expect(blacklisted()).toBe(false);
    await write;
    expect(performance.now() - started).toBeGreaterThanOrEqual(55);
    expect(blacklisted()).toBe(true);
  });

  it('may wait between handling and answering, so that a client that gives up finds its write done', async () => {
    running().setFaults({ kind: 'latency', ms: [200, 300], phase: 'after' });
    const waiting = fetch(`${running().url}/contacts/1`, {
      method: 'PUT',
      body: '{"emailBlacklisted":true}',
      headers: { 'api-key': 'any' },
      signal: AbortSignal.timeout(50),
    });
    await expect(waiting).rejects.toThrow('timeout');
    expect(blacklisted()).toBe(true);
  });

  it('adds to another fault', async () => {
    running().setFaults({ kind: 'latency', ms: 1 }, { kind: 'status', status: 500 });
    expect((await get()).status).toBe(500);
    expect(running().calls()).toMatchObject([{ faults: ['latency', 'status 500'] }]);
  });
});

describe('which calls a fault strikes', () => {
  const strikes = async (
    fault: Omit<Extract<Fault, { kind: 'status' }>, 'kind' | 'status'>,
    count: number,
  ) => {
    running().setFaults({ kind: 'status', status: 500, ...fault });
    const found: number[] = [];
    for (let index = 0; index < count; index += 1) found.push((await get()).status === 500 ? 1 : 0);
    return found.join('');
  };

  it('is all of them, or the next few, or some after the first', async () => {
    expect(await strikes({}, 4)).toBe('1111');
    expect(await strikes({ times: 2 }, 4)).toBe('1100');
    expect(await strikes({ skip: 1, times: 2 }, 5)).toBe('01100');
    expect(running().faults()).toEqual([]);
  });

  it('is a share of them that is the same for the same seed', async () => {
    const first = await strikes({ probability: 0.5, seed: 7 }, 40);
    const struck = first.split('1').length - 1;
    expect(struck).toBeGreaterThan(8);
    expect(struck).toBeLessThan(32);
    expect(await strikes({ probability: 0.5, seed: 7 }, 40)).toBe(first);
    expect(await strikes({ probability: 0.5, seed: 8 }, 40)).not.toBe(first);
  });

  it('goes by method, route, path and body', async () => {
    for (const match of [
      { method: 'PUT' },
      { route: 'updateContact' },
      { route: '/contacts/{identifier}', method: 'put' },
      { path: '^/contacts/1$', method: 'PUT' },
      { body: '"emailBlacklisted":true' },
    ]) {
      running().setFaults({ kind: 'status', status: 500, match });
      expect([match, (await blacklist()).status, (await get()).status]).toEqual([match, 500, 200]);
    }
  });

  it('ends after a time', async () => {
    running().setFaults({ kind: 'status', status: 500, forMs: 0 });
    expect((await get()).status).toBe(200);
    running().setFaults({ kind: 'status', status: 500, forMs: 60_000 });
    expect((await get()).status).toBe(500);
  });

  it('is decided by the first of several that strikes', async () => {
    running().setFaults(
      { kind: 'status', status: 500, match: { method: 'PUT' } },
      { kind: 'status', status: 425, times: 1 },
      { kind: 'status', status: 429 },
    );
    expect([(await blacklist()).status, (await get()).status, (await get()).status]).toEqual([500, 425, 429]);
  });
});

describe('faults over HTTP', () => {
  it('are set, read and cleared, one by one or all', async () => {
    await control('POST', '/faults', { kind: 'latency', ms: 1 });
    const set = await control('POST', '/faults', [{ kind: 'status', status: 500, times: 3 }]);
    expect(set.status).toBe(201);
    await get();
    expect((await control('GET', '/faults')).json.faults).toMatchObject([
      { fault: { kind: 'latency', ms: 1 }, struck: 1 },
      { fault: { kind: 'status', status: 500, times: 3 }, struck: 1 },
    ]);
    const [first] = set.json.faults;
    await control('DELETE', `/faults?id=${first.id}`);
    expect((await control('GET', '/faults')).json.count).toBe(1);
    expect((await control('DELETE', '/faults')).status).toBe(204);
    expect((await get()).status).toBe(200);
  });

  it.each([
    ['an unknown kind', { kind: 'explode' }],
    ['an unknown field', { kind: 'hang', time: 1 }],
    ['a pattern that is none', { kind: 'hang', match: { path: '(' } }],
    ['no JSON', '{'],
  ])('are refused with %s, and none of them is set', async (_what, body) => {
    const answer = await control('POST', '/faults', body);
    expect(answer.status).toBe(400);
    expect(answer.json.message.length).toBeGreaterThan(10);
    expect(running().faults()).toEqual([]);
  });
});
