import { describe, expect, it } from '@jest/globals';
import { CREDENTIALS, send, simulatorForTests } from './support';

let now = Date.parse('2026-06-01T12:00:00Z');
const { running, login, call } = simulatorForTests({ now: () => now });

const USERS = `/consents/users?organization_id=${CREDENTIALS.organizationId}`;
const users = (token?: string) => send(running().url, 'GET', USERS, undefined, token);

describe('a session', () => {
  it('opens with key and secret, for an hour', async () => {
    const { status, json } = await login();
    expect(status).toBe(201);
    now += 3_599_000;
    expect((await users(json.access_token)).status).toBe(200);
    now += 1_000;
    const late = await users(json.access_token);
    expect([late.status, late.json]).toEqual([
      401,
      { code: 401, name: 'NotAuthenticated', message: 'jwt expired', errors: {} },
    ]);
  });

  it.each([
    ['another key', { key: 'other' }],
    ['another secret', { secret: 'other' }],
    ['another type', { type: 'user' }],
    ['no secret', { secret: undefined }],
  ])('is refused to %s with 400', async (_what, changes) => {
    const { status, json } = await login(changes);
    expect([status, json.name]).toEqual([400, 'BadRequest']);
  });

  it('can be ended before its time', async () => {
    running().expireTokens();
    expect((await call('GET', '/consents/users')).status).toBe(401);
  });

  it('is needed by every other call', async () => {
    expect((await users()).status).toBe(401);
    expect((await users('made-up')).status).toBe(401);
  });

  it('leaves neither credentials nor tokens in the log of calls', async () => {
    const { json } = await login();
    await users(json.access_token);
    const log = JSON.stringify(running().calls());
    expect(log).toContain('createSession');
    for (const secret of [CREDENTIALS.apiKey, CREDENTIALS.apiSecret, json.access_token]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('a call', () => {
  it('names its organization, and no other', async () => {
    const { json } = await login();
    const none = await send(running().url, 'GET', '/consents/users', undefined, json.access_token);
    const other = await send(
      running().url,
      'GET',
      '/consents/users?organization_id=b',
      undefined,
      json.access_token,
    );
    expect([none.status, other.status]).toEqual([400, 403]);
  });

  it('of a page that does not exist, or not for its method, is refused', async () => {
    expect((await call('GET', '/consents/nothing')).status).toBe(404);
    expect((await call('PUT', '/consents/users')).status).toBe(405);
    expect((await send(running().url.replace('/v1', ''), 'GET', '/consents/users')).status).toBe(401);
  });
});
