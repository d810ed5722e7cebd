import { describe, expect, test } from '@jest/globals';
import { checkConfig } from '../../../config';
import { classic, NEWER_EXAMPLE, writeConfig } from './support';

describe('config check', () => {
  test('says what a valid configuration will do', () => {
    const object = { integrations: { shop: classic(), crm: NEWER_EXAMPLE } };
    expect(checkConfig({ object, env: {} })).toEqual({
      ok: true,
      checks: [
        { name: 'file', ok: true, message: 'configuration object is valid' },
        {
          name: 'integration shop',
          ok: true,
          message: '1 mapping; skips contacts that Brevo does not know',
        },
        {
          name: 'integration crm',
          ok: true,
          message: '1 mapping; creates contacts that Brevo does not know',
        },
        { name: 'environment', ok: true, message: 'the environment variables are valid' },
        {
          name: 'listen address',
          ok: true,
          message: 'ingestion listens on 127.0.0.1 port 8080, authentication: none',
        },
      ],
    });
  });

  test('lists every problem of file and environment, each with its place and what to do', () => {
    const file = writeConfig('{\n  "config": {"api_key": "k", "properties": [], "list": 1}\n}');
    const { ok, checks } = checkConfig({ file, env: { PORT: 'x' } });
    expect(ok).toBe(false);
    expect(checks.map((check) => [check.name, check.ok])).toEqual([
      ['config.properties', false],
      ['config.list', false],
      ['PORT', false],
    ]);
    expect(checks[1]).toMatchObject({
      message: expect.stringContaining(`${file}:2:48: config.list: unknown key "list"`),
      fix: expect.stringContaining('list_id'),
    });
  });

  test('a file that cannot be read is a failed check, not a crash', () => {
    const { ok, checks } = checkConfig({ file: 'no-such-file.json', env: {} });
    expect(ok).toBe(false);
    expect(checks[0]).toMatchObject({ name: 'file', ok: false, fix: expect.stringContaining('--config') });
  });

  test('an address that is open to others without authentication is a failed check', () => {
    const { ok, checks } = checkConfig({ object: classic(), env: { HOST: '0.0.0.0' } });
    expect(ok).toBe(false);
    expect(checks.at(-1)).toMatchObject({ name: 'ingest.auth', ok: false });
  });
});

describe('config check warns of what is valid and would still cost a choice', () => {
  const NEWS = 'consents_purposes_news_enabled';
  const FREQUENCY = 'consents_purposes_news_values_frequency_value';
  const warnings = (properties: readonly object[], options: object = {}) => {
    const { ok, checks } = checkConfig({ object: classic({ properties }, { options }), env: {} });
    expect(ok).toBe(true);
    return checks.filter(({ warning }) => warning).map(({ name, message }) => `${name}: ${message}`);
  };
  const mapped = (value: string, write?: object) => [{ id: 'NEWS', value, ...(write && { write }) }];

  test.each([
    ['false', NEWS, { true: 'Yes' }],
    ['', FREQUENCY, { weekly: true }],
  ])('a `write` that does not list %j, so that withdrawals are rejected', (optOut, value, write) => {
    expect(warnings(mapped(value, write))).toEqual([
      `integration default: NEWS: "write" does not list "${optOut}", so that a withdrawal is rejected and does not reach Brevo`,
    ]);
    expect(warnings(mapped(value, { ...write, [optOut]: 'No' }))).toEqual([]);
  });

  test.each([
    'consent_purposes_news_enabled',
    'consents.purposes.news.enabled',
    'consents_purpose_news_enabled',
    'user_country',
  ])('the path %s, which no record of Didomi has', (value) => {
    expect(warnings(mapped(value))).toEqual([expect.stringContaining(`the path "${value}"`)]);
  });

  test.each([
    NEWS,
    FREQUENCY,
    'consents_preferences_news_enabled',
    'consents_channels_email_enabled',
    'metadata_tier',
    'country',
    'last_seen_country',
    'organization_user_id',
  ])('and not of %s', (value) => {
    expect(warnings(mapped(value))).toEqual([]);
  });

  test('a ledger with a `remember` that is too short to notice that another contact overwrote it', () => {
    const options = (remember: string) => ({ ledger_attribute: 'LEDGER', remember });
    expect(warnings(mapped(NEWS), options('59 seconds'))).toEqual([expect.stringContaining('`remember`')]);
    expect(warnings(mapped(NEWS), options('1 minute'))).toEqual([]);
  });
});
