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

const LISTEN_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there already',
  EACCES: 'this process may not listen there',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'this machine does not know that name',
};

/**
 * Tells in plain words why an address cannot be had, where the error is one that we know.
 *
 * @param setting what names the port, and how to choose another
 */
export function cannotListen(
  error: unknown,
  host: string,
  port: number,
  { path, fix }: { readonly path: string; readonly fix: string },
): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const reason = LISTEN_PROBLEMS[code ?? ''];
  if (reason === undefined) return error;
  const message = `cannot listen on ${host}, port ${port}: ${reason}`;
  return new ConfigError('listen address', [{ path, message, fix }]);
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

/**
 * Where metrics are served: METRICS_PORT, and METRICS_HOST, HOST or the file's host, the first that is set.
 *
 * @param ingestPort where the same process takes webhooks
 * @returns undefined when they are not served
 * @throws {ConfigError} when both would have the same port
 */
export function metricsAddress(
  { ingest }: Pick<Config, 'ingest'>,
  environment: Pick<Environment, 'host' | 'metricsHost' | 'metricsPort'>,
  ingestPort?: number,
): { host: string; port: number } | undefined {
  const { metricsPort: port, metricsHost, host } = environment;
  if (port === undefined) return undefined;
  if (port !== 0 && port === ingestPort) {
    throw new ConfigError('listen address', [
      { path: 'METRICS_PORT', message: `is ${port}, where webhooks are taken`, fix: 'Choose another port.' },
    ]);
  }
  return { host: metricsHost ?? host ?? ingest.host, port };
}
