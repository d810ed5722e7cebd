import type { Logger } from 'pino';
import type { ConsentSyncClient } from '../client';
import { assertSafeToListen, type Config } from '../config';
import { cannotListen, urlOf } from './address';
import { application, type IngestLimits, LIMITS } from './application';
import { IngestCounts, type IngestTotals } from './counts';
import type { Readiness } from './health-routes';
import { InFlight } from './in-flight';

export interface IngestOptions {
  readonly config: Config;
  readonly client: Pick<ConsentSyncClient, 'submit'>;
  /** The address to listen on: see `listenAddress`. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly ready: Readiness;
  readonly logger: Logger;
  /** How long requests that run may go on after close() began, in ms. */
  readonly closeMs?: number;
  /** For tests. */
  readonly limits?: Partial<IngestLimits>;
}

export interface IngestServer {
  /** Where a caller on this machine reaches it, without a slash at its end. */
  readonly url: string;
  /** What became of events since the start. */
  totals(): IngestTotals;
  /** Stops accepting, lets running requests finish, then ends. */
  close(): Promise<void>;
}

/**
 * Serves webhooks and health probes over HTTP.
 *
 * @throws ConfigError when the address cannot be had, or would be open to others without authentication
 */
export async function startIngest(options: IngestOptions): Promise<IngestServer> {
  const { config, host, port, logger } = options;
  assertSafeToListen(host, config.ingest.auth);
  const { closeMs = LIMITS.closeGraceMs } = options;
  const limits = { ...LIMITS, closeGraceMs: closeMs, ...options.limits };
  const inFlight = new InFlight(limits.inFlight);
  const counts = new IngestCounts();
  const app = application({ ...options, settings: config.ingest, limits, inFlight, counts });
  await app.listen({ host, port }).catch((error: unknown) => {
    throw cannotListen(error, host, port);
  });
  const url = urlOf(host, app.server.address());
  logger.info({ url, auth: config.ingest.auth.type }, 'ingestion listens');

  let closing: Promise<void> | undefined;
  const close = async () => {
    const cut = setTimeout(() => app.server.closeAllConnections(), limits.closeGraceMs);
    try {
      await Promise.all([app.close(), inFlight.ended()]);
    } finally {
      clearTimeout(cut);
    }
    logger.info({ totals: counts.totals() }, 'ingestion ended');
  };
  return {
    url,
    totals: () => counts.totals(),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
