import type { Config, IngestAuth } from './config';
import type { Environment } from './environment';
import { isLoopback } from './loopback';
import { ConfigError } from './problem';

/**
 * Call it with the address that will really be listened on, before listening.
 *
 * @throws {ConfigError} when others than this machine could post events without authentication
 */
export function assertSafeToListen(host: string, auth: Pick<IngestAuth, 'type'>): void {
  if (auth.type !== 'none' || isLoopback(host)) return;
  throw new ConfigError('listen address', [
    {
      path: 'ingest.auth',
      message: `refuses to start on ${host} without authentication: anyone who reaches it could change consents`,
      fix: `Set ingest.auth in the configuration, for Didomi to {"type": "oauth", "clients": [{"id": "didomi", "secret": "\${DIDOMI_CLIENT_SECRET}"}]}, for one fixed token to {"type": "bearer", "token": "\${WEBHOOK_TOKEN}"}; or listen on 127.0.0.1.`,
    },
  ]);
}

/**
 * Where ingestion listens: HOST and PORT win over the file.
 *
 * @throws {ConfigError} when that would be open to others without authentication
 */
export function listenAddress(
  { ingest }: Pick<Config, 'ingest'>,
  environment: Pick<Environment, 'host' | 'port'>,
): { host: string; port: number } {
  const host = environment.host ?? ingest.host;
  assertSafeToListen(host, ingest.auth);
  return { host, port: environment.port ?? ingest.port };
}
