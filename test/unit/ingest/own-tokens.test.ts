import { createHmac } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { ownTokens } from '../../../ingest/auth/own-tokens';
import { CLIENT, fetched, issuingTo, NEXT, OTHER } from './oauth-support';
import { ingestForTests, message } from './support';

const ingest = ingestForTests();
const HOUR_MS = 3_600_000;

const accepts = async (clients: (typeof CLIENT)[], token: string): Promise<string> => {
  const { authenticate } = await ownTokens(clients);
  return authenticate(`Bearer ${token}`).then(
    () => 'accepted',
    (error) => `${error.problem.status} ${error.problem.detail}`,
  );
};
const tokenOf = async (client: typeof CLIENT) => (await ownTokens([client])).issue(client);
const decoded = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token with its parts changed, signed again with `key`. */
function forged(
  token: string,
  header: object,
  claims: object,
  key: string | Uint8Array,
  hash = 'sha256',
): string {
  const [first = '', second = ''] = token.split('.');
  const content = `${encoded({ ...decoded(first), ...header })}.${encoded({ ...decoded(second), ...claims })}`;
  return `${content}.${createHmac(hash, key).update(content).digest('base64url')}`;
}

describe('a token', () => {
  test('says by whom and for whom it is, and nothing secret', async () => {
    const [header = '', claims = ''] = (await tokenOf(CLIENT)).split('.');
    expect(decoded(header)).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: expect.any(String) });
    const { iat, exp, ...rest } = decoded(claims);
    expect(exp - iat).toBe(3_600);
    expect(rest).toEqual({
      iss: 'urn:consent-sync',
      aud: 'urn:consent-sync:webhooks',
      sub: 'didomi',
      client_id: 'didomi',
      jti: expect.any(String),
    });
  });

  test('is accepted by every process that has the secret, whatever others it has', async () => {
    const token = await tokenOf(CLIENT);
    expect(await accepts([CLIENT], token)).toBe('accepted');
    expect(await accepts([OTHER, NEXT, CLIENT], token)).toBe('accepted');
  });

  test('survives a restart', async () => {
    const first = await ingest(issuingTo([CLIENT]));
    const authorization = await fetched(first, CLIENT);
    await first.server.close();
    const { post } = await ingest(issuingTo([CLIENT]));
    expect((await post(message({}), { authorization })).status).toBe(202);
  });

  test('is accepted while its secret is being changed, and no longer once that is removed', async () => {
    const before = await tokenOf(CLIENT);
    const after = await tokenOf(NEXT);
    expect(await accepts([CLIENT, NEXT], before)).toBe('accepted');
    expect(await accepts([CLIENT, NEXT], after)).toBe('accepted');
    expect(await accepts([NEXT], before)).toMatch(/^401/);
  });

  test('of another client with the same secret is not the same', async () => {
    expect(await accepts([{ ...CLIENT, id: 'shop' }], await tokenOf(CLIENT))).toMatch(/^401/);
  });

  test.each([
    ['now', 0, 'accepted'],
    ['just before its end', HOUR_MS - 1_000, 'accepted'],
    ['just after its end, by a clock that goes ahead a little', HOUR_MS + 20_000, 'accepted'],
    ['after its end', HOUR_MS + 40_000, '401 The token has expired. Fetch another one.'],
    ['before it was made, by a clock that goes behind a little', -20_000, 'accepted'],
    ['long before it was made', -60_000, expect.stringMatching(/^401/)],
  ])('counts or not: %s', async (_when, ms, answer) => {
    const token = await tokenOf(CLIENT);
    const at = Date.now() + ms;
    jest.useFakeTimers({ now: at, doNotFake: ['performance', 'nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      expect(await accepts([CLIENT], token)).toEqual(answer);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a token that somebody made or changed is refused', () => {
  const guesses = ['', CLIENT.secret, CLIENT.id, 'urn:consent-sync'];

  test.each(guesses)('signed with %j', async (key) => {
    expect(await accepts([CLIENT], forged(await tokenOf(CLIENT), {}, {}, key))).toMatch(/^401/);
  });

  test.each(['none', 'None', 'NONE', ''])('with the algorithm %j', async (alg) => {
    const token = forged(await tokenOf(CLIENT), { alg }, {}, '');
    const [header, claims, signature] = token.split('.');
    for (const one of [
      token,
      `${header}.${claims}.`,
      `${header}.${claims}`,
      `${header}.${claims}.${signature}.`,
    ]) {
      expect(await accepts([CLIENT], one)).toMatch(/^401/);
    }
  });

  test.each([
    ['HS512', 'sha512'],
    ['RS256', 'sha256'],
    ['ES256', 'sha256'],
  ])('with the algorithm %s', async (alg, hash) => {
    expect(await accepts([CLIENT], forged(await tokenOf(CLIENT), { alg }, {}, CLIENT.secret, hash))).toMatch(
      /^401/,
    );
  });

  test('with a client, an end or a header that was changed', async () => {
    const token = await tokenOf(CLIENT);
    const [header = '', claims = '', signature] = token.split('.');
    for (const changed of [
      `${header}.${encoded({ ...decoded(claims), sub: 'shop' })}.${signature}`,
      `${header}.${encoded({ ...decoded(claims), exp: 9_999_999_999 })}.${signature}`,
      `${encoded({ ...decoded(header), typ: 'JWT' })}.${claims}.${signature}`,
      `${encoded({ ...decoded(header), jwk: { kty: 'oct', k: 'AAAA' } })}.${claims}.${signature}`,
    ]) {
      expect(await accepts([CLIENT], changed)).toMatch(/^401/);
    }
  });

  test('with anything about it changed, and nothing but that is the answer', async () => {
    const { authenticate } = await ownTokens([CLIENT]);
    const token = await tokenOf(CLIENT);
    const anyCharacter = fc.constantFrom(...'AZaz09-_.=+/ %"{}é\u0000');
    const changed = fc
      .tuple(
        fc.nat({ max: token.length }),
        fc.constantFrom(0, 1, 2),
        fc.array(anyCharacter, { maxLength: 4 }),
      )
      .map(([at, cut, put]) => token.slice(0, at) + put.join('') + token.slice(at + cut))
      .filter((text) => text.trimEnd() !== token);
    const parts = fc
      .tuple(
        ...[0, 1, 2].map(() =>
          fc.oneof(
            fc.base64String(),
            fc.json().map((text) => btoa(encodeURIComponent(text))),
          ),
        ),
      )
      .map((all) => all.join('.'));
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, changed, parts, fc.string()), async (text) => {
        const error = await authenticate(`Bearer ${text}`).then(
          () => undefined,
          (problem) => problem,
        );
        expect(error?.problem?.status).toBe(401);
      }),
      { numRuns: 5_000 },
    );
  });
});
