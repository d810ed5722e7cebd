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
