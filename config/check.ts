import type { Config, EncryptionSettings, TlsFiles } from './config';
import { type Environment, readEnvironment } from './environment';
import { listenAddress } from './listen';
import { type LoadInput, loadConfig } from './load';
import { networkText } from './networks';
import { ConfigError, describeProblem } from './problem';
import { readTlsFiles, validityProblem } from './tls-files';
import { warningsOf } from './warnings';

interface Check {
  readonly name: string;
  /** Whether nothing has to be mended; true for a warning too. */
  readonly ok: boolean;
  /** Works, and yet worth knowing. */
  readonly warning?: true;
  readonly message: string;
  readonly fix?: string;
}

export interface CheckResult {
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** Tries everything that can be judged without a network, and says each thing that is wrong. Never throws a ConfigError. */
export function checkConfig(input: LoadInput = {}): CheckResult {
  const config = attempt(() => loadConfig(input));
  const environment = attempt(() => readEnvironment(input.env));
  const checks = [
    ...(config.value === undefined ? config.failed : describeConfig(config.value)),
    ...(environment.value === undefined ? environment.failed : [ENVIRONMENT_OK]),
    ...(config.value && environment.value ? checkListening(config.value, environment.value) : []),
  ];
  return { ok: checks.every(({ ok }) => ok), checks };
}

const ENVIRONMENT_OK: Check = {
  name: 'environment',
  ok: true,
  message: 'the environment variables are valid',
};

function describeConfig({ source, integrations, encryption, didomi }: Config): Check[] {
  return [
    { name: 'file', ok: true, message: `${source} is valid` },
    ...[...integrations].map(([name, { rules }]): Check => {
      const count = rules.mappings.length;
      const unknown = rules.upsertMode ? 'creates' : 'skips';
      return {
        name: `integration ${name}`,
        ok: true,
        message: `${count} ${count === 1 ? 'mapping' : 'mappings'}; ${unknown} contacts that Brevo does not know`,
      };
    }),
    ...(encryption ? [describeEncryption(encryption)] : []),
    ...[...integrations.values()].flatMap(({ rules }) =>
      warningsOf(rules).map((one): Check => ({ ...one, ok: true, warning: true })),
    ),
    ...(didomi
      ? [
          {
            name: 'didomi',
            ok: true,
            message: `Didomi's API is asked at ${didomi.apiUrl} when something was deleted`,
          },
        ]
      : []),
  ];
}

function describeEncryption({ keys: [first, ...others], acceptUnencrypted }: EncryptionSettings): Check {
  const name = 'encryption';
  const older = others.length > 0 ? `; read with ${others.map(({ id }) => `"${id}"`).join(', ')} too` : '';
  const message = `what Temporal stores is encrypted with the key "${first.id}"${older}`;
  if (!acceptUnencrypted) return { name, ok: true, message };
  return {
    name,
    ok: true,
    warning: true,
    message: `${message}. What is not encrypted is taken as well`,
    fix: 'Remove accept_unencrypted once nothing from before is left (docs/encryption.md says how to tell).',
  };
}

function checkListening(config: Config, environment: Environment): Check[] {
  const address = attempt(() => listenAddress(config, environment));
  if (address.value === undefined) return address.failed;
  const { host, port } = address.value;
  const { auth, allowedIps, tls } = config.ingest;
  const message = [
    `ingestion listens on ${host} port ${port}, authentication: ${auth.type}`,
    ...(allowedIps ? [`takes requests from ${allowedIps.map(networkText).join(', ')} only`] : []),
  ].join('; ');
  return [{ name: 'listen address', ok: true, message }, ...(tls ? checkTls(tls) : [])];
}

function checkTls(files: TlsFiles): Check[] {
  const identity = attempt(() => readTlsFiles(files));
  if (identity.value === undefined) return identity.failed;
  const { names, validTo } = identity.value;
  const problem = validityProblem(identity.value, new Date());
  const name = 'ingest.tls';
  if (problem !== undefined) return [{ name, ok: false, message: problem, fix: 'Renew the certificate.' }];
  const message = `the certificate is for ${names.join(', ')}, until ${validTo.toISOString()}`;
  return [{ name, ok: true, message }];
}

type Attempt<T> = { readonly value: T } | { readonly value: undefined; readonly failed: Check[] };

function attempt<T extends object>(act: () => T): Attempt<T> {
  try {
    return { value: act() };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { source, problems } = error;
    const failed = problems.map((problem) => ({
      name: problem.path === '' ? 'file' : problem.path,
      ok: false,
      message: describeProblem(source, problem),
      ...(problem.fix === undefined ? {} : { fix: problem.fix }),
    }));
    return { value: undefined, failed };
  }
}
