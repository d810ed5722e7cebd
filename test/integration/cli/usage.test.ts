import { describe, expect, test } from '@jest/globals';
import { commandLines, config, sharedTemporal } from './support';

const commandLine = commandLines();

describe('exit code 2', () => {
  test.each([
    ['an unknown command', ['nonsense'], /unknown command 'nonsense'/],
    ['an unknown option', ['send', '--nonsense', 'x'], /unknown option '--nonsense'/],
    ['a missing argument', ['trace'], /missing required argument 'id'/],
    [
      'a file that is not there',
      ['send', 'nothing.json'],
      /nothing\.json cannot be read: there is no such file/,
    ],
    ['no configuration', ['start'], /consent-sync\.json/],
  ])('tells of %s, without a stack', async (_what, args, said) => {
    const { run } = await commandLine();
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(said);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('tells of everything that is wrong with a configuration, with file, line and key', async () => {
    const { run, write } = await commandLine();
    await write(
      'c.json',
      '{\n  "upsert_mode": "yes",\n  "config": {"api_key": "k", "properties": [], "lst": 7}\n}',
    );
    for (const command of ['start', 'ingest', 'worker', 'trace']) {
      const { code, stderr } = await run(
        command,
        ...(command === 'trace' ? ['x'] : []),
        '--config',
        'c.json',
      );
      expect(code).toBe(2);
      expect(stderr).toMatch(/c\.json:2:\d+: upsert_mode/);
      expect(stderr).toMatch(/c\.json:3:\d+: config\.properties/);
    }
  });

  test('tells of a missing id key when a Temporal server is named, and how to make one', async () => {
    const { run, write } = await commandLine({ ...sharedTemporal(), CONSENT_SYNC_ID_KEY: '' });
    await write('consent-sync.json', config());
    const { code, stderr } = await run('start');
    expect(code).toBe(2);
    expect(stderr).toMatch(/CONSENT_SYNC_ID_KEY.*\n.*openssl rand/);
  });

  test('tells that no Temporal server is named and none runs here', async () => {
    const { run, write } = await commandLine();
    await write('consent-sync.json', config());
    await write('events.json', '{}');
    for (const args of [['ingest'], ['worker'], ['send', 'events.json'], ['trace', 'x'], ['setup']]) {
      const { code, stderr } = await run(...args);
      expect(code).toBe(2);
      expect(stderr).toContain('Run "consent-sync start" in this folder, or set TEMPORAL_ADDRESS.');
    }
  });
});

describe('exit code 1', () => {
  test.each([[['send', 'events.json']], [['trace', 'x']], [['setup']]])(
    '%s says where Temporal was looked for when it is not there',
    async (args) => {
      const { run, write } = await commandLine({ ...sharedTemporal(), TEMPORAL_ADDRESS: '127.0.0.1:1' });
      await write('consent-sync.json', config());
      await write('events.json', '{}');
      const { code, stdout, stderr } = await run(...args);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/Temporal at 127\.0\.0\.1:1/);
      expect(stderr).not.toMatch(/^\s+at /m);
    },
  );
});

describe('config', () => {
  test('check says what is right, and exits with 0', async () => {
    const { run, write } = await commandLine();
    await write('consent-sync.json', config());
    const { code, stdout } = await run('config', 'check');
    expect(code).toBe(0);
    expect(stdout).toContain('✓ file: ./consent-sync.json is valid');
  });

  test('check --json is one document, also for a configuration that is wrong', async () => {
    const { run, write } = await commandLine();
    await write('c.json', '{"upsert_mode": true}');
    const { code, stdout } = await run('config', 'check', '--json', '--config', 'c.json');
    expect(code).toBe(2);
    const { ok, checks } = JSON.parse(stdout);
    expect(ok).toBe(false);
    expect(checks[0]).toMatchObject({ ok: false, name: expect.any(String), message: expect.any(String) });
  });

  test('schema prints a JSON Schema', async () => {
    const { run } = await commandLine();
    const { code, stdout } = await run('config', 'schema');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ $schema: expect.stringContaining('draft-07') });
  });
});

test('--help and --version answer on standard output, and exit with 0', async () => {
  const { run } = await commandLine();
  expect(await run('--version')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
  expect(await run('--help')).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('Commands:'),
  });
});

test('the simulator prints where it is, and ends with exit code 0', async () => {
  const { start } = await commandLine();
  const simulator = start(
    'simulator',
    '--port',
    '0',
    '--json',
    '--api-key',
    'k',
    '--attribute',
    'OPT_PUSH=boolean',
  );
  const [line] = await simulator.printed(/^\{.*\}$/m);
  const { url, controlUrl } = JSON.parse(line);
  const attributes = await fetch(`${url}/contacts/attributes`, { headers: { 'api-key': 'k' } });
  expect(JSON.stringify(await attributes.json())).toContain('OPT_PUSH');
  expect((await fetch(`${url}/account`, { headers: { 'api-key': 'other' } })).status).toBe(401);
  expect((await fetch(`${controlUrl}/contacts`)).status).toBe(200);
  simulator.child.kill('SIGTERM');
  expect(await simulator.ended).toMatchObject({ code: 0 });
});

test('setup says what it did, and may be run again', async () => {
  const { run } = await commandLine(sharedTemporal());
  const first = await run('setup');
  expect(first).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Search attribute ConsentEventIds: exists'),
  });
  const again = await run('setup', '--json');
  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({
    namespace: { name: 'default', result: 'existed' },
    searchAttributes: { registered: [], existing: expect.arrayContaining(['ConsentSyncOutcome']) },
  });
});
