import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { checkConfig, loadConfig } from '../../../config';
import { keyNamed } from '../encryption/keys';
import { classic, errorOf } from './support';

const folder = mkdtempSync(join(tmpdir(), 'consent-sync-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const [KEY, OLD] = [keyNamed('a'), keyNamed('b')];

function file(content: string | Buffer): string {
  const path = join(folder, `${Math.random()}`);
  writeFileSync(path, content);
  return path;
}

function encryptionOf(encryption: unknown, env: Record<string, string> = {}) {
  return loadConfig({ object: classic({}, { encryption }), env }).encryption;
}

function problemsOf(encryption: unknown) {
  return errorOf(() => encryptionOf(encryption)).problems.map(({ path, message, fix }) => ({
    path,
    message,
    fix,
  }));
}

describe('encryption', () => {
  test('is off unless the file says so', () => {
    expect(loadConfig({ object: classic() }).encryption).toBeUndefined();
  });

  test('takes keys from the environment and from files, in the order of the list', () => {
    const keys = [
      { id: 'now', key: `\${ENCRYPTION_KEY}` },
      { id: 'old', key_file: file(`${OLD}\n`) },
    ];
    const read = encryptionOf({ keys }, { ENCRYPTION_KEY: KEY });
    expect(read?.keys.map(({ id, key }) => [id, key])).toEqual([
      ['now', KEY],
      ['old', OLD],
    ]);
    expect(read?.acceptUnencrypted).toBe(false);
  });

  test('takes unencrypted payloads only when told to, and warns of it', () => {
    const encryption = { keys: [{ id: 'now', key: KEY }], accept_unencrypted: true };
    expect(encryptionOf(encryption)?.acceptUnencrypted).toBe(true);
    const { ok, checks } = checkConfig({ object: classic({}, { encryption }), env: {} });
    expect(ok).toBe(true);
    expect(checks.find(({ name }) => name === 'encryption')).toMatchObject({ warning: true });
  });

  test('shows no key when it is printed, logged or checked', () => {
    const encryption = {
      keys: [
        { id: 'now', key: KEY },
        { id: 'old', key_file: file(OLD) },
      ],
    };
    const read = encryptionOf(encryption);
    const shown = [
      JSON.stringify(read),
      inspect(read, { depth: 9, showHidden: true }),
      JSON.stringify({ ...read?.keys[0] }),
      JSON.stringify(checkConfig({ object: classic({}, { encryption }), env: {} })),
    ].join('\n');
    expect(shown).toContain('now');
    expect(shown).not.toContain(KEY.slice(0, 12));
    expect(shown).not.toContain(OLD.slice(0, 12));
  });
});

describe('a key that cannot be used', () => {
  const bad: [string, unknown, string, RegExp][] = [
    [
      'too short',
      { id: 'a', key: Buffer.alloc(16, 7).toString('base64') },
      'key',
      /must be 32 bytes in base64/,
    ],
    [
      'too long',
      { id: 'a', key: Buffer.alloc(33, 7).toString('base64') },
      'key',
      /must be 32 bytes in base64/,
    ],
    ['in hex', { id: 'a', key: Buffer.alloc(32, 7).toString('hex') }, 'key', /must be 32 bytes in base64/],
    [
      'with bits that mean nothing',
      { id: 'a', key: `${'A'.repeat(42)}B=` },
      'key',
      /must be 32 bytes in base64/,
    ],
    ['no text', { id: 'a', key: 7 }, 'key', /must be 32 bytes in base64/],
    ['missing', { id: 'a' }, '', /neither a key nor a key_file/],
    ['given twice', { id: 'a', key: KEY, key_file: file(KEY) }, '', /both a key and a key_file/],
    ['without an id', { key: KEY }, 'id', /is missing/],
    ['with a strange id', { id: 'a b', key: KEY }, 'id', /must be 1 to 64 letters/],
    [
      'in a file that is not there',
      { id: 'a', key_file: join(folder, 'none') },
      'key_file',
      /cannot be read \(ENOENT\)/,
    ],
    ['in a folder', { id: 'a', key_file: folder }, 'key_file', /cannot be read \(EISDIR\)/],
    [
      'in a file of something else',
      { id: 'a', key_file: file('hello') },
      'key_file',
      /does not hold 32 bytes/,
    ],
    [
      'in a file that is far too long',
      { id: 'a', key_file: file(`${KEY}${' '.repeat(2_000)}`) },
      'key_file',
      /does not hold/,
    ],
  ];
  test.each(bad)('is named: %s', (_name, entry, at, message) => {
    const [problem, ...others] = problemsOf({ keys: [entry] });
    expect(others).toEqual([]);
    expect(problem?.path).toBe(at === '' ? 'encryption.keys[0]' : `encryption.keys[0].${at}`);
    expect(problem?.message).toMatch(message);
  });

  test('is not repeated, not even where a key was written instead of a path', () => {
    const wrong = [{ id: 'a', key: `${KEY}x` }, { id: 'b', key_file: KEY }, { id: KEY, key: KEY }, KEY];
    for (const entry of wrong) {
      const said = JSON.stringify(problemsOf({ keys: [entry] }));
      expect(said).not.toContain(KEY.slice(0, 12));
    }
  });

  test('is told from the others', () => {
    const two = {
      keys: [
        { id: 'a', key: KEY },
        { id: 'a', key: OLD },
        { id: 'b', key_file: file(KEY) },
      ],
    };
    expect(problemsOf(two)).toMatchObject([
      { path: 'encryption.keys[1].id', message: expect.stringContaining('earlier key') },
      { path: 'encryption.keys[2].key_file', message: expect.stringContaining('same key') },
    ]);
  });

  test.each([[{ keys: [] }], [{}], [[]], [true], [{ keys: { id: 'a', key: KEY } }]])(
    'is missing: %j',
    (encryption) => {
      expect(problemsOf(encryption)).toHaveLength(1);
    },
  );

  test('has a name that is nearly right', () => {
    expect(problemsOf({ keys: [{ id: 'a', keyFile: file(KEY) }] })[0]?.message).toContain(
      'did you mean "key_file"?',
    );
  });
});
