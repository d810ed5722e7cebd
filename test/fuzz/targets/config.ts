import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ConfigError, loadConfig, readEnvironment } from '../../../config';
import { readJson } from '../../../config/json-text';
import { readNetwork } from '../../../config/networks';
import { senderOf } from '../../../ingest/network/sender';
import { anyConfig } from '../any-config';
import { assertDiscreet, assertHides, assertSame, jsonIn, type Target, understands } from '../target';

const SECRET = 'xkeysib-zebraquagga';

const CLASSIC = {
  upsert_mode: true,
  config: {
    api_key: SECRET,
    list_id: 7,
    properties: [
      { id: 'OPT_EMAIL', value: 'consents_purposes_newsletter_enabled', write: { true: 'Yes', false: 'No' } },
      { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: 'consents_purposes_newsletter_enabled' },
    ],
  },
  options: {
    identifier: 'auto',
    regulations: ['gdpr'],
    remember: '7 days',
    ledger_attribute: 'LEDGER',
    resubscribe: 'newer',
    dry_run: false,
  },
};
const SEVERAL = {
  integrations: {
    shop: CLASSIC,
    club: {
      type_id: 'sendinblue',
      authentication: { private_api_key: SECRET },
      properties: { list_id: '7' },
      mappings: [{ id: 'A', value: 'consents_purposes_a_enabled' }],
    },
  },
  ingest: {
    host: '::1',
    port: 8080,
    auth: { type: 'oauth', clients: [{ id: 'didomi', secret: `${SECRET}-and-more` }] },
    allowed_ips: ['35.159.1.63', '2001:db8::/32'],
    trusted_proxies: ['10.0.0.0/8'],
    max_body_bytes: 1_000_000,
  },
  temporal: { task_queue: 'consent-sync' },
  brevo: { requests_per_second: 10 },
  encryption: { keys: [{ id: 'now', key: Buffer.alloc(32, 7).toString('base64') }] },
  didomi: { organization_id: 'acme', api_key: SECRET, api_secret: SECRET },
};
const ENV = { KEY: SECRET, LIST: '9', X: 'x', SECRET: `${SECRET}-from-env` };
const FILE = join(tmpdir(), `consent-sync-fuzz-${process.pid}.json`);

/** The whole text may list as many problems as there are. */
const LONGEST_PROBLEM = 1_500;

function assertHelpful(error: Error): void {
  const { problems } = error as ConfigError;
  if (problems.length === 0) throw new Error('a configuration is refused without a reason');
  for (const { path, message, fix = '' } of problems) {
    assertDiscreet(`${path}: ${message} ${fix}`, LONGEST_PROBLEM);
  }
}

function loads(input: Parameters<typeof loadConfig>[0]): boolean {
  return understands(() => loadConfig(input), [ConfigError], assertHelpful);
}

const configFile: Target = {
  name: 'config-file',
  corpus: [JSON.stringify(CLASSIC), JSON.stringify(SEVERAL, null, 2), `\ufeff${JSON.stringify(CLASSIC)}`],
  words: [
    `\${KEY}`,
    `\${`,
    `$\${X}`,
    `\${LIST}`,
    'config',
    'properties',
    'forget',
    'contact_id',
    'jwt',
    'jwks_url',
    'tls',
  ],
  grammar: (seed, numRuns) => fc.sample(anyConfig, { seed, numRuns }).map((one) => JSON.stringify(one) ?? ''),
  read: (input) => {
    // Without a byte order mark, as a file is read.
    const document = readJson(new TextDecoder().decode(input));
    const json = jsonIn(input);
    if ('error' in document) {
      if (json !== undefined && input.length < 1_000 && !/deep/.test(document.error.message)) {
        throw new Error('something that is JSON is not taken for it');
      }
      assertDiscreet(document.error.message, LONGEST_PROBLEM);
      return false;
    }
    const loaded = loads({ object: document.value, env: ENV });
    // Files are slow.
    if (input.length % 16 === 0) {
      writeFileSync(FILE, input);
      const isPlain = json !== undefined && document.duplicates.length === 0;
      const fromFile = loads({ file: FILE, env: ENV });
      if (isPlain) assertSame('a file is not what its object is', fromFile, loaded);
    }
    return loaded;
  },
  share: 0.15,
};

/** Variables, one a line. */
const environment: Target = {
  name: 'environment',
  corpus: [
    `BREVO_API_URL=https://api.brevo.com/v3\nHOST=127.0.0.1\nPORT=8080\nMETRICS_PORT=9464\nSHUTDOWN_GRACE=30 seconds\nLOG_LEVEL=debug\nCONSENT_SYNC_ID_KEY=${SECRET}-and-as-long-as-it-must-be`,
    'CONSENT_SYNC_CODEC_TOKEN=zebraquagga-and-more\nTEMPORAL_DEPLOYMENT_NAME=a\nTEMPORAL_WORKER_BUILD_ID=b',
  ],
  words: ['http://127.0.0.1:1/v3', 'http://u:p@x', 'file:///', 'silent', '[::1]', '0.0.0.0', '65536'],
  read: (input) => {
    const entries = input
      .toString('latin1')
      .split('\n')
      .map((line): [string, string] => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]);
    const env: Record<string, string> = Object.fromEntries(entries);
    const secrets = ['CONSENT_SYNC_ID_KEY', 'CONSENT_SYNC_CODEC_TOKEN']
      .map((name) => env[name] ?? '')
      .filter(
        (one) => /zebraquagga/.test(one) && entries.filter(([, value]) => value.includes(one)).length === 1,
      );
    return understands(
      () => readEnvironment(env),
      [ConfigError],
      ({ message }) => assertHides(message, 10 * LONGEST_PROBLEM, secrets),
    );
  },
};

const networks: Target = {
  name: 'networks',
  corpus: [
    '35.159.1.63',
    '10.0.0.0/8',
    '2001:db8::/32',
    '::ffff:10.0.0.0/104',
    '[2001:db8::1]:443',
    '10.0.0.1:80',
  ],
  words: ['::', '/', '/0', '/128', 'fe80::1%eth0', '010', '0x7f.1', '1.2.3', ':', '%'],
  read: (input) => {
    const text = input.toString();
    senderOf({ ip: text });
    const read = readNetwork(text);
    if (!('prefix' in read)) {
      assertDiscreet('expected' in read ? read.expected : `${read.message} ${read.fix}`, 300);
      return false;
    }
    assertSame(
      'a network is another when it is read again',
      readNetwork(`${read.address}/${read.prefix}`),
      read,
    );
    return true;
  },
};

export const CONFIG_TARGETS: readonly Target[] = [configFile, environment, networks];
