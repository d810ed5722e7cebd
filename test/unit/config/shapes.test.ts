import { describe, expect, test } from '@jest/globals';
import { type Config, type Integration, loadConfig } from '../../../config';
import { classic, DIDOMI_EXAMPLE, NEWER_EXAMPLE, problemOf, problemsOf, writeConfig } from './support';

function only(config: Config): Integration {
  const integration = config.integrations.get('default');
  if (integration === undefined) throw new Error('no integration "default"');
  return integration;
}

const load = (object: unknown) => loadConfig({ object, env: {} });

describe('the shapes of the file', () => {
  test("the example of Didomi's page is accepted verbatim, as the integration default", () => {
    const file = writeConfig(DIDOMI_EXAMPLE);
    const config = loadConfig({ file, env: {} });
    expect(config.source).toBe(file);
    expect([...config.integrations.keys()]).toEqual(['default']);
    expect(only(config).apiKey).toBe('api_key');
    expect(only(config).rules).toEqual({
      integration: 'default',
      upsertMode: true,
      mappings: [{ id: 'EMAIL_NOTIFICATION', value: 'consents_purposes_newsletter_enabled' }],
      identifier: 'auto',
      regulations: ['gdpr'],
      rememberMs: 7 * 24 * 60 * 60 * 1000,
      resubscribe: 'newer',
      dryRun: false,
    });
  });

  test("Didomi's newer form is accepted", () => {
    const { apiKey, rules } = only(load(NEWER_EXAMPLE));
    expect(apiKey).toBe('newer-key');
    expect(rules).toMatchObject({
      upsertMode: true,
      listId: 7,
      mappings: [{ id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: 'consents_purposes_newsletter_enabled' }],
    });
  });

  test('the newer form needs neither properties nor upsert_mode', () => {
    const { properties: _, upsert_mode: __, ...rest } = NEWER_EXAMPLE;
    expect(only(load(rest)).rules.upsertMode).toBe(false);
    expect(only(load(rest)).rules).not.toHaveProperty('listId');
  });

  test('several integrations, in either form, keep their names and their order', () => {
    const config = load({ integrations: { shop: classic(), 'crm_2-b': NEWER_EXAMPLE } });
    expect([...config.integrations.keys()]).toEqual(['shop', 'crm_2-b']);
    expect(config.integrations.get('shop')?.apiKey).toBe('classic-key');
    expect(config.integrations.get('crm_2-b')?.rules.integration).toBe('crm_2-b');
  });

  test('a file with one integration may carry options and settings beside the keys of Didomi', () => {
    const extra = {
      options: { remember: '2 days' },
      ingest: { port: 9000 },
      temporal: { task_queue: 'q' },
      brevo: { requests_per_second: 20 },
    };
    for (const single of [classic({}, extra), { ...NEWER_EXAMPLE, ...extra }]) {
      const config = load(single);
      expect(only(config).rules.rememberMs).toBe(172_800_000);
      expect(only(config).requestsPerSecond).toBe(20);
      expect(config.ingest.port).toBe(9000);
      expect(config.temporal.taskQueue).toBe('q');
    }
  });

  test('an editor may keep the place of the JSON Schema in $schema', () => {
    expect(load({ $schema: './schema.json', ...classic() }).integrations.size).toBe(1);
  });

  test('another type_id than sendinblue is refused', () => {
    expect(problemOf({ ...NEWER_EXAMPLE, type_id: 'dotdigital' })).toMatchObject({
      path: 'type_id',
      message: expect.stringContaining('must be "sendinblue"'),
    });
  });

  test('a name that workflow ids cannot carry is refused', () => {
    for (const name of ['a b', 'a/b', 'é', '', 'x'.repeat(65)]) {
      expect(problemOf({ integrations: { [name]: classic() } }).message).toContain('1 to 64 letters');
    }
    expect(load({ integrations: { ['x'.repeat(64)]: classic() } }).integrations.size).toBe(1);
  });

  test('integrations called like parts of JavaScript objects are ordinary integrations', () => {
    const config = load({ integrations: { constructor: classic(), toString: NEWER_EXAMPLE } });
    expect(config.integrations.get('constructor')?.apiKey).toBe('classic-key');
  });
});

describe('defaults', () => {
  test('what the file leaves out has its documented default', () => {
    const config = load(classic());
    expect(config.ingest).toEqual({
      host: '127.0.0.1',
      port: 8080,
      auth: { type: 'none' },
      trustedProxies: [],
      maxBodyBytes: 1_048_576,
    });
    expect(config.temporal).toEqual({ taskQueue: 'consent-sync' });
    expect(only(config).requestsPerSecond).toBe(10);
    expect(only(config).rules.upsertMode).toBe(false);
  });
});

describe('reading of values', () => {
  test('list_id is a number or digits', () => {
    expect(only(load(classic({ list_id: 7 }))).rules.listId).toBe(7);
    expect(only(load(classic({ list_id: '0012' }))).rules.listId).toBe(12);
  });

  test("ids are upper-cased, as Brevo's attribute names are, so that the blacklist flag is known in any case", () => {
    const properties = [
      { id: 'opt_email', value: 'a' },
      { id: 'email_campaigns_subscribed', value: 'b' },
    ];
    expect(only(load(classic({ properties }))).rules.mappings.map(({ id }) => id)).toEqual([
      'OPT_EMAIL',
      'EMAIL_CAMPAIGNS_SUBSCRIBED',
    ]);
  });

  test('write keeps texts, numbers and booleans as they are', () => {
    const write = { true: 'Yes', false: '', weekly: 1, constructor: false };
    const properties = [{ id: 'A', value: 'a', write }];
    expect(only(load(classic({ properties }))).rules.mappings[0]?.write).toEqual(write);
  });

  test('write on the blacklist flag gives true or false for each preference value', () => {
    const write = { weekly: true, never: false, '': false };
    const properties = [{ id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: 'a', write }];
    expect(only(load(classic({ properties }))).rules.mappings[0]?.write).toEqual(write);
  });

  test('regulations are compared in lower case and counted once', () => {
    const options = { regulations: ['GDPR', 'cpra', 'gdpr'] };
    expect(only(load(classic({}, { options }))).rules.regulations).toEqual(['gdpr', 'cpra']);
  });

  test('every option of an integration is taken over', () => {
    const options = {
      identifier: 'contact_id',
      remember: '90 minutes',
      resubscribe: 'never',
      dry_run: true,
      on_user_deleted: 'forget',
    };
    const integration = only(load(classic({}, { options })));
    expect(integration.onUserDeleted).toBe('forget');
    expect(integration.rules).toMatchObject({
      identifier: 'contact_id',
      rememberMs: 5_400_000,
      resubscribe: 'never',
      dryRun: true,
    });
  });

  test('a bearer token is taken over', () => {
    const { auth } = load(
      classic({}, { ingest: { auth: { type: 'bearer', token: 'sixteen-or-more!' } } }),
    ).ingest;
    expect(auth.type === 'bearer' && auth.token).toBe('sixteen-or-more!');
  });
});

describe('where the configuration comes from', () => {
  test('a file that the caller names wins over CONSENT_SYNC_CONFIG', () => {
    const named = writeConfig(DIDOMI_EXAMPLE);
    const other = writeConfig(JSON.stringify(NEWER_EXAMPLE));
    expect(loadConfig({ file: named, env: { CONSENT_SYNC_CONFIG: other } }).source).toBe(named);
    expect(loadConfig({ env: { CONSENT_SYNC_CONFIG: other } }).source).toBe(other);
  });

  test('a missing file is named, with where its name came from', () => {
    const missing = `${writeConfig('{}')}.not`;
    expect(problemsOf({ file: missing })).toEqual([
      {
        path: '',
        message: 'there is no such configuration file',
        fix: expect.stringContaining('--config'),
      },
    ]);
    expect(problemsOf({ env: { CONSENT_SYNC_CONFIG: missing } })[0]?.fix).toContain('CONSENT_SYNC_CONFIG');
  });

  test('without any name, ./consent-sync.json is meant, and its absence says how to begin', () => {
    const [problem] = problemsOf({});
    expect(problem?.fix).toContain('docs/configuration.md');
  });

  test('a folder is not a configuration file', () => {
    expect(problemsOf({ file: __dirname })[0]?.message).toBe('is a folder, not a configuration file');
  });
});
