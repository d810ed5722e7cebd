import { defaultConnection } from '../../client/default-connection';
import type { CommonOptions } from '../common-options';
import type { ExitCode } from '../exit';
import { resyncFolder } from '../resync/folder';
import { announce, describeIntegrations } from '../service/announcement';
import { openMetrics } from '../service/metrics';
import { runService } from '../service/service';
import { readSettings } from '../service/settings';
import { openTemporalSide } from '../service/temporal-side';
import { openTraces } from '../service/traces';
import { keepWorking } from '../service/worker-loop';

/** Carries out what Temporal holds; ingestion elsewhere fills it. */
export async function worker(options: CommonOptions): Promise<ExitCode> {
  const read = readSettings(options);
  const { config, environment, logger } = read;
  const { settings, idKey } = await defaultConnection(process.env);
  const { brevoApiUrl, workerVersion: version } = environment;
  return runService(
    logger,
    async (service) => {
      openTraces(logger, service);
      const metrics = await openMetrics(read, service, ['worker']);
      const { temporal } = openTemporalSide(config, settings, idKey, logger, service, metrics?.temporalSeen);
      metrics?.watch(temporal);
      const reader = { root: await resyncFolder(process.env), temporal, idKey };
      keepWorking(
        {
          config,
          settings,
          brevoApiUrl,
          version,
          reader,
          logger,
          observers: metrics?.worker,
          sdkMetrics: metrics?.sdk,
          shutdownMs: service.graceMs * 0.8,
        },
        service,
      );
      announce(
        {
          temporal: settings.connectionOptions.address,
          brevoUrl: brevoApiUrl,
          metricsUrl: metrics?.url,
          integrations: describeIntegrations(config),
        },
        logger,
        options.json,
      );
    },
    environment.shutdownGraceMs,
  );
}
