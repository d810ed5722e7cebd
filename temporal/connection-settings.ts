import { existsSync } from 'node:fs';
import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { TemporalConfigurationError } from './errors';
import { NO_PROXY } from './loopback-connection';

const DEFAULT_NAMESPACE = 'default';

/** Which Temporal server to use, and how to reach it. */
export interface TemporalSettings {
  /** As @temporalio/envconfig gives them; `address` is always set. */
  readonly connectionOptions: NativeConnectionOptions & { readonly address: string };
  readonly namespace: string;
  /** What named the server: the environment, a profile in Temporal's own file, or the server that we embed. */
  readonly source: 'environment' | 'profile' | 'embedded';
}

/**
 * The Temporal server that TEMPORAL_ADDRESS or a profile in Temporal's TOML file names, with everything else that
 * Temporal's environment configuration says about it (namespace, API key, TLS, gRPC metadata). Variables that are
 * empty count as not set. Undefined when nothing names a server.
 *
 * @throws TemporalConfigurationError when a file or profile that is asked for does not exist or cannot be read, and
 * for settings that would be without effect.
 */
export function temporalFromEnvironment(env: NodeJS.ProcessEnv): TemporalSettings | undefined {
  const given = withoutEmpty(env);
  requireConfigFile(given);
  requireSupportedTls(given);
  const { connectionOptions, namespace = DEFAULT_NAMESPACE } = load(given);
  const { address } = connectionOptions;
  if (address === undefined) {
    requireNothingElse(given);
    return undefined;
  }
  requireHostAndPort(address);
  requireSendable(connectionOptions);
  const source = given.TEMPORAL_ADDRESS === undefined ? 'profile' : 'environment';
  return { connectionOptions: { ...connectionOptions, address }, namespace, source };
}

/** Settings for a server that we started ourselves, or that another process of ours did. */
export function settingsForEmbedded(server: { address: string; namespace: string }): TemporalSettings {
  return {
    connectionOptions: { address: server.address },
    namespace: server.namespace,
    source: 'embedded',
  };
}

/** gRPC channel arguments: a server that was away is noticed soon after its return, and not up to two minutes later. */
const RECONNECT_SOON = { 'grpc.max_reconnect_backoff_ms': 3_000 } as const;

/** Options for `Connection.connect` of @temporalio/client. A server on this machine is never asked through a proxy. */
export function clientConnectionOptions({ connectionOptions }: TemporalSettings): ConnectionOptions {
  const { address, apiKey, tls, metadata } = connectionOptions;
  return {
    address,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls }),
    ...(metadata === undefined ? {} : { metadata }),
    channelArgs: { ...RECONNECT_SOON, ...(isLoopback(address) ? NO_PROXY : {}) },
  };
}

/** Options for `NativeConnection.connect` of @temporalio/worker. */
export function nativeConnectionOptions({ connectionOptions }: TemporalSettings): NativeConnectionOptions {
  return connectionOptions;
}

function withoutEmpty(env: NodeJS.ProcessEnv): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    // An empty TEMPORAL_GRPC_META_… is Temporal's way to take a header away.
    if (value || (value === '' && name.startsWith('TEMPORAL_GRPC_META_'))) given[name] = value;
  }
  return given;
}

function load(env: Record<string, string>): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig({ overrideEnvVars: env });
  } catch (error) {
    throw new TemporalConfigurationError(
      `Temporal's connection settings cannot be used: ${withoutExcerpt(error)}. They come from TEMPORAL_ variables and from ${configFile(env)}.`,
    );
  }
}

/** The TOML parser shows the lines around a mistake, which may hold an API key: only its first line is repeated. */
function withoutExcerpt(error: unknown): string {
  const { message, line, column } = error as Error & { line?: number; column?: number };
  const [summary = ''] = message.split('\n');
  return line === undefined ? summary : `${summary} (line ${line}, column ${column})`;
}

function configFile(env: Record<string, string>): string {
  return env.TEMPORAL_CONFIG_FILE ?? "Temporal's configuration file (temporal.toml)";
}

/** The package takes a missing file for an empty one. */
function requireConfigFile(env: Record<string, string>): void {
  const file = env.TEMPORAL_CONFIG_FILE;
  if (file !== undefined && !existsSync(file)) {
    throw new TemporalConfigurationError(
      `TEMPORAL_CONFIG_FILE names ${file}, which does not exist. Correct it, or unset it.`,
    );
  }
}

/** The TypeScript SDK always checks the host name. */
function requireSupportedTls(env: Record<string, string>): void {
  const value = env.TEMPORAL_TLS_DISABLE_HOST_VERIFICATION;
  if (value === '1' || value === 'true') {
    throw new TemporalConfigurationError(
      "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION is not supported: the server's certificate is always checked. Give its authority with TEMPORAL_TLS_SERVER_CA_CERT_PATH, and its name with TEMPORAL_TLS_SERVER_NAME.",
    );
  }
}

/** Whoever sets one of these means a server that is not here, and would be given an embedded one. */
function requireNothingElse(env: Record<string, string>): void {
  for (const name of ['TEMPORAL_PROFILE', 'TEMPORAL_API_KEY']) {
    if (env[name] !== undefined) {
      throw new TemporalConfigurationError(
        `${name} is set, but nothing says where the Temporal server is. Set TEMPORAL_ADDRESS, or give the profile an address.`,
      );
    }
  }
}

function requireHostAndPort(address: string): void {
  if (address.includes('://') || address.includes('/') || address.trim() !== address) {
    // A password may stand before an @.
    const given = address.includes('@') ? '' : `, and not "${address}"`;
    throw new TemporalConfigurationError(
      `Temporal's address is written host:port, for example localhost:7233${given}.`,
    );
  }
}

const KEY = /^[\x21-\x7e]*$/;
const METADATA = /^[\x20-\x7e]*$/;

/** gRPC refuses anything else with an error that repeats all of it, and logs would tell the key. */
function requireSendable({ apiKey, metadata = {} }: NativeConnectionOptions): void {
  if (typeof apiKey === 'string' && !KEY.test(apiKey)) {
    throw new TemporalConfigurationError(
      "Temporal's API key holds a space, a line break or a character beyond ASCII: give it as one word in TEMPORAL_API_KEY, or as api_key of the profile, without a line break at its end.",
    );
  }
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== 'string' || METADATA.test(value)) continue;
    throw new TemporalConfigurationError(
      `The gRPC header ${name} for Temporal holds a line break or a character beyond ASCII: correct it in TEMPORAL_GRPC_META_… or in the profile.`,
    );
  }
}

function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i.test(address);
}
