import { baseUrl, baseUrlProblem } from './base-url';
import { DEFAULTS } from './defaults';
import { parseDuration } from './duration';
import { ConfigError, type Problem } from './problem';
import { withSecret } from './secrets';
import type { Variables } from './substitute';
import { shortText } from './tree';
import { readWorkerVersion, type WorkerVersion } from './worker-version';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the environment says, checked, with defaults filled in. */
export interface Environment {
  /** CONSENT_SYNC_CONFIG */
  readonly configFile?: string;
  /** BREVO_API_URL: base with the version, without a slash at its end. */
  readonly brevoApiUrl: string;
  /** HOST: wins over the file. */
  readonly host?: string;
  /** PORT: wins over the file; 0 takes any free one. */
  readonly port?: number;
  /** METRICS_PORT: no metrics are served when absent. */
  readonly metricsPort?: number;
  /** METRICS_HOST: wins over HOST for the metrics. */
  readonly metricsHost?: string;
  /** SHUTDOWN_GRACE: how long the end of a service may take, in ms. */
  readonly shutdownGraceMs: number;
  /** LOG_LEVEL */
  readonly logLevel: LogLevel;
  /** CONSENT_SYNC_ID_KEY: secret for contact keys. Not enumerable, so that it does not leak with this object. */
  readonly idKey?: string;
  /** CONSENT_SYNC_CODEC_TOKEN: who has it may decode. Not enumerable either. */
  readonly codecToken?: string;
  /** CONSENT_SYNC_DATA: folder for what outlives the process. */
  readonly dataDirectory: string;
  /** TEMPORAL_DEPLOYMENT_NAME, TEMPORAL_WORKER_BUILD_ID: absent without Worker Versioning. */
  readonly workerVersion?: WorkerVersion;
}

const MIN_ID_KEY = 32;
const CODEC_TOKEN = /^[\x21-\x7e]{16,}$/;

/**
 * Reads our environment variables. An empty one counts as not set, except secrets: an empty secret is a
 * deployment gone wrong.
 *
 * @throws {ConfigError} that names every variable that is wrong, at once
 */
export function readEnvironment(env: Variables = process.env): Environment {
  const problems: Problem[] = [];
  const read = <T>(name: string, parse: (value: string) => T | Refused): T | undefined => {
    const value = env[name];
    if (value === undefined || value === '') return undefined;
    const result = parse(value);
    if (!(result instanceof Refused)) return result;
    problems.push({
      path: name,
      message: result.message,
      fix: result.fix ?? `Correct ${name}, or unset it.`,
    });
    return undefined;
  };

  const configFile = read('CONSENT_SYNC_CONFIG', (value) => value);
  const brevoApiUrl = read('BREVO_API_URL', parseBrevoUrl);
  const host = read('HOST', parseHost);
  const port = read('PORT', parsePort);
  const metricsPort = read('METRICS_PORT', parsePort);
  const metricsHost = read('METRICS_HOST', parseHost);
  const shutdownGraceMs = read('SHUTDOWN_GRACE', parseGrace);
  const logLevel = read('LOG_LEVEL', parseLogLevel);
  const dataDirectory = read('CONSENT_SYNC_DATA', (value) => value);
  const workerVersion = readWorkerVersion(env, problems);
  const idKey = env.CONSENT_SYNC_ID_KEY;
  if (idKey !== undefined && idKey.length < MIN_ID_KEY) problems.push(idKeyProblem(idKey));
  const codecToken = env.CONSENT_SYNC_CODEC_TOKEN;
  if (codecToken !== undefined && !CODEC_TOKEN.test(codecToken)) problems.push(codecTokenProblem());
  if (problems.length > 0) throw new ConfigError('environment', problems);

  const environment: Environment = {
    ...(configFile === undefined ? {} : { configFile }),
    brevoApiUrl: brevoApiUrl ?? DEFAULTS.brevo.apiUrl,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(metricsPort === undefined ? {} : { metricsPort }),
    ...(metricsHost === undefined ? {} : { metricsHost }),
    shutdownGraceMs: shutdownGraceMs ?? DEFAULTS.shutdownGraceMs,
    logLevel: logLevel ?? DEFAULTS.logLevel,
    dataDirectory: dataDirectory ?? DEFAULTS.dataDirectory,
    ...(workerVersion === undefined ? {} : { workerVersion }),
  };
  if (idKey !== undefined) withSecret(environment, 'idKey', idKey);
  if (codecToken !== undefined) withSecret(environment, 'codecToken', codecToken);
  return environment;
}

class Refused {
  constructor(
    readonly message: string,
    readonly fix?: string,
  ) {}
}

function parseBrevoUrl(value: string): string | Refused {
  const use = { example: DEFAULTS.brevo.apiUrl, secret: 'the Brevo API key', place: 'BREVO_API_URL' };
  const problem = baseUrlProblem(value, use);
  return problem ? new Refused(problem.message, problem.fix) : baseUrl(value);
}

function parseHost(value: string): string | Refused {
  return /^[A-Za-z0-9._:%-]+$/.test(value)
    ? value
    : new Refused(
        `must be a host name or IP address, without a port or brackets, but is ${shortText(value)}`,
      );
}

function parsePort(value: string): number | Refused {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  return port <= 65_535
    ? port
    : new Refused(`must be a port number from 0 to 65535, but is ${shortText(value)}`);
}

const LONGEST_GRACE_MS = 3_600_000;

function parseGrace(value: string): number | Refused {
  const ms = parseDuration(value);
  return ms !== undefined && ms <= LONGEST_GRACE_MS
    ? ms
    : new Refused(
        `must be a duration from 1 second to 1 hour, such as "25 seconds", but is ${shortText(value)}`,
      );
}

function parseLogLevel(value: string): LogLevel | Refused {
  const level = LOG_LEVELS.find((candidate) => candidate === value.toLowerCase());
  return level ?? new Refused(`must be one of ${LOG_LEVELS.join(', ')}, but is ${shortText(value)}`);
}

function idKeyProblem(idKey: string): Problem {
  return {
    path: 'CONSENT_SYNC_ID_KEY',
    message:
      idKey === ''
        ? 'is set but empty'
        : `must have at least ${MIN_ID_KEY} characters, but has ${idKey.length}`,
    fix: 'Make one with: openssl rand -hex 32. Keep it: with another key, open workflows are not found again.',
  };
}

function codecTokenProblem(): Problem {
  return {
    path: 'CONSENT_SYNC_CODEC_TOKEN',
    message: 'must be a token of at least 16 printable ASCII characters without spaces',
    fix: 'Make one with: openssl rand -hex 32.',
  };
}
