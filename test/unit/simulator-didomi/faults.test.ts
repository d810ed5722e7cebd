import { describe, expect, it } from '@jest/globals';
import { choice, simulatorForTests } from './support';

const { running, login, call, control } = simulatorForTests();

const post = () => call('POST', '/consents/events', choice('newsletter', true));
const posted = () => running().events().length;

describe('a fault', () => {
  it.each([
    [400, 'BadRequest'],
    [401, 'NotAuthenticated'],
    [403, 'Forbidden'],
    [404, 'NotFound'],
    [500, 'GeneralError'],
  ])('answers %d in the shape of errors, and nothing is done', async (status, name) => {
    running().setFaults({ kind: 'status', status });
    const answer = await post();
    expect([answer.status, answer.json.code, answer.json.name, posted()]).toEqual([status, status, name, 0]);
  });

  it('answers 429 with the time to come back, on any route', async () => {
    running().setFaults({ kind: 'status', status: 429, resetSeconds: 7 });
    const { status, headers } = await post();
    expect([status, headers.get('retry-after'), headers.get('ratelimit')]).toEqual([
      429,
      '7',
      'limit=100, remaining=0, reset=7',
    ]);
  });

  it('answers with a page of a gateway', async () => {
    for (const fault of [{ kind: 'status', status: 502 }, { kind: 'ipBlocked' }] as const) {
      running().setFaults(fault);
      expect((await post()).text).toMatch(/^<!DOCTYPE html>/);
    }
  });

  it('answers with an error in a success, a redirect, or a text of its own', async () => {
    running().setFaults(
      { kind: 'errorInOk', times: 1 },
      { kind: 'redirect', times: 1 },
      { kind: 'status', status: 400, message: 'Own', code: 'OwnName' },
    );
    expect(await post()).toMatchObject({ status: 200, json: { name: 'BadRequest' } });
    expect((await post()).status).toBe(302);
    expect((await post()).json).toMatchObject({ code: 400, name: 'OwnName', message: 'Own' });
    expect(posted()).toBe(0);
  });

  it('delays an answer, or cuts it off before or after the change', async () => {
    running().setFaults({ kind: 'latency', ms: 60 });
    const started = performance.now();
    await login();
    expect(performance.now() - started).toBeGreaterThanOrEqual(55);
    running().setFaults({ kind: 'dropBefore' });
    await expect(post()).rejects.toThrow('fetch failed');
    expect(posted()).toBe(0);
    running().setFaults({ kind: 'halfBody' });
    await expect(post()).rejects.toThrow('terminated');
    expect(posted()).toBe(1);
    expect(running().calls().at(-1)).toMatchObject({
      status: null,
      committedStatus: 201,
      faults: ['halfBody'],
    });
  });

  it('goes by route, and is set, seen and cleared over HTTP', async () => {
    await control('POST', '/faults', { kind: 'status', status: 500, match: { route: 'createSession' } });
    expect([(await login()).status, (await post()).status]).toEqual([500, 201]);
    expect((await control('GET', '/faults')).json.faults).toMatchObject([{ struck: 1 }]);
    expect((await control('DELETE', '/faults')).status).toBe(204);
    expect((await login()).status).toBe(201);
    expect((await control('POST', '/faults', { kind: 'explode' })).status).toBe(400);
  });
});

describe('control routes', () => {
  it('show what the organization holds, and the calls', async () => {
    await post();
    expect((await control('GET', '/users')).json).toMatchObject({
      users: [{ id: 'u-1', regulation: 'gdpr' }],
      count: 1,
    });
    expect((await control('GET', '/events')).json.count).toBe(1);
    expect((await control('GET', '/calls')).json.calls).toMatchObject([
      {
        method: 'POST',
        path: '/consents/events',
        operation: 'createEvents',
        status: 201,
        tokenAccepted: true,
      },
    ]);
    await control('DELETE', '/calls');
    expect(running().calls()).toEqual([]);
  });

  it('end tokens, turn switches, and put everything back', async () => {
    await control('POST', '/expire-tokens');
    expect((await call('GET', '/consents/users')).status).toBe(401);
    await control('POST', '/switches', { deletedEvent: 'whole' });
    expect((await control('GET', '/switches')).json).toMatchObject({
      deletedEvent: 'whole',
      retryAfter: 'seconds',
    });
    const wrong = await control('POST', '/switches', { deletedEvent: 'half', other: 1 });
    expect([wrong.status, wrong.json.message]).toEqual([400, expect.stringContaining('deletedEvent')]);
    await control('POST', '/reset');
    expect((await control('GET', '/switches')).json).toMatchObject({ deletedEvent: 'bare' });
    expect((await control('GET', '/nothing')).json.message).toContain('POST /reset');
  });
});
