import { afterEach, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../../simulator';
import { startDidomiSimulator } from '../../../simulator/didomi';
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

/** Runs doctor on an integration, with these keys of it changed. */
async function doctor(integration: Record<string, unknown>, env: Record<string, string> = {}) {
  await simulator?.close();
  simulator = await startSimulator({ apiKey: 'the-key' });
  const { run, write } = await commandLine({ ...sharedTemporal(), BREVO_API_URL: simulator.url, ...env });
  const base = {
    config: {
      api_key: 'the-key',
      list_id: 7,
      properties: [{ id: 'OPT_EMAIL', value: 'consents_purposes_newsletter_enabled' }],
    },
  };
  await write('consent-sync.json', JSON.stringify({ ...base, ...integration }));
  const { code, stdout } = await run('doctor', '--json');
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
  return { code, ok, wrong: checks.filter((check) => !check.ok), checks };
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
  const { code, wrong } = await doctor({
    config: { api_key: 'another', properties: [{ id: 'A', value: 'a' }] },
  });
  expect(code).toBe(1);
  expect(wrong).toEqual([
    expect.objectContaining({ name: 'default: Brevo account', fix: expect.stringContaining('API key') }),
  ]);
});

test('says that Temporal does not answer, and goes on with Brevo', async () => {
  const { code, wrong, checks } = await doctor({}, { TEMPORAL_ADDRESS: '127.0.0.1:1' });
  expect(code).toBe(1);
  expect(wrong).toEqual([expect.objectContaining({ name: 'Temporal' })]);
  expect(checks.map(({ name }) => name)).toContain('default: attribute OPT_EMAIL');
});

test('says what is wrong with the configuration, with exit code 2', async () => {
  const { code, ok } = await doctor({ upsert_mode: 'yes' });
  expect({ code, ok }).toEqual({ code: 2, ok: false });
});
