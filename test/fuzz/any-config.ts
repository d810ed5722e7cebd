import fc from 'fast-check';

const name = fc.constantFrom('a', 'shop', 'constructor', 'x-1', '_');
const noise = fc.jsonValue({ maxDepth: 2 });

/** Right most of the time: a configuration has many parts, and only some tries should be wrong in one or two. */
const mostly = (right: fc.Arbitrary<unknown>, wrong: fc.Arbitrary<unknown> = noise): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 120, arbitrary: right }, { weight: 1, arbitrary: wrong });
const oneOf = (right: readonly unknown[], wrong: readonly unknown[] = []): fc.Arbitrary<unknown> =>
  mostly(fc.constantFrom(...right), fc.oneof(noise, fc.constantFrom(...wrong, null)));

const strangeKeys = fc.dictionary(
  fc.constantFrom('x y', '__proto__', '', 'port', 'config', 'toString'),
  noise,
);
const object = (parts: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[] = []) =>
  mostly(
    fc
      .tuple(fc.record(parts, { requiredKeys }), mostly(fc.constant({}), strangeKeys))
      .map(([known, unknown]) => ({ ...Object(unknown), ...known })),
    fc.oneof(noise, fc.record(parts, { requiredKeys: [] })),
  );

const apiKey = oneOf(['k', 'other', 'xkeysib-1'], [`\${KEY}`, 'a b', '']);
const listId = oneOf([7, '7', '007'], [`\${LIST}`, 'abc', 0]);
const text = oneOf(['consents_purposes_a_enabled', 'b', `$\${X}`], [`\${X}`, '']);

const entry = (id: fc.Arbitrary<unknown>) =>
  object(
    {
      id,
      value: text,
      write: mostly(fc.dictionary(fc.constantFrom('true', 'weekly', ''), fc.boolean(), { minKeys: 1 })),
    },
    ['id', 'value'],
  );
const entries = mostly(
  fc.tuple(
    entry(oneOf(['A', 'b', 'EMAIL_CAMPAIGNS_SUBSCRIBED'], ['EMAIL', 'X Y'])),
    entry(oneOf(['C', 'D_1'], ['a'])),
  ),
);
const options = object({
  identifier: oneOf(['auto', 'email', 'phone'], ['x']),
  regulations: mostly(fc.constantFrom(['gdpr'], ['CPRA', 'gdpr']), fc.constantFrom([], [''])),
  remember: oneOf(['7 days', '1 second'], ['soon']),
  resubscribe: oneOf(['newer', 'always', 'never']),
  dry_run: mostly(fc.boolean()),
  on_user_deleted: oneOf(['ignore', 'forget'], ['erase']),
});
const classic = {
  upsert_mode: mostly(fc.boolean()),
  config: object({ api_key: apiKey, list_id: listId, properties: entries }, ['api_key', 'properties']),
  options,
};
const newer = {
  type_id: oneOf(['sendinblue'], ['dotdigital']),
  authentication: object({ private_api_key: apiKey }, ['private_api_key']),
  properties: object({ list_id: listId }),
  mappings: entries,
  upsert_mode: mostly(fc.boolean()),
  options,
};
const networks = mostly(
  fc.uniqueArray(fc.constantFrom('192.0.2.1', '10.0.0.0/8', '2001:db8::/32', '::ffff:192.0.2.0/120'), {
    minLength: 1,
  }),
  fc.constantFrom([], ['10.0.0.1/8'], ['::/0'], ['x'], ['192.0.2.1:80']),
);
const oauthClient = object(
  {
    id: oneOf(['didomi', 'other'], ['', 'a:b']),
    secret: oneOf(['sixteen-or-more!', `\${SECRET}`], ['short']),
  },
  ['id', 'secret'],
);
const auth = fc.oneof(
  oneOf([{ type: 'none' }, { type: 'bearer', token: 'sixteen-or-more!' }], [{ type: 'jwt' }, {}]),
  object({ type: fc.constant('oauth'), clients: mostly(fc.tuple(oauthClient)) }, ['type', 'clients']),
  object(
    {
      type: fc.constant('jwt'),
      issuer: text,
      audience: text,
      jwks_url: oneOf(['https://x/keys', 'http://[::1]:1/keys'], ['http://x/keys', 'x']),
    },
    ['type', 'issuer', 'audience', 'jwks_url'],
  ),
);
const settings = {
  ingest: object({
    host: oneOf(['::1', 'x'], ['']),
    port: mostly(fc.nat({ max: 65_535 }), fc.nat()),
    auth,
    allowed_ips: networks,
    trusted_proxies: networks,
    tls: object({ cert: oneOf(['a.pem'], ['']), key: oneOf(['b.pem'], [`\n`]) }, ['cert', 'key']),
  }),
  temporal: object({ task_queue: text }),
  brevo: object({ requests_per_second: mostly(fc.integer({ min: 1, max: 100 })) }),
  didomi: object(
    {
      organization_id: oneOf(['acme'], ['', 'a b']),
      api_key: apiKey,
      api_secret: apiKey,
      api_url: oneOf(['http://127.0.0.1:1/v1', 'https://x/v1/'], ['http://x/v1', 'ftp://x', 'x']),
    },
    ['organization_id', 'api_key', 'api_secret'],
  ),
};

const CLASSIC_KEYS = ['config'];
const NEWER_KEYS = ['type_id', 'authentication', 'mappings'];
const integration = fc.oneof(object(classic, CLASSIC_KEYS), object(newer, NEWER_KEYS));

/** Something like a configuration of any of the three shapes: often valid, else wrong in a few places. */
export const anyConfig: fc.Arbitrary<unknown> = fc.oneof(
  object({ ...classic, ...settings }, CLASSIC_KEYS),
  object({ ...newer, ...settings }, NEWER_KEYS),
  object(
    { integrations: mostly(fc.dictionary(name, integration, { minKeys: 1, maxKeys: 3 })), ...settings },
    ['integrations'],
  ),
);
