import { describe, expect, test } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { until } from '../../support/until';
import {
  ask,
  basic,
  CLIENT,
  encodedBasic,
  FORM,
  fetched,
  GRANT,
  inBody,
  issuingTo,
  NEXT,
  OTHER,
} from './oauth-support';
import { ingestForTests, message, raw } from './support';

const ingest = ingestForTests();
const issuing = () => ingest(issuingTo([CLIENT, OTHER]));
const { id: client_id, secret: client_secret } = CLIENT;
const JSON_TYPE = { 'content-type': 'application/json' };
const asJson = (changes: object = {}) =>
  JSON.stringify({ grant_type: 'client_credentials', client_id, client_secret, ...changes });

describe('a client gets a token that opens the webhook', () => {
  test.each<[string, string, Record<string, string>]>([
    ['with HTTP Basic', GRANT, { authorization: basic(CLIENT) }],
    ['with HTTP Basic, encoded as RFC 6749 asks for', GRANT, { authorization: encodedBasic(CLIENT) }],
    [
      'with HTTP Basic, whatever the case of "Basic"',
      GRANT,
      { authorization: basic(CLIENT).replace('Basic', 'bAsIc  ') },
    ],
    [
      'with HTTP Basic, and its id in the body again',
      `${GRANT}&client_id=didomi`,
      { authorization: basic(CLIENT) },
    ],
    ['with a form', inBody(CLIENT), {}],
    ['with a form and a charset', inBody(CLIENT), { 'content-type': `${FORM}; charset=UTF-8` }],
    ['with JSON', asJson(), JSON_TYPE],
    [
      'with JSON and HTTP Basic',
      '{"grant_type":"client_credentials"}',
      { ...JSON_TYPE, authorization: basic(CLIENT) },
    ],
    ['with JSON and null for what there is none of', asJson({ scope: null }), JSON_TYPE],
    [
      'with JSON, HTTP Basic and null for the secret',
      '{"grant_type":"client_credentials","client_secret":null}',
      { ...JSON_TYPE, authorization: basic(CLIENT) },
    ],
    ['with an old bearer token beside', inBody(CLIENT), { authorization: 'Bearer of-yesterday' }],
    [
      'with a scope and parameters that nobody knows',
      `${inBody(CLIENT)}&scope=a+b&audience=x&audience=y`,
      {},
    ],
    ['with empty parameters beside', `${inBody(CLIENT)}&scope=`, {}],
    [
      'with a secret left empty beside HTTP Basic',
      `${GRANT}&client_secret=`,
      { authorization: basic(CLIENT) },
    ],
  ])('%s', async (_how, body, headers) => {
    const running = await issuing();
    const { status, json, headers: answered } = await ask(running, body, headers);
    expect(status).toBe(200);
    expect(json).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3_600 });
    expect(answered.get('content-type')).toMatch(/^application\/json/);
    expect(answered.get('cache-control')).toBe('no-store');
    expect(answered.get('pragma')).toBe('no-cache');
    const authorization = `Bearer ${json.access_token}`;
    expect((await running.post(message({}), { authorization })).status).toBe(202);
    expect(running.signals).toHaveLength(1);
  });

  test.each([inBody(CLIENT), asJson()])('without a Content-Type: %#', async (body) => {
    const { url } = await issuing();
    const answer = await raw(
      url,
      `POST /oauth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  test('with a slash behind the address', async () => {
    const { get } = await issuing();
    const init = { method: 'POST', headers: { 'content-type': FORM }, body: inBody(CLIENT) };
    expect((await get('/oauth/token/', init)).status).toBe(200);
  });

  test('with any of its secrets while they are changed', async () => {
    const running = await ingest(issuingTo([CLIENT, NEXT]));
    for (const client of [CLIENT, NEXT]) {
      const authorization = await fetched(running, client);
      expect((await running.post(message({}), { authorization })).status).toBe(202);
    }
  });
});

describe('an OAuth client that somebody else wrote gets along with it', () => {
  const INSECURE = { [oauth.allowInsecureRequests]: true };

  test.each([
    ['HTTP Basic', oauth.ClientSecretBasic(client_secret), CLIENT],
    ['a form', oauth.ClientSecretPost(client_secret), CLIENT],
    ['HTTP Basic and another client', oauth.ClientSecretBasic(OTHER.secret), OTHER],
  ])('by %s', async (_how, authenticate, { id }) => {
    const { url, post } = await issuing();
    const server = { issuer: url, token_endpoint: `${url}/oauth/token` };
    const client = { client_id: id };
    const response = await oauth.clientCredentialsGrantRequest(server, client, authenticate, {}, INSECURE);
    const { access_token, token_type, expires_in } = await oauth.processClientCredentialsResponse(
      server,
      client,
      response,
    );
    expect([token_type, expires_in]).toEqual(['bearer', 3_600]);
    const sent = await oauth.protectedResourceRequest(
      access_token,
      'POST',
      new URL(`${url}/webhooks/didomi`),
      new Headers({ 'content-type': 'application/json' }),
      JSON.stringify(message({})),
      INSECURE,
    );
    expect(sent.status).toBe(202);
    expect((await post(message({}))).status).toBe(401);
  });

  test('also when it is refused', async () => {
    const { url } = await issuing();
    const server = { issuer: url, token_endpoint: `${url}/oauth/token` };
    const authenticate = oauth.ClientSecretPost('not-the-secret-of-it');
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      { client_id },
      authenticate,
      {},
      INSECURE,
    );
    await expect(
      oauth.processClientCredentialsResponse(server, { client_id }, response),
    ).rejects.toMatchObject({
      name: 'WWWAuthenticateChallengeError',
      status: 401,
      cause: [{ scheme: 'basic', parameters: { realm: 'consent-sync' } }],
    });
  });
});

describe('a token request is refused by RFC 6749 §5.2', () => {
  const bad = (secret: string) => inBody({ id: client_id, secret });

  test.each<[string, string, Record<string, string>]>([
    ['a wrong secret', bad('another-secret-of-16'), {}],
    ['a secret that is a part of it', bad(client_secret.slice(0, -1)), {}],
    ["another client's secret", bad(OTHER.secret), {}],
    ['an unknown id', inBody({ id: 'nobody', secret: client_secret }), {}],
    ['an id like a part of JavaScript', inBody({ id: '__proto__', secret: client_secret }), {}],
    ['a wrong secret in HTTP Basic', GRANT, { authorization: basic({ id: client_id, secret: 'another' }) }],
    ['no secret', `${GRANT}&client_id=${client_id}`, {}],
    ['no id', `${GRANT}&client_secret=whatever-it-is`, {}],
    ['nothing about the client', GRANT, {}],
    ['another way to authenticate', GRANT, { authorization: 'Digest x' }],
    ['HTTP Basic with nothing behind it', GRANT, { authorization: 'Basic' }],
    ['HTTP Basic with rubbish behind it', GRANT, { authorization: 'Basic %%%' }],
    ['HTTP Basic without a colon', GRANT, { authorization: `Basic ${btoa('didomi')}` }],
    ['HTTP Basic with broken percent signs', GRANT, { authorization: `Basic ${btoa('didomi:%zz')}` }],
  ])('as invalid_client: %s', async (_what, body, headers) => {
    const running = await issuing();
    const { status, json, headers: answered, text } = await ask(running, body, headers);
    expect(status).toBe(401);
    expect(json).toEqual({ error: 'invalid_client', error_description: expect.any(String) });
    expect(answered.get('www-authenticate')).toBe('Basic realm="consent-sync", charset="UTF-8"');
    expect(answered.get('cache-control')).toBe('no-store');
    expect(answered.get('pragma')).toBe('no-cache');
    expect(text).not.toContain(client_secret);
  });

  test.each<[string, string | Uint8Array, Record<string, string>]>([
    ['no grant_type', `client_id=${client_id}&client_secret=x`, {}],
    ['an empty grant_type', `grant_type=&client_id=${client_id}&client_secret=x`, {}],
    ['an empty body', '', { authorization: basic(CLIENT) }],
    ['grant_type twice', `${inBody(CLIENT)}&${GRANT}`, {}],
    ['client_id twice', `${inBody(CLIENT)}&client_id=shop`, {}],
    ['client_secret twice', `${inBody(CLIENT)}&client_secret=other`, {}],
    ['scope twice', `${inBody(CLIENT)}&scope=a&scope=b`, {}],
    ['HTTP Basic and a secret in the body', inBody(CLIENT), { authorization: basic(CLIENT) }],
    ['HTTP Basic and the id of another client', `${GRANT}&client_id=shop`, { authorization: basic(CLIENT) }],
    ['a form that is said to be JSON', inBody(CLIENT), JSON_TYPE],
    ['JSON that is no object', '["client_credentials"]', JSON_TYPE],
    ['JSON with a number for a parameter', asJson({ client_secret: 7 }), JSON_TYPE],
    ['JSON with a list for a parameter', asJson({ grant_type: ['client_credentials'] }), JSON_TYPE],
    ['JSON with a parameter twice', asJson().replace('{', '{"client_id":"shop",'), JSON_TYPE],
    [
      'JSON with a parameter twice, once null',
      asJson({ client_id: null }).replace('{', '{"client_id":"didomi",'),
      JSON_TYPE,
    ],
    [
      'JSON with a parameter twice, written in another way',
      asJson().replace('{', '{"client\\u005fid":"shop",'),
      JSON_TYPE,
    ],
    ['a body that is not UTF-8', Buffer.concat([Buffer.from(inBody(CLIENT)), Buffer.of(0xff)]), {}],
  ])('as invalid_request: %s', async (_what, body, headers) => {
    const { status, json, text } = await ask(await issuing(), body, headers);
    expect(status).toBe(400);
    expect(json).toEqual({ error: 'invalid_request', error_description: expect.any(String) });
    expect(text).not.toContain(client_secret);
  });

  test('as unsupported_grant_type, once the client is known', async () => {
    const running = await issuing();
    const password = inBody(CLIENT).replace('client_credentials', 'password');
    const { status, json } = await ask(running, password);
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: 'unsupported_grant_type' });
    expect((await ask(running, password.replace('with', 'witch'))).json.error).toBe('invalid_client');
  });

  test('as too large, or of another type', async () => {
    const running = await issuing();
    const large = await ask(running, `${inBody(CLIENT)}&scope=${'x'.repeat(8_192)}`);
    expect([large.status, large.json.error]).toEqual([413, 'invalid_request']);
    const xml = await ask(running, inBody(CLIENT), { 'content-type': 'text/xml' });
    expect([xml.status, xml.json.error]).toEqual([415, 'invalid_request']);
  });

  test('as too large, too, when its length is not said before', async () => {
    const { url } = await issuing();
    const chunk = `2000\r\n${'x'.repeat(0x2000)}\r\n`;
    const head = `POST /oauth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${FORM}\r\n`;
    const answer = await raw(url, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});

test.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('%s is not allowed', async (method) => {
  const { get } = await issuing();
  const { status, headers } = await get(`/oauth/token?${inBody(CLIENT)}`, { method });
  expect([status, headers.get('allow')]).toEqual([405, 'POST']);
});

test('parameters in the query are not looked at', async () => {
  const { get } = await issuing();
  const { status, json } = await get(`/oauth/token?${inBody(CLIENT)}`, { method: 'POST' });
  expect([status, json.error]).toEqual([400, 'invalid_request']);
});

test('a request that does not end is answered with 408', async () => {
  const { url } = await ingest({
    ...issuingTo([CLIENT]),
    limits: { headersMs: 200, requestMs: 400, checkEveryMs: 20 },
  });
  const head = `POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM}\r\nContent-Length: 100\r\n\r\n`;
  expect(await raw(url, `${head}grant_type=`)).toMatch(/^HTTP\/1\.1 408 /);
});

test('the log names the client and the error, and no secret, id of a stranger, or token', async () => {
  const running = await issuing();
  const given = await ask(running, inBody(CLIENT));
  await ask(running, GRANT, {
    authorization: basic({ id: 'ana@example.com', secret: 'guessed-by-a-stranger' }),
  });
  await ask(running, asJson({ client_secret: 'guessed-by-a-stranger' }), JSON_TYPE);
  await running.post(message({}), { authorization: `Bearer ${given.json.access_token}x` });
  await running.post(message({}), { authorization: `Bearer ${given.json.access_token}` });
  await until('all are logged', () => running.log.filter(({ requestId }) => requestId).length === 5);
  expect(running.log).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ route: '/oauth/token', status: 200, client: 'didomi', level: 30 }),
      expect.objectContaining({
        route: '/oauth/token',
        status: 401,
        oauthError: 'invalid_client',
        level: 40,
      }),
    ]),
  );
  expect(JSON.stringify(running.log)).not.toMatch(/a-secret-of|guessed|ana@|eyJ|Basic [A-Za-z0-9]/);
  expect(running.server.refusals()).toEqual({ invalid_client: 2, unauthorized: 1 });
});
