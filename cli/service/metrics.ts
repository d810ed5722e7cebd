import type { Client } from '@temporalio/client';
import { metricsAddress } from '../../config';
import { urlOf } from '../../ingest/address';
import type { IngestObserver } from '../../ingest/observer';
import { Metrics, type Role, type SdkExporter, serveMetrics } from '../../metrics';
import { packageVersion } from '../version';
import type { Service } from './service';
import type { Settings } from './settings';
import type { WorkerObservers } from './worker-loop';

/** Where the parts of a process tell what they do. */
export interface ServiceMetrics {
  readonly url: string;
  readonly ingest: IngestObserver | undefined;
  readonly worker: WorkerObservers | undefined;
  /** How Temporal's SDK has to tell its own. */
  readonly sdk: SdkExporter | undefined;
  /** Told of each look whether Temporal can be used. */
  readonly temporalSeen: (isReady: boolean) => void;
  /** Begins to ask Temporal for what only it knows. */
  watch(temporal: Client): void;
}

/**
 * Serves the metrics of this process until it ends, where METRICS_PORT is set. Call it before anything else is started,
 * so that it stops last and the end can be watched too.
 *
 * @param ingestPort where the process takes webhooks
 * @returns undefined where it is not set
 * @throws ConfigError when the address cannot be had
 */
export async function openMetrics(
  { config, environment, logger }: Settings,
  service: Service,
  roles: readonly Role[],
  ingestPort?: number,
): Promise<ServiceMetrics | undefined> {
  const address = metricsAddress(config, environment, ingestPort);
  if (!address) return undefined;
  const build = environment.workerVersion?.buildId;
  const metrics = await Metrics.open({ config, roles, version: packageVersion(), build });
  const endpoint = await serveMetrics({ ...address, text: () => metrics.text() });
  service.atEnd(() => endpoint.close());
  const url = `${urlOf(address.host, endpoint.address, false)}/metrics`;
  const { worker } = metrics;
  return {
    url,
    ingest: metrics.ingest,
    worker: worker && {
      onOutcome: worker.onOutcome,
      onCall: worker.onCall,
      onFailedAttempt: worker.onFailedAttempt,
      onWorker: (running) => worker.follow(() => running.accountStates()),
    },
    sdk: metrics.sdk?.exporter(),
    temporalSeen: metrics.process.temporalSeen,
    watch: (temporal) =>
      metrics.watch(temporal, {
        signal: service.stopping,
        tell: (name, isFresh) => {
          if (isFresh) logger.info({ metrics: name }, 'metrics are counted again');
          else
            logger.warn(
              { metrics: name },
              'metrics that Temporal has to be asked for keep their last values',
            );
        },
      }),
  };
}
