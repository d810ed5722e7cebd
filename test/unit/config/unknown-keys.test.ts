import { describe, expect, test } from '@jest/globals';
import { classic, NEWER_EXAMPLE, problemOf, problemsOf } from './support';

describe('an unknown key', () => {
  test.each([
    [{ upsertMode: true, ...classic() }, 'upsertMode', 'upsert_mode'],
    [classic({ listId: 7 }), 'config.listId', 'list_id'],
    [classic({}, { options: { dryrun: true } }), 'options.dryrun', 'dry_run'],
    [classic({}, { ingest: { prot: 1 } }), 'ingest.prot', 'port'],
    [classic({}, { tempral: {} }), 'tempral', 'temporal'],
    [{ ...NEWER_EXAMPLE, option: {} }, 'option', 'options'],
  ])('names the nearest key that is known there: %j', (object, path, nearest) => {
    const problem = problemOf(object);
    expect(problem.path).toBe(path);
    expect(problem.message).toContain(`did you mean "${nearest}"?`);
  });

  test('names all known keys when none is near', () => {
    const problem = problemOf(classic({ webhook: 'x' }));
    expect(problem.message).toBe('unknown key "webhook"');
    expect(problem.fix).toBe('Remove it. Known here: api_key, list_id, properties.');
  });

  test('is found inside mappings and auth', () => {
    const object = classic(
      { properties: [{ id: 'A', value: 'a', wirte: {} }] },
      { ingest: { auth: { type: 'none', token: 'x' } } },
    );
    expect(problemsOf({ object }).map(({ path }) => path)).toEqual([
      'config.properties[0].wirte',
      'ingest.auth.token',
    ]);
  });

  test('that is a required key misspelt is not also reported as missing', () => {
    expect(problemOf({ config: { apikey: 'k', properties: [{ id: 'A', value: 'a' }] } }).path).toBe(
      'config.apikey',
    );
    expect(problemOf({ intergrations: {} }).message).toContain('did you mean "integrations"?');
    expect(problemOf({ upsert_mode: true, confg: {} }).message).toContain('did you mean "config"?');
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'called %s is nothing special',
    (key) => {
      const withKey = (json: string) => JSON.parse(json.replace('{', `{"${key}":{"polluted":true},`));
      expect(problemOf(withKey(JSON.stringify(classic()))).path).toBe(key);
      const nested = { config: withKey(JSON.stringify(classic().config)) };
      expect(problemOf(nested).path).toBe(`config.${key}`);
      expect({}).not.toHaveProperty('polluted');
    },
  );

  test('__proto__ is no integration and no value either', () => {
    const integrations = JSON.parse(
      `{"a":${JSON.stringify(classic())},"__proto__":${JSON.stringify(classic())}}`,
    );
    expect(problemOf({ integrations }).path).toBe('integrations.__proto__');
    const write = JSON.parse('{"a":"b","__proto__":"c"}');
    expect(problemOf(classic({ properties: [{ id: 'A', value: 'a', write }] })).path).toBe(
      'config.properties[0].write.__proto__',
    );
  });

  test('that is very long is cut', () => {
    const problem = problemOf(classic({ ['x'.repeat(10_000)]: 1 }));
    expect(`${problem.path}${problem.message}`.length).toBeLessThan(300);
  });
});
