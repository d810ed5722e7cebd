import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../../config';
import { classic, errorOf, fileProblem, NEWER_EXAMPLE, problemOf, problemsOf, writeConfig } from './support';

test('a file with thousands of mistakes is refused in the time of one reading', () => {
  const file = writeConfig(`{"config": {\n${'"twice": 1,\n'.repeat(20_000)}"api_key": "k"}}`);
  const before = process.cpuUsage();
  const { problems } = errorOf(() => loadConfig({ file, env: {} }));
  const { user, system } = process.cpuUsage(before);
  expect(problems.filter(({ message }) => message.includes('twice')).at(-1)).toMatchObject({ line: 20_001 });
  expect((user + system) / 1_000).toBeLessThan(5_000);
});

describe('a file that is not JSON is refused with its line and column', () => {
  test.each([
    ['an empty file', ' \n', 1, 1, 'is empty'],
    ['a file that ends too early', '{\n  "config": {', 2, 14, 'a closing } is missing'],
    [
      'a trailing comma in an object',
      '{\n  "upsert_mode": true,\n}',
      2,
      22,
      'a comma before a closing bracket',
    ],
    ['a trailing comma in a list', '{"a": [1, 2 , ]}', 1, 13, 'a comma before a closing bracket'],
    ['a line comment', '{\n  // mine\n}', 2, 3, 'comments are not allowed'],
    ['a block comment', '{ /* mine */ }', 1, 3, 'comments are not allowed'],
    ['single quotes', "{\n  'config': {}\n}", 2, 3, 'double quotes'],
    ['a missing comma', '{\r\n  "a": 1\r\n  "b": 2\r\n}', 3, 3, 'a comma is missing'],
    ['a missing colon', '{"a" 1}', 1, 6, 'a colon is expected'],
    ['a text over two lines', '{"a": "x\ny"}', 1, 7, 'no closing double quote'],
    ['an escape that JSON does not have', '{"a": "\\x"}', 1, 7, 'backslash escape'],
    ['something after the end', '{} {}', 1, 4, 'nothing may follow'],
    ['a bare word', 'config', 1, 1, 'neither text in double quotes'],
  ])('%s', (_name, text, line, column, message) => {
    expect(fileProblem(text)).toMatchObject({ line, column, message: expect.stringContaining(message) });
  });

  test('a byte order mark is tolerated', () => {
    expect(
      loadConfig({ file: writeConfig(`\uFEFF${JSON.stringify(classic())}`), env: {} }).integrations.size,
    ).toBe(1);
  });

  test('a file in another encoding than UTF-8 is refused', () => {
    const utf16 = Buffer.from(`\uFEFF${JSON.stringify(classic())}`, 'utf16le');
    expect(problemsOf({ file: writeConfig(utf16) })[0]?.message).toBe('is not UTF-8 text');
  });

  test('deep nesting is refused at the place where it goes too far', () => {
    for (const text of ['['.repeat(200_000), `{"config":${'{"a":'.repeat(100_000)}`]) {
      expect(fileProblem(text)).toMatchObject({ line: 1, message: 'is nested more than 32 levels deep' });
    }
  });

  test('an object that holds itself is refused', () => {
    const cyclic: Record<string, unknown> = classic();
    cyclic.options = { regulations: [cyclic, cyclic], identifier: cyclic };
    expect(problemsOf({ object: cyclic }).map(({ message }) => message)).toContain(
      'is nested more than 32 levels deep',
    );
  });

  test('a key that is written twice is refused, as JSON would silently take the last', () => {
    expect(
      fileProblem(JSON.stringify(classic()).replace('{', '{\n"upsert_mode":true,\n"upsert_mode":false,')),
    ).toMatchObject({
      path: 'upsert_mode',
      line: 3,
      column: 1,
      message: 'is written twice in the same object',
    });
  });

  test('something else than an object is refused', () => {
    for (const text of ['[]', 'null', '7', '"x"']) {
      expect(fileProblem(text).message).toContain('must hold a JSON object');
    }
  });
});

describe('an integration that cannot work is refused', () => {
  test.each([
    ['a missing key', undefined],
    ['an empty key', ''],
    ['a key with a space', 'a b'],
    ['a key with a line break', 'abc\n'],
    ['a key outside ASCII', 'clé'],
    ['a number', 7],
    ['null', null],
  ])('api_key: %s', (_name, api_key) => {
    expect(problemOf(classic({ api_key }))).toMatchObject({
      path: 'config.api_key',
      message: expect.stringContaining('a Brevo API key: one word'),
    });
  });

  test.each([
    ['letters', 'abc', '"abc"'],
    ['zero', 0, '0'],
    ['a negative number', -1, '-1'],
    ['a fraction', 1.5, '1.5'],
    ['an empty text', '', 'an empty text'],
    ['digits beyond what a number can hold', '99999999999999999', '"99999999999999999"'],
    ['a number beyond what is exact', 2 ** 53, '9007199254740992'],
    ['null', null, 'null'],
    ['a list', [7], 'a list'],
  ])('list_id: %s', (_name, list_id, shown) => {
    expect(problemOf(classic({ list_id }))).toMatchObject({
      path: 'config.list_id',
      message: `must be the number of a Brevo list, such as 7 or "7", but is ${shown}`,
    });
    const newer = problemOf({ ...NEWER_EXAMPLE, properties: { list_id } });
    expect(newer.path).toBe('properties.list_id');
  });

  test('no properties', () => {
    expect(problemOf(classic({ properties: undefined })).message).toContain(
      'is missing; it takes a list of at least one',
    );
    expect(problemOf(classic({ properties: [] })).message).toContain('but is an empty list');
    expect(problemOf({ ...NEWER_EXAMPLE, mappings: [] }).path).toBe('mappings');
  });

  test('an id that is mapped twice, whatever its case', () => {
    const properties = [
      { id: 'OPT', value: 'a' },
      { id: 'OTHER', value: 'b' },
      { id: 'opt', value: 'c' },
    ];
    expect(problemOf({ integrations: { shop: classic({ properties }) } })).toMatchObject({
      path: 'integrations.shop.config.properties[2].id',
      message: expect.stringContaining('maps OPT a second time'),
    });
  });

  test.each(['OPT EMAIL', 'OPT-EMAIL', 'OPTÉ', ''])('the id %j, which no Brevo attribute can have', (id) => {
    expect(problemOf(classic({ properties: [{ id, value: 'a' }] })).path).toBe('config.properties[0].id');
  });

  test.each(['EMAIL', 'email', 'SMS', 'EXT_ID', 'WHATSAPP', 'LANDLINE_NUMBER'])(
    'the id %s, which names the contact itself',
    (id) => {
      const problem = problemOf(classic({ properties: [{ id, value: 'a' }] }));
      expect(problem.message).toContain('identifies the contact');
      expect(problem.fix).toContain('EMAIL_CAMPAIGNS_SUBSCRIBED');
    },
  );

  test('mapping EMAIL says that it would lift the blacklist', () => {
    const problem = problemOf(classic({ properties: [{ id: 'EMAIL', value: 'a' }] }));
    expect(problem.message).toContain('take the contact off the e-mail blacklist');
  });

  test.each(['', ' a', 'a ', 'a\nb', 7, null])('the path %j', (value) => {
    expect(problemOf(classic({ properties: [{ id: 'A', value }] }))).toMatchObject({
      path: 'config.properties[0].value',
      message: expect.stringContaining('a Didomi path'),
    });
  });

  test('a write that lists nothing', () => {
    const properties = [{ id: 'A', value: 'a', write: {} }];
    expect(problemOf(classic({ properties })).message).toContain('every value would be rejected');
  });

  test('a write with something else than text, number, true or false', () => {
    const properties = [{ id: 'A', value: 'a', write: { weekly: ['x'] } }];
    expect(problemOf(classic({ properties }))).toMatchObject({
      path: 'config.properties[0].write.weekly',
      message: 'must be a text, a number, true or false, but is a list',
    });
  });

  test('a write on the blacklist flag with something else than true or false', () => {
    const write = { weekly: 'yes', never: 0, often: true };
    const properties = [{ id: 'email_campaigns_subscribed', value: 'a', write }];
    expect(problemsOf({ object: classic({ properties }) }).map(({ path }) => path)).toEqual([
      'config.properties[0].write.weekly',
      'config.properties[0].write.never',
    ]);
  });

  test('two integrations with one API key that map the same attribute are both named', () => {
    const object = {
      integrations: {
        shop: classic(),
        crm: {
          ...NEWER_EXAMPLE,
          authentication: { private_api_key: 'classic-key' },
          mappings: [{ id: 'opt_email', value: 'b' }],
        },
      },
    };
    expect(problemOf(object)).toMatchObject({
      path: 'integrations.crm.mappings[0].id',
      message: 'the integrations "shop" and "crm" have the same Brevo API key and both map OPT_EMAIL',
    });
  });

  test('two integrations with one API key and different attributes are fine', () => {
    const other = classic({ properties: [{ id: 'OTHER', value: 'b' }] });
    expect(
      loadConfig({ object: { integrations: { a: classic(), b: other } }, env: {} }).integrations.size,
    ).toBe(2);
  });

  test('the same key under two variables is still the same key', () => {
    const of = (api_key: string) => classic({ api_key });
    const object = { integrations: { a: of(`\${A}`), b: of(`\${B}`) } };
    expect(problemOf(object, { A: 'same', B: 'same' }).message).toContain('"a" and "b"');
  });
});

describe('options and settings that mean nothing are refused', () => {
  test.each([
    ['identifier', 'mail', '"auto", "email", "ext_id", "phone", "contact_id"'],
    ['resubscribe', true, '"newer", "always", "never"'],
    ['dry_run', 'true', 'true or false, without quotes'],
    ['remember', '7', 'such as "7 days"'],
    ['remember', 7, 'such as "7 days"'],
    ['remember', '0 days', 'such as "7 days"'],
    ['remember', '366 days', 'such as "7 days"'],
    ['remember', '500 ms', '1 second to 365 days'],
    ['regulations', [], 'at least one regulation'],
    ['regulations', 'gdpr', 'at least one regulation'],
    ['on_user_deleted', 'erase', '"ignore", "forget"'],
  ])('options.%s: %j', (key, value, message) => {
    expect(problemOf(classic({}, { options: { [key]: value } }))).toMatchObject({
      path: `options.${key}`,
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ['ingest', 'port', 65_536],
    ['ingest', 'port', -1],
    ['ingest', 'port', '8080'],
    ['ingest', 'host', ''],
    ['ingest', 'host', '127.0.0.1/x'],
    ['ingest', 'auth', 'none'],
    ['ingest', 'max_body_bytes', 1_023],
    ['ingest', 'max_body_bytes', 64 * 1_048_576 + 1],
    ['temporal', 'task_queue', ''],
    ['temporal', 'task_queue', 'q'.repeat(201)],
    ['brevo', 'requests_per_second', 0],
    ['brevo', 'requests_per_second', '10'],
  ])('%s.%s: %j', (section, key, value) => {
    expect(problemOf(classic({}, { [section]: { [key]: value } })).path).toBe(`${section}.${key}`);
  });

  test('a bearer token that is too short or could not stand in a header', () => {
    for (const token of ['fifteen-letters', 'with a space in it', 'sixteen-letters!\n', undefined]) {
      expect(problemOf(classic({}, { ingest: { auth: { type: 'bearer', token } } })).path).toBe(
        'ingest.auth.token',
      );
    }
  });

  test('an unknown kind of auth', () => {
    expect(problemOf(classic({}, { ingest: { auth: { type: 'basic' } } }))).toMatchObject({
      path: 'ingest.auth.type',
      message: 'must be one of "oauth", "jwt", "bearer", "none", but is "basic"',
    });
    expect(problemOf(classic({}, { ingest: { auth: {} } })).message).toContain('is missing');
  });

  test('a file without any integration', () => {
    expect(problemOf({}).message).toContain('is missing; it takes an object of at least one integration');
    expect(problemOf({ integrations: {} }).message).toContain('but is an empty object');
    expect(problemOf({ integrations: [] }).message).toContain('but is an empty list');
    expect(problemOf({ integrations: { a: 7 } }).message).toContain('must be an integration');
  });
});

describe('the report', () => {
  const text = `{
  "integrations": {
    "shop": {
      "config": {
        "api_key": "\${SHOP_KEY}",
        "list_id": "abc",
        "propertees": []
      }
    },
    "crm": {
      "config": { "api_key": "k", "properties": [ { "id": "A" } ] },
      "options": { "remember": "soon" }
    }
  },
  "ingest": { "port": 99999 }
}`;

  test('everything that is wrong is reported at once, in the order of the file, with line and column', () => {
    expect(
      problemsOf({ file: writeConfig(text) }).map(({ path, line, column }) => [path, line, column]),
    ).toEqual([
      ['integrations.shop.config.api_key', 5, 20],
      ['integrations.shop.config.list_id', 6, 20],
      ['integrations.shop.config.propertees', 7, 9],
      ['integrations.crm.config.properties[0].value', 11, 51],
      ['integrations.crm.options.remember', 12, 32],
      ['ingest.port', 15, 23],
    ]);
  });

  test('the message of the error names the file, the place, the key and what to do', () => {
    const file = writeConfig(text);
    const { message, source } = errorOf(() => loadConfig({ file, env: {} }));
    expect(source).toBe(file);
    expect(message).toContain(`6 problems in ${file}:`);
    expect(message).toContain(
      `${file}:5:20: integrations.shop.config.api_key: needs the environment variable SHOP_KEY, which is not set\n  Set SHOP_KEY`,
    );
  });
});

describe('a ledger attribute', () => {
  const withLedger = (ledger_attribute: unknown, config: object = {}) =>
    classic(config, { options: { ledger_attribute } });

  test('is taken as upper case, as Brevo’s names are', () => {
    const config = loadConfig({ object: withLedger('consent_ledger') });
    expect(config.integrations.get('default')?.rules.ledgerAttribute).toBe('CONSENT_LEDGER');
  });

  test.each([[''], [7], ['EMAIL'], ['ext_id'], ['EMAIL_CAMPAIGNS_SUBSCRIBED'], ['with space'], [true]])(
    'is not %j',
    (name) => {
      expect(problemOf(withLedger(name)).path).toBe('options.ledger_attribute');
    },
  );

  test('that is mapped too is refused: the mapped value would overwrite it', () => {
    expect(problemOf(withLedger('opt_email'))).toMatchObject({
      path: 'options.ledger_attribute',
      message: expect.stringContaining('config.properties[0]'),
    });
  });

  test('that another integration of the same account has or maps is refused', () => {
    const named = (ledger_attribute: string, id: string) =>
      classic({ properties: [{ id, value: 'a' }] }, { options: { ledger_attribute } });
    const shared = { integrations: { a: named('LEDGER', 'A'), b: named('LEDGER', 'B') } };
    expect(problemOf(shared).path).toBe('integrations.b.options.ledger_attribute');
    const mapped = { integrations: { a: named('LEDGER_A', 'A'), b: named('LEDGER_B', 'LEDGER_A') } };
    expect(problemOf(mapped).path).toBe('integrations.a.options.ledger_attribute');
  });

  test('may have the same name in another account', () => {
    const of = (api_key: string) => classic({ api_key }, { options: { ledger_attribute: 'LEDGER' } });
    expect(() => loadConfig({ object: { integrations: { a: of('key-a'), b: of('key-b') } } })).not.toThrow();
  });
});
