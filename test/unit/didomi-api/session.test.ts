import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DidomiApi } from '../../../didomi/api/didomi-api';
import { DidomiHeldError, DidomiUnavailableError } from '../../../didomi/api/errors';
import { type DidomiSimulator, startDidomiSimulator } from '../../../simulator/didomi';
import { errorOf, KEY, SECRET } from './stub-didomi';

const READ = { regulations: ['gdpr'] };

let now: number;
let simulator: DidomiSimulator;
let api: DidomiApi;

beforeEach(async () => {
  now = Date.parse('2026-06-01T12:00:00Z');
  simulator = await startDidomiSimulator({
    organizationId: 'acme',
    apiKey: KEY,
    apiSecret: SECRET,
    now: () => now,
  });
  api = apiWith({});
});
afterEach(async () => {
  api.close();
  await simulator.close();
});

function apiWith(changes: { apiSecret?: string; organizationId?: string }): DidomiApi {
  return new DidomiApi({
    organizationId: 'acme',
    apiKey: KEY,
    apiSecret: SECRET,
    apiUrl: simulator.url,
    now: () => now,
    ...changes,
  });
}

const read = () => api.usersOf('ana', READ);
const operations = () => simulator.calls().map(({ operation, status }) => [operation, status]);
const sessions = () => simulator.calls().filter(({ operation }) => operation === 'createSession').length;

describe('the session', () => {
  it('is opened with the first call, and shared by all that come together', async () => {
    await Promise.all(Array.from({ length: 20 }, read));
    expect(simulator.calls()).toHaveLength(21);
    expect(sessions()).toBe(1);
  });

  it('is used for 50 minutes and then renewed once, ten minutes before it ends', async () => {
    await read();
    now += 2_999_000;
    await read();
    expect(sessions()).toBe(1);
    now += 1_000;
    await Promise.all([read(), read(), read()]);
    expect(sessions()).toBe(2);
    expect(operations()).not.toContainEqual(['listUsers', 401]);
  });

  it('is renewed when our clock was set back, as its age is not known then', async () => {
    await read();
    now -= 60_000;
    await read();
    expect(sessions()).toBe(2);
  });

  it('that Didomi does not accept any more is renewed once, also for many callers', async () => {
    await read();
    simulator.expireTokens();
    expect(await Promise.all([read(), read(), read()])).toEqual([[], [], []]);
    expect(sessions()).toBe(2);
  });

  it('that is not accepted though it is new holds everything', async () => {
    simulator.setFaults({ kind: 'status', status: 401, match: { route: 'listUsers' } });
    const failure = await errorOf(read());
    expect(failure).toBeInstanceOf(DidomiHeldError);
    expect(failure).toMatchObject({ call: 'GET /consents/users', status: 401, code: 'NotAuthenticated' });
    expect(operations()).toEqual([
      ['createSession', 201],
      ['listUsers', 401],
      ['createSession', 201],
      ['listUsers', 401],
    ]);
    simulator.setFaults();
    expect(await read()).toEqual([]);
  });

  it('is not to be had with a wrong secret, which says what to fix', async () => {
    api.close();
    api = apiWith({ apiSecret: 'mistyped' });
    const failures = await Promise.all([errorOf(read()), errorOf(read())]);
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(DidomiHeldError);
      expect(failure).toMatchObject({ call: 'POST /sessions', status: 400 });
      expect((failure as Error).message).toMatch(/didomi\.api_key and didomi\.api_secret/);
    }
    expect(sessions()).toBe(1);
  });

  it('of another organization is of no use, which says what to fix', async () => {
    api.close();
    api = apiWith({ organizationId: 'other' });
    const failure = await errorOf(read());
    expect(failure).toBeInstanceOf(DidomiHeldError);
    expect(failure).toMatchObject({ status: 403, message: expect.stringMatching(/didomi\.organization_id/) });
  });

  it('that failed to open is asked for again by the next call', async () => {
    simulator.setFaults({ kind: 'status', status: 503, times: 1 });
    expect(await errorOf(read())).toBeInstanceOf(DidomiUnavailableError);
    expect(await read()).toEqual([]);
    expect(sessions()).toBe(2);
  });

  it('goes on opening for the others when the one who asked first gives up', async () => {
    simulator.setFaults({ kind: 'latency', ms: 100, match: { route: 'createSession' } });
    const controller = new AbortController();
    const first = errorOf(api.usersOf('ana', { ...READ, signal: controller.signal }));
    const second = read();
    const reason = new Error('a newer choice came in');
    controller.abort(reason);
    expect(await first).toBe(reason);
    expect(await second).toEqual([]);
    expect(sessions()).toBe(1);
  });
});
