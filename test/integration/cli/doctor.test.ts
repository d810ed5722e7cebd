import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { runChecks } from '../../../cli/doctor/checks';
import { loadConfig } from '../../../config';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../simulator';
import { startDidomiSimulator } from '../../../simulator/didomi';
import { ensureNamespace } from '../../../temporal/namespace';
import { startHarness } from '../support/harness';
import { commandLines, sharedTemporal } from './support';

const commandLine = commandLines();
let simulator: Simulator | undefined;
afterEach(() => simulator?.close());

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly warning?: true;
  readonly message: string;
  readonly fix?: string;
}

interface Given {
  readonly env?: Record<string, string>;
  readonly arguments?: readonly string[];
  readonly simulator?: SimulatorOptions;
  /** Brevo takes every key. */
  readonly anyKey?: true;
  /** What Brevo does. */
  readonly prepare?: (simulator: Simulator) => void;
}

/** Runs doctor on an integration, with these keys of it changed. */
async function doctor(integration: Record<string, unknown>, given: Given = {}) {
  await simulator?.close();
  simulator = await startSimulator({ ...(!given.anyKey && { apiKey: 'the-key' }), ...given.simulator });
  given.prepare?.(simulator);
  const environment = { ...sharedTemporal(), BREVO_API_URL: simulator.url, ...given.env };
  const { run, write } = await commandLine(environment);
  const base = {
    config: {
      api_key: 'the-key',
      list_id: 7,
      properties: [{ id: 'OPT_EMAIL', value: 'consents_purposes_newsletter_enabled' }],
    },
  };
  await write('consent-sync.json', JSON.stringify({ ...base, ...integration }));
  const { code, stdout, stderr } = await run('doctor', '--json', ...(given.arguments ?? []));
  const { ok, checks } = (stdout === '' ? { ok: false, checks: [] } : JSON.parse(stdout)) as {
    ok: boolean;
    checks: Check[];
  };
  const named = (name: string) => checks.filter((check) => check.name === name);
  return { code, ok, wrong: checks.filter((check) => !check.ok), checks, named, stderr };
}

/** The checks that are made over the network, in this process. */
async function checksOf(settings: Record<string, unknown>, given: Given = {}) {
  await simulator?.close();
  simulator = await startSimulator({ ...(!given.anyKey && { apiKey: 'the-key' }), ...given.simulator });
  given.prepare?.(simulator);
  Object.assign(process.env, { TEMPORAL_NAMESPACE: 'default', ...sharedTemporal(), ...given.env });
  const properties = [{ id: 'OPT_EMAIL', value: 'consents_purposes_newsletter_enabled' }];
  const config = { api_key: 'the-key', properties };
  const object = settings.integrations ? settings : { config, ...settings };
  const checks = await runChecks(loadConfig({ object }), simulator.url);
  return {
    wrong: checks.filter(({ ok }) => !ok),
    named: (name: string) => checks.filter((check) => check.name === name),
  };
}

function mapping(...properties: object[]) {
  return { config: { api_key: 'the-key', properties } };
}

test('finds nothing to mend where everything is there, and says what the horizon for late events is', async () => {
  const { code, ok, checks } = await doctor({});
  expect({ code, ok }).toEqual({ code: 0, ok: true });
  expect(checks).toContainEqual(
    expect.objectContaining({
      name: 'default: late events',
      ok: true,
      warning: true,
      message: expect.stringMatching(/within 7 days.*share no memory/),
      fix: expect.stringContaining('ledger_attribute'),
    }),
  );
});

test('asks Didomi where there is access, and says what it means that there is none', async () => {
  const didomi = await startDidomiSimulator({
    organizationId: 'acme',
    apiKey: 'didomi-key',
    apiSecret: 's3cret',
  });
  const access = (api_key: string) => {
    return { didomi: { organization_id: 'acme', api_key, api_secret: 's3cret', api_url: didomi.url } };
  };
  const found = ({ checks }: { checks: Check[] }) => checks.find(({ name }) => name === "Didomi's API");
  expect(found(await doctor({}))).toMatchObject({ ok: true, warning: true });
  expect(found(await doctor(access('didomi-key')))).toEqual(expect.not.objectContaining({ warning: true }));
  expect(found(await doctor(access('another-key')))).toMatchObject({ ok: false });
  await didomi.close();
});

test('with a ledger says that there is no horizon', async () => {
  const { code, checks } = await doctor({ options: { ledger_attribute: 'CONSENT_LEDGER' } });
  expect(code).toBe(0);
  expect(checks.find(({ name }) => name === 'default: late events')).toMatchObject({
    ok: true,
    message: expect.stringContaining('never wins, however late'),
  });
});

test('names every attribute and list that does not fit, and what to do', async () => {
  const { code, wrong } = await doctor({
    config: {
      api_key: 'the-key',
      list_id: 99,
      properties: [
        { id: 'NO_SUCH', value: 'consents_purposes_a_enabled' },
        { id: 'CONSENT_DATE', value: 'consents_purposes_b_enabled' },
        { id: 'ORDER_COUNT', value: 'consents_purposes_c_enabled' },
        { id: 'OPT_SMS', value: 'consents_purposes_d_values_frequency_value' },
        {
          id: 'FREQUENCY',
          value: 'consents_purposes_e_enabled',
          write: { true: 'daily', false: 'sometimes' },
        },
        { id: 'OPT_EMAIL', value: 'consents_purposes_f_enabled' },
      ],
    },
    options: { ledger_attribute: 'SCORE' },
  });
  expect(code).toBe(1);
  expect(wrong.map(({ name }) => name)).toEqual([
    'default: attribute NO_SUCH',
    'default: attribute CONSENT_DATE',
    'default: attribute ORDER_COUNT',
    'default: attribute OPT_SMS',
    'default: attribute FREQUENCY',
    'default: ledger SCORE',
    'default: list 99',
  ]);
  for (const { fix } of wrong) expect(fix).toBeDefined();
});

test('tells a wrong key from an IP address that Brevo blocks', async () => {
  const wrongKey = await doctor({ config: { api_key: 'another', properties: [{ id: 'A', value: 'a' }] } });
  expect(wrongKey.code).toBe(1);
  expect(wrongKey.wrong).toEqual([
    expect.objectContaining({ name: 'default: Brevo account', fix: expect.stringContaining('API key') }),
  ]);
  const blocked = await checksOf({}, { prepare: (brevo) => brevo.setFaults({ kind: 'ipBlocked' }) });
  expect(blocked.wrong).toEqual([
    expect.objectContaining({
      name: 'default: Brevo account',
      fix: expect.stringContaining('Authorised IPs'),
    }),
  ]);
});

test('says of an attribute that Brevo works out itself that it cannot be written, and creates nothing for it', async () => {
  const config = mapping({ id: 'ORDER_COUNT', value: 'consents_purposes_a_enabled' });
  const { code, wrong, stderr } = await doctor(config, { arguments: ['--fix', '--yes'] });
  expect(code).toBe(1);
  expect(wrong).toMatchObject([
    { name: 'default: attribute ORDER_COUNT', message: expect.stringContaining('calculated') },
  ]);
  expect(stderr).toContain('nothing that --fix could create');
  expect(simulator?.calls().filter(({ method }) => method !== 'GET')).toEqual([]);
});

test('finds the blacklist mapped twice, also by two keys of one Brevo account', async () => {
  const flag = { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: 'consents_purposes_newsletter_enabled' };
  const inOne = await doctor(mapping(flag, { ...flag, value: 'consents_purposes_other_enabled' }));
  expect(inOne.code).toBe(2);
  expect(inOne.wrong).toMatchObject([{ message: expect.stringContaining('a second time') }]);

  const integrations = {
    shop: { config: { api_key: 'key-1', properties: [flag] } },
    news: { config: { api_key: 'key-2', properties: [flag] } },
  };
  const { wrong } = await checksOf({ integrations }, { anyKey: true });
  expect(wrong).toMatchObject([
    { name: 'one Brevo account: shop, news', message: expect.stringContaining('e-mail blacklist') },
  ]);
});

test('compares our clock with those of Brevo and Temporal', async () => {
  const right = await checksOf({});
  expect(right.named("Temporal's clock")).toMatchObject([{ ok: true, message: 'agrees with ours' }]);
  expect(right.named("Brevo's clock")).toMatchObject([{ ok: true, message: 'agrees with ours' }]);
  const { named } = await checksOf({}, { simulator: { now: () => Date.now() - 600_000 } });
  expect(named("Brevo's clock")).toMatchObject([
    {
      ok: false,
      message: expect.stringContaining("ahead of Brevo's clock"),
      fix: expect.stringContaining('NTP'),
    },
  ]);
});

test('warns where nobody works on what is stored, and says nothing where somebody does', async () => {
  const taskQueue = `test-${randomUUID()}`;
  const settings = { temporal: { task_queue: taskQueue } };
  const idle = await checksOf(settings);
  expect(idle.wrong).toEqual([]);
  expect(idle.named('workers')).toMatchObject([
    { ok: true, warning: true, message: expect.stringContaining(`task queue ${taskQueue})`) },
    { ok: true, warning: true, message: expect.stringContaining('the integration "default"') },
  ]);
  const harness = await startHarness({ taskQueue });
  const busy = await checksOf(settings);
  await harness.close();
  expect(busy.named('workers')).toMatchObject([{ ok: true, message: 'run for every integration' }]);
});

test('warns of ingestion without authentication that a proxy may open to others', async () => {
  expect((await checksOf({})).named('ingest.auth')).toEqual([]);
  const { wrong, named } = await checksOf({ ingest: { trusted_proxies: ['127.0.0.1'] } });
  expect(wrong).toEqual([]);
  expect(named('ingest.auth')).toMatchObject([
    { ok: true, warning: true, message: expect.stringContaining('ingest.trusted_proxies') },
  ]);
});

test('refuses to create anything without a terminal to ask on', async () => {
  const { code, stderr } = await doctor({}, { arguments: ['--fix'] });
  expect(code).toBe(2);
  expect(stderr).toContain('--yes');
  expect(simulator?.calls()).toEqual([]);
});

test('with --fix creates what is missing in Brevo and Temporal, then finds nothing to mend', async () => {
  const namespace = `doctor-${randomUUID()}`;
  const integration = {
    ...mapping(
      { id: 'OPT_NEW', value: 'consents_purposes_newsletter_enabled' },
      {
        id: 'OPT_WORDS',
        value: 'consents_purposes_newsletter_enabled',
        write: { true: 'Yes', false: 'No' },
      },
      { id: 'OPT_EMAIL', value: 'consents_purposes_newsletter_enabled' },
    ),
    options: { ledger_attribute: 'NEW_LEDGER' },
  };
  const given: Given = { env: { TEMPORAL_NAMESPACE: namespace }, arguments: ['--fix', '--yes'] };
  const { code, wrong, named, stderr } = await doctor(integration, given);
  expect({ code, wrong }).toEqual({ code: 0, wrong: [] });
  expect(named('default: attribute OPT_NEW')).toMatchObject([{ message: 'exists, of type boolean' }]);
  expect(named('default: attribute OPT_WORDS')).toMatchObject([{ message: 'exists, of type text' }]);
  expect(named('default: ledger NEW_LEDGER')).toMatchObject([{ message: 'exists, of type text' }]);
  expect(named('Temporal search attributes')).toMatchObject([{ message: 'all are registered' }]);
  expect(stderr).toContain('Created the boolean attribute OPT_NEW in the Brevo account of "default"');
  const written = simulator?.calls().filter(({ method }) => method !== 'GET') ?? [];
  expect(written.map(({ route }) => route)).toEqual(Array(3).fill(expect.stringContaining('attributeName')));
});

test('says of a search attribute of another type that it has to be removed, and does not do it', async () => {
  const namespace = `doctor-${randomUUID()}`;
  const connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS ?? '' });
  await ensureNamespace(connection, namespace, { retentionMs: 86_400_000 });
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: { ConsentSyncOutcome: 1 },
  });
  await connection.close();
  const { wrong, named } = await checksOf({}, { env: { TEMPORAL_NAMESPACE: namespace } });
  expect(wrong).toMatchObject([
    {
      name: 'Temporal search attributes',
      message: expect.stringContaining('ConsentSyncOutcome'),
      fix: expect.stringContaining('Remove it'),
    },
  ]);
  expect(named('Temporal retention')).toMatchObject([{ ok: true, warning: true }]);
});

test('says that Temporal does not answer, and goes on with Brevo', async () => {
  const { code, wrong, checks } = await doctor({}, { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
  expect(code).toBe(1);
  expect(wrong).toEqual([expect.objectContaining({ name: 'Temporal' })]);
  expect(checks.map(({ name }) => name)).toContain('default: attribute OPT_EMAIL');
});

test('says what is wrong with the configuration, with exit code 2', async () => {
  const { code, ok } = await doctor({ upsert_mode: 'yes' });
  expect({ code, ok }).toEqual({ code: 2, ok: false });
});
