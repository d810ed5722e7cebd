import type { ConnectionOptions } from '@temporalio/client';
import { ConfigError, readEnvironment } from '../config';
import {
  clientConnectionOptions,
  settingsForEmbedded,
  type TemporalSettings,
  temporalFromEnvironment,
} from '../temporal/connection-settings';
import { openDataDir } from '../temporal/data-dir';
import { readEmbeddedRecord } from '../temporal/embedded-record';
import { idKey as embeddedIdKey } from '../temporal/id-key';

export interface DefaultConnection {
  readonly settings: TemporalSettings;
  readonly options: ConnectionOptions;
  readonly namespace: string;
  readonly idKey: string;
}

/**
 * The Temporal server and id key that the environment names, or those of an embedded server that runs in
 * `CONSENT_SYNC_DATA`.
 *
 * @throws ConfigError when nothing names a server, or a server is named but no id key
 */
export async function defaultConnection(
  env: NodeJS.ProcessEnv,
  givenIdKey?: string,
): Promise<DefaultConnection> {
  const environment = readEnvironment(env);
  const idKey = givenIdKey ?? environment.idKey;
  const named = temporalFromEnvironment(env);
  if (named) return withOptions(named, idKey ?? missingIdKey());
  const dir = await openDataDir(env);
  const embedded = await readEmbeddedRecord(dir);
  if (embedded.state !== 'running') {
    throw noServer(dir.path, embedded.state === 'stale' ? embedded.message : undefined);
  }
  return withOptions(settingsForEmbedded(embedded.record), idKey ?? (await embeddedIdKey(dir)));
}

function withOptions(settings: TemporalSettings, idKey: string): DefaultConnection {
  return { settings, options: clientConnectionOptions(settings), namespace: settings.namespace, idKey };
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
