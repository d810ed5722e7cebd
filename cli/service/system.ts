import { listenAddress } from '../../config';
import { startIngest } from '../../ingest';
import type { Role } from '../../metrics';
import type { TemporalSettings } from '../../temporal/connection-settings';
import type { CommonOptions } from '../common-options';
import { resyncFolder } from '../resync/folder';
import { announce, describeIntegrations } from './announcement';
import { openMetrics, type ServiceMetrics } from './metrics';
import type { Service } from './service';
import type { Settings } from './settings';
import { openTemporalSide, type TemporalSide } from './temporal-side';
import { openTraces } from './traces';
import { keepWorking } from './worker-loop';

/** The Temporal server that a process uses. */
export interface TemporalInUse {
  readonly settings: TemporalSettings;
  readonly idKey: string;
  /** Web UI of a server of our own. */
  readonly uiUrl?: string;
}

/** Share of the time for the shutdown that each part may take, by what the process does; the rest is for the others. */
const SHUTDOWN_SHARES = {
  alone: { worker: 0.8, ingest: 0.8 },
  together: { worker: 0.5, ingest: 0.3 },
} as const;

/**
 * Runs the parts of a process: traces and metrics first, so that they end last, then Temporal, then the worker,
 * ingestion or both; and tells where everything is.
 *
 * @param findTemporal called once metrics are served
 * @throws ConfigError when an address cannot be had
 */
export async function runSystem(
  read: Settings,
  service: Service,
  roles: readonly Role[],
  findTemporal: () => TemporalInUse | Promise<TemporalInUse>,
  { json }: CommonOptions,
): Promise<void> {
  const { config, environment, logger } = read;
  const address = roles.includes('ingest') ? listenAddress(config, environment) : undefined;
  const shares = roles.length > 1 ? SHUTDOWN_SHARES.together : SHUTDOWN_SHARES.alone;
  openTraces(logger, service);
  const metrics = await openMetrics(read, service, roles, address?.port);
  const temporal = await findTemporal();
  const { settings, idKey, uiUrl } = temporal;
  const side = openTemporalSide(config, settings, idKey, logger, service, metrics?.temporalSeen);
  metrics?.watch(side.temporal);
  const parts = { read, service, metrics, side };
  const isWorker = roles.includes('worker');
  if (isWorker) await work(parts, temporal, service.graceMs * shares.worker);
  const webhookUrl = address && (await takeWebhooks(parts, address, service.graceMs * shares.ingest));
  announce(
    {
      ...(webhookUrl !== undefined && { webhookUrl }),
      temporal: settings.connectionOptions.address,
      ...(uiUrl !== undefined && { temporalUiUrl: uiUrl }),
      ...(isWorker && { brevoUrl: environment.brevoApiUrl }),
      metricsUrl: metrics?.url,
      integrations: describeIntegrations(config),
    },
    logger,
    json,
  );
}

interface Parts {
  readonly read: Settings;
  readonly service: Service;
  readonly metrics: ServiceMetrics | undefined;
  readonly side: TemporalSide;
}

async function work(
  { read, service, metrics, side }: Parts,
  { settings, idKey }: TemporalInUse,
  shutdownMs: number,
): Promise<void> {
  const { config, environment, logger } = read;
  const reader = { root: await resyncFolder(process.env), temporal: side.temporal, idKey };
  keepWorking(
    {
      config,
      settings,
      brevoApiUrl: environment.brevoApiUrl,
      version: environment.workerVersion,
      reader,
      logger,
      observers: metrics?.worker,
      sdkMetrics: metrics?.sdk,
      shutdownMs,
    },
    service,
  );
}

/** @returns the URL that Didomi's webhooks are sent to */
async function takeWebhooks(
  { read, service, metrics, side }: Parts,
  address: ReturnType<typeof listenAddress>,
  closeMs: number,
): Promise<string> {
  const { client, ready } = side;
  const { config, logger } = read;
  const observer = metrics?.ingest;
  const ingestion = await startIngest({ config, client, ...address, ready, logger, observer, closeMs });
  service.atEnd(() => ingestion.close());
  return `${ingestion.url}/webhooks/didomi`;
}
