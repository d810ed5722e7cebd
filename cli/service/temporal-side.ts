import { type Client, Connection } from '@temporalio/client';
import type { Logger } from 'pino';
import { ConsentSyncClient } from '../../client';
import { temporalClient } from '../../client/temporal-client';
import type { Config } from '../../config';
import { temporalReadiness } from '../../ingest/temporal-readiness';
import { clientConnectionOptions, type TemporalSettings } from '../../temporal/connection-settings';
import { pause, type Service } from './service';

const LOOK_EVERY_MS = 2_000;
const REMIND_EVERY_MS = 10_000;

/** What a long-running command needs of Temporal, there or not. */
export interface TemporalSide {
  readonly client: ConsentSyncClient;
  readonly temporal: Client;
  /** Reasons why Temporal cannot be used now; none when it can. */
  readonly ready: () => Promise<readonly string[]>;
}

/**
 * Connects when Temporal is there, and again whenever it comes back; tells the log of both.
 *
 * @param onLook told again and again whether it can be used
 */
export function openTemporalSide(
  config: Config,
  settings: TemporalSettings,
  idKey: string,
  logger: Logger,
  service: Service,
  onLook: (isReady: boolean) => void = () => {},
): TemporalSide {
  // Never closed: a call that waits to be tried again would find it closed and take the process down, which ends anyway.
  const connection = Connection.lazy(clientConnectionOptions(settings));
  const temporal = temporalClient(config, { connection, namespace: settings.namespace });
  const ready = temporalReadiness(connection, settings.namespace, logger);
  void watch(settings.connectionOptions.address, ready, logger, service.stopping, onLook);
  return { client: new ConsentSyncClient(config, idKey, temporal), temporal, ready };
}

/** Looks all the time, so that the log tells at once when Temporal goes and comes back; reminds while it is away. */
async function watch(
  address: string,
  ready: TemporalSide['ready'],
  logger: Logger,
  stopping: AbortSignal,
  onLook: (isReady: boolean) => void,
): Promise<void> {
  let wasReady = false;
  let toldAt = performance.now();
  while (!stopping.aborted) {
    const reasons = await ready();
    const isReady = reasons.length === 0;
    onLook(isReady);
    if (isReady && !wasReady) logger.info({ address }, 'Temporal is ready');
    if (!isReady && performance.now() - toldAt >= REMIND_EVERY_MS && !stopping.aborted) {
      logger.warn({ address, reasons }, 'still waiting for Temporal');
      toldAt = performance.now();
    }
    wasReady = isReady;
    await pause(LOOK_EVERY_MS, stopping);
  }
}
