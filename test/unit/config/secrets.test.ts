import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { checkConfig, loadConfig, readEnvironment } from '../../../config';
import { classic, errorOf, NEWER_EXAMPLE, writeConfig } from './support';

const KEY = 'xkeysib-5f2c1c0de5ecre7-QqQq';
const TOKEN = 't0ken-that-nobody-may-see';
const DIDOMI_KEY = 'd1domi-key';
const DIDOMI_SECRET = 'd1domi-secret';
const ID_KEY = 'an-id-key-of-at-least-thirty-two-characters';

function everyPrint(value: object): string {
  return [
    JSON.stringify(value),
    String(value),
    inspect(value, { depth: 20 }),
    inspect(value, { depth: 20, showHidden: true }),
    JSON.stringify({ ...value }),
    inspect(structuredClone(JSON.parse(JSON.stringify(value)))),
  ].join('\n');
}

describe('secrets of a configuration that is in use', () => {
  const config = loadConfig({
    object: {
      integrations: {
        a: classic({ api_key: KEY }),
        b: { ...NEWER_EXAMPLE, authentication: { private_api_key: `\${KEY}` } },
      },
      ingest: { auth: { type: 'bearer', token: TOKEN } },
      didomi: { organization_id: 'acme', api_key: DIDOMI_KEY, api_secret: `\${SECRET}` },
    },
    env: { KEY, SECRET: DIDOMI_SECRET },
  });

  test('are there for who asks for them', () => {
    expect([...config.integrations.values()].map(({ apiKey }) => apiKey)).toEqual([KEY, KEY]);
    expect(config.ingest.auth).toHaveProperty('token', TOKEN);
    expect(config.didomi?.apiKey).toBe(DIDOMI_KEY);
    expect(config.didomi?.apiSecret).toBe(DIDOMI_SECRET);
  });

  test('do not show when it is printed, logged or copied', () => {
    const printed = [config, ...config.integrations.values(), config.ingest.auth, config.didomi ?? {}]
      .map(everyPrint)
      .join('\n');
    expect(printed).toContain('requestsPerSecond');
    expect(printed).not.toContain(KEY);
    expect(printed).not.toContain(TOKEN);
    expect(printed).toContain('acme');
    expect(printed).not.toContain(DIDOMI_KEY);
    expect(printed).not.toContain(DIDOMI_SECRET);
  });

  test('do not show in what config check says', () => {
    expect(JSON.stringify(checkConfig({ object: classic({ api_key: KEY }), env: {} }))).not.toContain(KEY);
  });

  test('the key of contact ids does not show when the environment is printed', () => {
    const environment = readEnvironment({ CONSENT_SYNC_ID_KEY: ID_KEY });
    expect(environment.idKey).toBe(ID_KEY);
    expect(everyPrint(environment)).not.toContain(ID_KEY);
  });
});

describe('secrets never show in errors', () => {
  const bad: readonly (readonly [string, object])[] = [
    ['a key with a line break', classic({ api_key: `${KEY}\n` })],
    ['a key with a space', classic({ api_key: `${KEY} x` })],
    ['a key that is no text', classic({ api_key: [KEY] })],
    ['a key under a misspelt name', classic({ api_key: undefined, api_kye: KEY })],
    ['a key beside config', { api_key: KEY, config: {} }],
    ['a key in place of an object', { config: KEY }],
    ['a key as list_id', classic({ list_id: KEY })],
    [
      'a key as list_id that also stands where it belongs',
      classic({ api_key: 'plain-secret', list_id: 'plain-secret' }),
    ],
    ['a part of it as list_id', classic({ api_key: 'plain-secret', list_id: 'plain-sec' })],
    ['a key as id', classic({ properties: [{ id: KEY, value: 'a' }] })],
    ['a key as name of an integration', { integrations: { [KEY]: 7, [KEY.repeat(3)]: classic() } }],
    ['a key as unknown key', classic({ [KEY]: 1 })],
    ['a key with something that looks like a variable', classic({ api_key: `${KEY}\${not a name}` })],
    ['a key twice', { integrations: { a: classic({ api_key: KEY }), b: classic({ api_key: KEY }) } }],
    ['a token with a space', classic({}, { ingest: { auth: { type: 'bearer', token: `${TOKEN} ` } } })],
    ['a token of an unknown kind', classic({}, { ingest: { auth: { type: 'basic', token: TOKEN } } })],
    [
      'a secret of a client that is too short',
      classic(
        {},
        { ingest: { auth: { type: 'oauth', clients: [{ id: 'a', secret: TOKEN.slice(0, 12) }] } } },
      ),
    ],
    [
      'a secret of a client twice, and as id',
      classic(
        {},
        {
          ingest: {
            auth: {
              type: 'oauth',
              clients: [
                { id: 'a', secret: TOKEN },
                { id: 'a', secret: TOKEN },
                { id: `${TOKEN}:`, secret: `${TOKEN} ` },
              ],
            },
          },
        },
      ),
    ],
    [
      'a secret as address, and in the URL of an issuer',
      classic(
        {},
        {
          ingest: {
            allowed_ips: [TOKEN, `\${SECRET}`],
            trusted_proxies: [`${TOKEN}/8`],
            auth: { type: 'jwt', issuer: 'x', audience: 'y', jwks_url: `https://u:${TOKEN}@x/` },
          },
          didomi: { organization_id: 'o', api_key: 'k', api_secret: TOKEN },
        },
      ),
    ],
    [
      'a private key in place of its file',
      classic({}, { ingest: { tls: { cert: 'c', key: `-----BEGIN ${TOKEN}` } } }),
    ],
    ['a secret as key of an encryption', classic({}, { encryption: { keys: [{ key: TOKEN }] } })],
    [
      "a secret of Didomi's in a wrong place",
      classic({}, { didomi: { organization_id: `${TOKEN} x`, api_secret: TOKEN } }),
    ],
    [
      "a secret of Didomi's with a space",
      classic({}, { didomi: { api_key: `${TOKEN} x`, api_secret: [TOKEN] } }),
    ],
    [
      "a password in the URL of Didomi's API",
      classic({}, { didomi: { api_url: `https://u:${TOKEN}@x/v1` } }),
    ],
    ["a secret as URL of Didomi's API", classic({}, { didomi: { api_url: TOKEN, api_secret: TOKEN } })],
    ['a variable with a line break', classic({ api_key: `\${SECRET}` })],
    [
      'a variable in the wrong place',
      classic({ list_id: `\${SECRET}`, properties: [{ id: `\${SECRET}`, value: '' }] }),
    ],
  ];

  test.each(bad)('%s', (_name, object) => {
    const env = { SECRET: `${TOKEN}\n` };
    for (const input of [
      { object, env },
      { file: writeConfig(JSON.stringify(object)), env },
    ]) {
      const error = errorOf(() => loadConfig(input));
      const printed = [
        error.message,
        JSON.stringify(error.problems),
        inspect(error, { depth: 20, showHidden: true }),
      ].join();
      for (const secret of [KEY, TOKEN, TOKEN.slice(0, 12), 'plain-sec'])
        expect(printed).not.toContain(secret);
    }
  });

  test('a file that is not JSON', () => {
    for (const text of [
      `{"config": {"api_key": "${KEY}"`,
      `{"api_key": ${KEY}}`,
      `${KEY}`,
      `{"api_key": "${KEY}\n"}`,
    ]) {
      const error = errorOf(() => loadConfig({ file: writeConfig(text), env: {} }));
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(KEY);
    }
  });

  test('the environment', () => {
    const error = errorOf(() =>
      readEnvironment({
        CONSENT_SYNC_ID_KEY: 'too-short',
        BREVO_API_URL: `https://user:${TOKEN}@brevo.example/v3`,
      }),
    );
    expect(error.problems).toHaveLength(2);
    expect(inspect(error, { depth: 20 })).not.toContain('too-short');
    expect(inspect(error, { depth: 20 })).not.toContain(TOKEN);
  });
});
