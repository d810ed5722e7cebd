import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { ask } from '../../../cli/ask';
import { checkClock } from '../../../cli/doctor/clock-check';
import { mend } from '../../../cli/doctor/mend';
import { describeRepair } from '../../../cli/doctor/repair';
import { checkServerVersion } from '../../../cli/doctor/server-version-check';
import { loadConfig } from '../../../config';
import { startSimulator } from '../../../simulator';

describe('a clock', () => {
  test.each([
    [0, { ok: true, message: 'agrees with ours' }],
    [-4_000, { ok: true, message: 'agrees with ours' }],
    [20_000, { ok: true, warning: true, message: "our clock is 20 seconds ahead of Brevo's clock" }],
    [-20_400, { ok: true, warning: true, message: "our clock is 20 seconds behind Brevo's clock" }],
    [600_000, { ok: false, message: "our clock is 10 minutes ahead of Brevo's clock" }],
    [-61_000, { ok: false, message: "our clock is 61 seconds behind Brevo's clock" }],
  ])('that is %d ms behind ours', (aheadMs, expected) => {
    const theirs = Date.UTC(2026, 2, 4);
    expect(checkClock("Brevo's clock", { theirs, ours: theirs + aheadMs })).toMatchObject(expected);
  });

  test('that nobody tells is a warning', () => {
    expect(checkClock("Temporal's clock", undefined)).toMatchObject({ ok: true, warning: true });
  });
});

test.each([
  ['1.28.0', ['Temporal version', 'Temporal priority']],
  ['1.29.1', ['Temporal priority']],
  ['1.32.0', []],
  ['2.0.0', []],
  ['cloud', []],
])('a server of version %s is warned of for %j, and fails nothing', (version, warned) => {
  const findings = checkServerVersion(version, false);
  expect(findings.every(({ ok }) => ok)).toBe(true);
  expect(findings.filter(({ warning }) => warning).map(({ name }) => name)).toEqual(warned);
});

test('a server that was started with priorities on needs no later version for them', () => {
  expect(checkServerVersion('1.29.1', true)).toHaveLength(1);
});

test.each([
  ['y\n', true],
  ['YES\n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
  ['', false],
])('the answer %j', async (answer, expected) => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  input.end(answer);
  expect(await ask('Create it?', input, output)).toBe(expected);
  expect(String(output.read())).toContain('Create it? [y/N]');
});

test('each thing is asked for on its own, and what is refused is not created', async () => {
  const simulator = await startSimulator();
  const config = loadConfig({
    object: {
      config: { api_key: 'k', properties: [{ id: 'A', value: 'consents_purposes_a_enabled' }] },
    },
  });
  const missing = (name: string) => ({
    name,
    ok: false,
    message: 'missing',
    repair: { kind: 'attribute', integration: 'default', name, type: 'boolean' } as const,
  });
  const [asked, told]: [string[], string[]] = [[], []];
  const tried = await mend(
    // The simulator has an OPT_EMAIL: that one cannot be created, and the last is all the same.
    [missing('OPT_A'), missing('OPT_EMAIL'), missing('OPT_B')],
    config,
    simulator.url,
    async (question) => {
      asked.push(question);
      return !question.includes('OPT_A');
    },
    (line) => told.push(line),
  );
  expect(tried).toBe(true);
  expect(asked).toHaveLength(3);
  expect(told).toEqual([
    expect.stringMatching(/^Not created: .*OPT_A/),
    expect.stringMatching(/^Could not create .*OPT_EMAIL.*must be unique/),
    expect.stringMatching(/^Created .*OPT_B/),
  ]);
  const made = simulator.calls().filter(({ method }) => method === 'POST');
  expect(made.map(({ path }) => path)).toEqual([
    '/contacts/attributes/normal/OPT_EMAIL',
    '/contacts/attributes/normal/OPT_B',
  ]);
  await simulator.close();
});

test('a question says what would be made, and where', () => {
  expect(describeRepair({ kind: 'namespace', namespace: 'consents' })).toBe(
    'the Temporal namespace "consents", with its search attributes',
  );
  expect(describeRepair({ kind: 'search-attributes', namespace: 'consents', names: ['A', 'B'] })).toBe(
    'the search attributes A, B in the Temporal namespace "consents"',
  );
});
