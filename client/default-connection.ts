import type { ConnectionOptions } from '@temporalio/client';
import { ConfigError, readEnvironment } from '../config';
import {
  clientConnectionOptions,
  settingsForEmbedded,
  type TemporalSettings,
  temporalFromEnvironment,
} from '../temporal/connection-settings';
import { type DataDir, dataDir } from '../temporal/data-dir';
import { readEmbeddedRecord } from '../temporal/embedded-record';
import { idKey as embeddedIdKey } from '../temporal/id-key';

export interface DefaultConnection {
  readonly settings: TemporalSettings;
  readonly options: ConnectionOptions;
  readonly namespace: string;
  readonly idKey: string;
}

/** A Temporal server that runs, or ought to. */
export interface FoundTemporal {
  readonly settings: TemporalSettings;
  /** Where the embedded server keeps its files; absent when the server is named. */
  readonly dir?: DataDir;
  /** Web UI of the embedded server. */
  readonly uiUrl?: string;
}

/**
 * The Temporal server that the environment names, or the embedded one that runs in `CONSENT_SYNC_DATA`.
 *
 * @throws ConfigError when there is neither
 */
export async function findTemporal(env: NodeJS.ProcessEnv): Promise<FoundTemporal> {
  const named = temporalFromEnvironment(env);
  if (named) return { settings: named };
  const dir = dataDir(env);
  const embedded = await readEmbeddedRecord(dir);
  if (embedded.state !== 'running') {
    throw noServer(dir.path, embedded.state === 'stale' ? embedded.message : undefined);
  }
  const { record } = embedded;
  return { settings: settingsForEmbedded(record), dir, uiUrl: record.uiUrl };
}

/**
 * The Temporal server as `findTemporal` finds it, with the id key that belongs to it.
 *
 * @throws ConfigError when nothing names a server, or a server is named but no id key
 */
export async function defaultConnection(
  env: NodeJS.ProcessEnv,
  givenIdKey?: string,
): Promise<DefaultConnection> {
  const idKey = givenIdKey ?? readEnvironment(env).idKey;
  const { settings, dir } = await findTemporal(env);
  return {
    settings,
    options: clientConnectionOptions(settings),
    namespace: settings.namespace,
    idKey: idKey ?? (dir ? await embeddedIdKey(dir) : missingIdKey()),
  };
}

/** @throws ConfigError always */
export function missingIdKey(): never {
  throw new ConfigError('environment', [
    {
      path: 'CONSENT_SYNC_ID_KEY',
      message: 'is not set, and a Temporal server is named by the environment or its profile',
      fix: 'Make one with: openssl rand -hex 32. Use the same for every process, and keep it.',
    },
  ]);
}

function noServer(directory: string, message: string | undefined): ConfigError {
  return new ConfigError('environment', [
    {
      path: 'TEMPORAL_ADDRESS',
      message: `is not set, and no embedded Temporal server runs in ${directory}${message ? ` (${message})` : ''}`,
      fix: 'Run "consent-sync start" in this folder, or set TEMPORAL_ADDRESS.',
    },
  ]);
}
