import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { until } from '../../support/until';
import { INTEGRATION, type Ingest, ingestForTests, message, type Setup } from './support';

const ingest = ingestForTests();
const ISSUER = 'https://id.example/';
const AUDIENCE = 'consent-sync of the shop';

interface SigningKey {
  readonly kid: string | undefined;
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly jwk: object;
}

function signingKey(alg: string, kid?: string): SigningKey {
  const { publicKey, privateKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : alg === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return {
    kid,
    alg,
    privateKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), ...(kid && { kid }), use: 'sig' },
  };
}

const now = () => Math.floor(Date.now() / 1_000);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const content = (header: object, claims: object) =>
  `${part(header)}.${part({ iss: ISSUER, aud: AUDIENCE, exp: now() + 60, ...claims })}`;

/** Signed without the library that checks it. */
function token(key: SigningKey, claims: object = {}, header: object = {}): string {
  const text = content({ alg: key.alg, ...(key.kid && { kid: key.kid }), ...header }, claims);
  const hash = key.alg === 'EdDSA' ? null : 'sha256';
  const pss = key.alg === 'PS256' ? { padding: 6, saltLength: 32 } : {};
  const signature = sign(hash, Buffer.from(text), { key: key.privateKey, dsaEncoding: 'ieee-p1363', ...pss });
  return `${text}.${signature.toString('base64url')}`;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** Publishes keys; what it answers can be changed. */
async function issuer(...keys: SigningKey[]) {
  const state = { keys, status: 200, text: undefined as string | undefined, asked: 0, silent: false };
  const server = createServer((_request, response) => {
    state.asked += 1;
    if (state.silent) return;
    response.writeHead(state.status, { location: 'http://127.0.0.1:1/' });
    response.end(state.text ?? JSON.stringify({ keys: state.keys.map(({ jwk }) => jwk) }));
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { state, url: `http://127.0.0.1:${port}/jwks` };
}

function trusting(jwks_url: string, setup: Setup = {}): Promise<Ingest> {
  const auth = { type: 'jwt', issuer: ISSUER, audience: AUDIENCE, jwks_url };
  return ingest({ config: { ...INTEGRATION, ingest: { auth } }, ...setup });
}

const send = ({ post }: Ingest, text: string) => post(message({}), { authorization: `Bearer ${text}` });
const rsa = signingKey('RS256', 'one');

describe('a token of the issuer', () => {
  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('opens the webhook: %s', async (alg) => {
    const key = signingKey(alg, 'a');
    const { url, state } = await issuer(rsa, key);
    const running = await trusting(url);
    expect((await send(running, token(key))).status).toBe(202);
    expect((await send(running, token(key, { aud: ['other', AUDIENCE] }))).status).toBe(202);
    expect(state.asked).toBe(1);
  });

  test('opens it also when it does not say which of several keys it is signed with', async () => {
    const [first, second, stranger] = [signingKey('RS256'), signingKey('RS256'), signingKey('RS256')];
    const { url } = await issuer(first, second);
    const running = await trusting(url);
    expect((await send(running, token(second))).status).toBe(202);
    expect((await send(running, token(stranger))).status).toBe(401);
  });

  test.each<[string, object, object]>([
    ['of another issuer', { iss: 'https://id.example' }, {}],
    ['without an issuer', { iss: undefined }, {}],
    ['for somebody else', { aud: 'other' }, {}],
    ['for nobody', { aud: undefined }, {}],
    ['that has expired', { exp: now() - 40 }, {}],
    ['that never ends', { exp: undefined }, {}],
    ['that is not valid yet', { nbf: now() + 60 }, {}],
    ['with an end that is no number', { exp: '9999999999' }, {}],
    ['that says something critical which nobody knows', {}, { crit: ['x'], x: 1 }],
    ['with another algorithm for the same key', {}, { alg: 'RS512' }],
  ])('is refused: one %s', async (_what, claims, header) => {
    const { url } = await issuer(rsa, signingKey('RS256', 'two'));
    const running = await trusting(url);
    const { status, headers } = await send(running, token(rsa, claims, header));
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="consent-sync", error="invalid_token"');
    expect(running.signals).toEqual([]);
  });

  test('is refused when it is not signed, or with what everybody can read', async () => {
    const { url } = await issuer(rsa);
    const running = await trusting(url);
    const pem = createPublicKey(rsa.privateKey).export({ type: 'spki', format: 'pem' });
    const stranger = signingKey('RS256');
    const hmac = content({ alg: 'HS256', kid: 'one' }, {});
    for (const one of [
      `${content({ alg: 'none' }, {})}.`,
      `${content({ alg: 'none', kid: 'one' }, {})}.x`,
      `${hmac}.${createHmac('sha256', pem).update(hmac).digest('base64url')}`,
      `${hmac}.${createHmac('sha256', JSON.stringify(rsa.jwk)).update(hmac).digest('base64url')}`,
      token({ ...stranger, kid: 'one' }),
      token({ ...stranger, kid: 'one' }, {}, { jwk: stranger.jwk, jku: url, x5u: url }),
      'no-token-at-all',
    ]) {
      expect((await send(running, one)).status).toBe(401);
    }
    expect((await running.post(message({}))).headers.get('www-authenticate')).toBe(
      'Bearer realm="consent-sync"',
    );
  });

  test('is refused when anything about it was changed', async () => {
    const { url } = await issuer(rsa);
    const running = await trusting(url);
    const good = token(rsa);
    expect((await send(running, good)).status).toBe(202);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: good.length - 1 }),
        fc.constantFrom(...'Aa0-_.'),
        async (at, character) => {
          const changed = good.slice(0, at) + character + good.slice(at + 1);
          fc.pre(changed !== good);
          expect((await send(running, changed)).status).toBe(401);
        },
      ),
      { numRuns: 300 },
    );
    expect(running.signals).toHaveLength(1);
  });
});

describe("the issuer's keys", () => {
  const quick = { issuerTimes: { cooldownMs: 0, failedCooldownMs: 0 } };

  test('are fetched again for a token with a new one, and an old one that is gone is refused', async () => {
    const next = signingKey('ES256', 'next');
    const { url, state } = await issuer(rsa);
    const running = await trusting(url, quick);
    expect((await send(running, token(rsa))).status).toBe(202);
    state.keys = [next];
    expect((await send(running, token(next))).status).toBe(202);
    expect((await send(running, token(rsa))).status).toBe(401);
  });

  test('are not fetched for every token with a key that nobody has', async () => {
    const { url, state } = await issuer(rsa);
    const running = await trusting(url);
    for (let i = 0; i < 20; i += 1) {
      expect((await send(running, token(rsa, {}, { kid: `key-${i}` }))).status).toBe(401);
    }
    expect(state.asked).toBe(1);
  });

  test.each<[string, { status?: number; text?: string }]>([
    ['answers 500', { status: 500 }],
    ['points elsewhere', { status: 302 }],
    ['answers something else', { text: '<html>' }],
    ['answers JSON that is no set of keys', { text: '{"keys": 7}' }],
    ['answers without end', { text: ' '.repeat(300_000) }],
  ])(
    'that cannot be had make it a 503, so that the sender tries again: the issuer %s',
    async (_how, answer) => {
      const { url, state } = await issuer(rsa);
      Object.assign(state, answer);
      const running = await trusting(url, quick);
      const { status, headers, json } = await send(running, token(rsa));
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toBe('5');
      expect(json).toMatchObject({ type: 'urn:consent-sync:problem:issuer-unavailable' });
      expect((await running.get('/health/ready')).status).toBe(200);
      await until('it is logged', () =>
        running.log.some(({ msg }) => /keys cannot be fetched/.test(String(msg))),
      );
      Object.assign(state, { status: 200, text: undefined });
      expect((await send(running, token(rsa))).status).toBe(202);
      expect(running.log.some(({ msg }) => /can be fetched again/.test(String(msg)))).toBe(true);
      expect(JSON.stringify(running.log)).not.toContain('eyJ');
    },
  );

  test('that nobody publishes are told about at the start, and not asked for in vain for a while', async () => {
    const { url } = await issuer();
    servers.at(-1)?.close();
    const running = await trusting(url);
    await until('it is logged', () => running.log.some(({ reason }) => reason === 'ECONNREFUSED'));
    for (let i = 0; i < 5; i += 1) expect((await send(running, token(rsa))).status).toBe(503);
    expect(running.log.filter(({ reason }) => reason !== undefined)).toHaveLength(1);
  });

  test('that do not come are not waited for for long', async () => {
    const { url, state } = await issuer(rsa);
    state.silent = true;
    const running = await trusting(url);
    expect((await send(running, token(rsa))).status).toBe(503);
    expect(running.log).toContainEqual(expect.objectContaining({ reason: 'no answer in time' }));
  });

  test('that were fetched are used while the issuer is away; a key that is new then is a 503', async () => {
    const { url, state } = await issuer(rsa);
    const running = await trusting(url, { issuerTimes: { freshMs: 0, cooldownMs: 0, failedCooldownMs: 0 } });
    expect((await send(running, token(rsa))).status).toBe(202);
    state.status = 500;
    expect((await send(running, token(rsa))).status).toBe(202);
    expect((await send(running, token(signingKey('RS256', 'new')))).status).toBe(503);
  });

  test('are not looked at for what is no token of theirs by its header', async () => {
    const { url, state } = await issuer(rsa);
    state.status = 500;
    const running = await trusting(url);
    expect((await send(running, 'no-token')).status).toBe(401);
    expect((await send(running, `${content({ alg: 'HS256' }, {})}.AAAA`)).status).toBe(401);
  });
});
