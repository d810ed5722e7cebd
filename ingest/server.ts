import type { Server } from 'node:https';
import type { Logger } from 'pino';
import type { ConsentSyncClient } from '../client';
import { assertSafeToListen, type Config, cannotListen } from '../config';
import { urlOf } from './address';
import { application, type IngestLimits, LIMITS } from './application';
import { openAuthentication } from './auth';
import type { IssuerTimes } from './auth/issuer-keys';
import { IngestCounts, type IngestTotals } from './counts';
import type { Readiness } from './health-routes';
import { InFlight } from './in-flight';
import { openTls } from './network/tls';
import { type IngestObserver, NO_OBSERVER } from './observer';
import { Refusals } from './refusals';

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
  /** Told of what is taken and answered. */
  readonly observer?: IngestObserver | undefined;
  /** For tests. */
  readonly limits?: Partial<IngestLimits>;
  /** For tests: how often the TLS files are read again, in ms. */
  readonly tlsLookEveryMs?: number;
  /** For tests. */
  readonly issuerTimes?: IssuerTimes;
}

export interface IngestServer {
  /** Where a caller on this machine reaches it, without a slash at its end. */
  readonly url: string;
  /** What became of events since the start. */
  totals(): IngestTotals;
  /** How many requests were turned away since the start, by reason. */
  refusals(): ReturnType<Refusals['totals']>;
  /** Stops accepting, lets running requests finish, then ends. */
  close(): Promise<void>;
}

const LISTENS_BY = {
  path: 'ingest.port',
  fix: 'Choose others with HOST and PORT, or with ingest.host and ingest.port in the configuration.',
};

/**
 * Serves webhooks, tokens and health probes over HTTP or HTTPS.
 *
 * @throws ConfigError when the address cannot be had, or would be open to others without authentication, or when the
 *   TLS files cannot be used
 */
export async function startIngest(options: IngestOptions): Promise<IngestServer> {
  const { config, host, port, logger } = options;
  assertSafeToListen(host, config.ingest.auth);
  const { closeMs = LIMITS.closeGraceMs, observer = NO_OBSERVER } = options;
  const limits = { ...LIMITS, closeGraceMs: closeMs, ...options.limits };
  const inFlight = new InFlight(limits.inFlight);
  const counts = new IngestCounts();
  const refusals = new Refusals();
  const { ingest: settings } = config;
  const tls = settings.tls && openTls(settings.tls, logger, options.tlsLookEveryMs);
  const authentication = await openAuthentication(settings.auth, logger, options.issuerTimes);
  const app = application({
    ...options,
    settings,
    limits,
    inFlight,
    counts,
    refusals,
    observer,
    authentication,
    tls,
  });
  await app.listen({ host, port }).catch((error: unknown) => {
    throw cannotListen(error, host, port, LISTENS_BY);
  });
  // With TLS it is a server for HTTPS; the framework's types know of plain HTTP only.
  const unfollow = tls?.follow(app.server as object as Server);
  const url = urlOf(host, app.server.address(), tls !== undefined);
  logger.info({ url, auth: config.ingest.auth.type }, 'ingestion listens');

  let closing: Promise<void> | undefined;
  const close = async () => {
    unfollow?.();
    const cut = setTimeout(() => app.server.closeAllConnections(), limits.closeGraceMs);
    try {
      await Promise.all([app.close(), inFlight.ended()]);
    } finally {
      clearTimeout(cut);
    }
    logger.info({ totals: counts.totals(), refusals: refusals.totals() }, 'ingestion ended');
  };
  return {
    url,
    totals: () => counts.totals(),
    refusals: () => refusals.totals(),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
