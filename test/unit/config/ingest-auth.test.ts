import { describe, expect, test } from '@jest/globals';
import { checkConfig, loadConfig } from '../../../config';
import { classic, problemOf, problemsOf } from './support';

const SECRET = 'sixteen-or-more!';
const NEXT_SECRET = 'another-one-of-sixteen';
const withAuth = (auth: unknown) => classic({}, { ingest: { auth } });
const oauth = (...clients: unknown[]) => withAuth({ type: 'oauth', clients });

describe('clients that fetch tokens', () => {
  test('a client may have two secrets while they are changed', () => {
    const { auth } = loadConfig({
      object: oauth({ id: 'didomi', secret: SECRET }, { id: 'didomi', secret: `\${NEXT}` }),
      env: { NEXT: NEXT_SECRET },
    }).ingest;
    expect(auth).toMatchObject({ type: 'oauth', clients: [{ id: 'didomi' }, { id: 'didomi' }] });
    expect(auth.type === 'oauth' && auth.clients.map(({ secret }) => secret)).toEqual([SECRET, NEXT_SECRET]);
  });

  test('the same client with the same secret twice is a slip', () => {
    const client = { id: 'didomi', secret: SECRET };
    expect(problemOf(oauth(client, client))).toMatchObject({
      path: 'ingest.auth.clients[1]',
      message: 'is the same client with the same secret as ingest.auth.clients[0]',
      fix: expect.stringContaining('new secret'),
    });
  });

  test.each(['fifteen-of-them', '', 'with a space in it', 'with-ümlaut-and-more', 7])(
    'a secret %j is refused, and the message says how to make one',
    (secret) => {
      const { path, message } = problemOf(oauth({ id: 'didomi', secret }));
      expect(path).toBe('ingest.auth.clients[0].secret');
      expect(message).toContain('at least 16 printable ASCII characters');
      expect(message).toContain('openssl rand -hex 32');
    },
  );

  test.each(['', 'a:b', 'a b', 'x'.repeat(101), 7])('an id %j is refused', (id) => {
    expect(problemOf(oauth({ id, secret: SECRET })).path).toBe('ingest.auth.clients[0].id');
  });

  test('there has to be one, and no other key', () => {
    expect(problemOf(oauth()).path).toBe('ingest.auth.clients');
    expect(problemOf(withAuth({ type: 'oauth' })).message).toContain(
      'is missing; it takes a list of 1 to 100',
    );
    expect(problemOf(oauth({ id: 'a', secret: SECRET, scrt: 1 })).path).toBe('ingest.auth.clients[0].scrt');
    expect(problemOf(oauth({ id: 'a', secrt: SECRET })).message).toContain('did you mean "secret"?');
  });
});

describe('an issuer of its own', () => {
  const jwt = (changes: object) =>
    withAuth({
      type: 'jwt',
      issuer: 'https://id.example/',
      audience: 'me',
      jwks_url: 'https://id.example/k',
      ...changes,
    });

  test('is named by issuer, audience and the URL of its keys', () => {
    expect(loadConfig({ object: jwt({}), env: {} }).ingest.auth).toEqual({
      type: 'jwt',
      issuer: 'https://id.example/',
      audience: 'me',
      jwksUrl: 'https://id.example/k',
    });
  });

  test('needs all three', () => {
    expect(problemsOf({ object: withAuth({ type: 'jwt' }) }).map(({ path }) => path)).toEqual([
      'ingest.auth.issuer',
      'ingest.auth.audience',
      'ingest.auth.jwks_url',
    ]);
  });

  test.each([
    'http://127.0.0.1:1/k',
    'http://localhost/k',
    'http://[::1]/k',
    'https://id.example/k?tenant=a',
  ])('may have its keys at %s', (jwks_url) => {
    expect(loadConfig({ object: jwt({ jwks_url }), env: {} }).ingest.auth).toHaveProperty(
      'jwksUrl',
      jwks_url,
    );
  });

  test.each(['http://id.example/k', 'ftp://id.example/k', 'id.example/k', 'https://u:p@id.example/k', ''])(
    'may not have its keys at %j',
    (jwks_url) => {
      const { path, message } = problemOf(jwt({ jwks_url }));
      expect(path).toBe('ingest.auth.jwks_url');
      expect(message).not.toContain('u:p');
    },
  );
});

describe.each(['allowed_ips', 'trusted_proxies'])('%s', (key) => {
  const listed = (...networks: unknown[]) => classic({}, { ingest: { [key]: networks } });

  test.each([
    ['35.159.1.63', '35.159.1.63/32'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['2001:DB8::1', '2001:db8::1/128'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['::ffff:192.0.2.1', '192.0.2.1/32'],
    ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
  ])('takes %s', (text, read) => {
    const { allowedIps, trustedProxies } = loadConfig({ object: listed(text), env: {} }).ingest;
    const [network] = key === 'allowed_ips' ? (allowedIps ?? []) : trustedProxies;
    expect(`${network?.address}/${network?.prefix}`).toBe(read);
  });

  test.each([
    ['10.0.0.5/8', 'Write 10.0.0.0/8 for the network, or 10.0.0.5 for this address alone.'],
    ['2001:db8::1/32', 'Write 2001:db8::/32 for the network, or 2001:db8::1 for this address alone.'],
    ['35.159.1.63/33', 'Write 35.159.1.63 for this address alone, or 35.159.1.0/24 for its neighbours too.'],
    ['35.159.1.63/', 'Write 35.159.1.63 for this address alone, or 35.159.1.0/24 for its neighbours too.'],
    ['::1/129', 'Write ::1 for this address alone, or ::/64 for its neighbours too.'],
    [
      '::ffff:192.0.2.0/24',
      'Write 192.0.2.0 for this address alone, or 192.0.2.0/24 for its neighbours too.',
    ],
  ])('refuses %s and proposes what to write', (text, fix) => {
    expect(problemOf(listed(text))).toMatchObject({ path: `ingest.${key}[0]`, fix });
  });

  test.each([
    ['35.159.1.63:443', ', without a port'],
    ['fe80::1%eth0', ', without a zone'],
    ['[::1]', ', without brackets'],
    ['10.0.0.*', '; a range is written as a network'],
    ['10.0.0.1-10.0.0.9', '; a range is written as a network'],
    ['proxy.example', '; names are not looked up'],
    ['010.0.0.1', ''],
    ['10.1', ''],
    ['0x7f.0.0.1', ''],
    ['', ''],
  ])('refuses %j, which is no address', (text, hint) => {
    const { path, message } = problemOf(listed('192.0.2.1', text));
    expect(path).toBe(`ingest.${key}[1]`);
    expect(message).toContain(`must be an IP address such as 35.159.1.63, or a network`);
    expect(message).toContain(hint);
  });

  test('has to name one', () => {
    expect(problemOf(listed()).path).toBe(`ingest.${key}`);
    expect(problemOf(listed(7)).path).toBe(`ingest.${key}[0]`);
  });
});

test.each(['0.0.0.0/0', '::/0'])(
  'trusting %s as a proxy is refused: everybody could say where they come from',
  (all) => {
    expect(problemOf(classic({}, { ingest: { trusted_proxies: [all] } })).message).toContain(
      'X-Forwarded-For',
    );
  },
);

test('config check says from where requests are taken', () => {
  const object = classic({}, { ingest: { allowed_ips: ['35.159.1.63', '10.0.0.0/8'] } });
  expect(checkConfig({ object, env: {} }).checks.at(-1)?.message).toContain(
    'takes requests from 35.159.1.63, 10.0.0.0/8 only',
  );
});
