import { defaultConnection } from '../../client/default-connection';
import { listenAddress } from '../../config';
import { startIngest } from '../../ingest';
import type { CommonOptions } from '../common-options';
import type { ExitCode } from '../exit';
import { announce, describeIntegrations } from '../service/announcement';
import { openMetrics } from '../service/metrics';
import { runService } from '../service/service';
import { readSettings } from '../service/settings';
import { openTemporalSide } from '../service/temporal-side';
import { openTraces } from '../service/traces';

/** Takes webhooks and hands them to Temporal; a worker elsewhere carries them out. */
export async function ingest(options: CommonOptions): Promise<ExitCode> {
  const read = readSettings(options);
  const { config, environment, logger } = read;
  const address = listenAddress(config, environment);
  const { settings, idKey } = await defaultConnection(process.env);
  return runService(
    logger,
    async (service) => {
      openTraces(logger, service);
      const metrics = await openMetrics(read, service, ['ingest'], address.port);
      const side = openTemporalSide(config, settings, idKey, logger, service, metrics?.temporalSeen);
      metrics?.watch(side.temporal);
      const { client, ready } = side;
      const ingestion = await startIngest({
        config,
        client,
        ...address,
        ready,
        logger,
        observer: metrics?.ingest,
        closeMs: service.graceMs * 0.8,
      });
      service.atEnd(() => ingestion.close());
      announce(
        {
          webhookUrl: `${ingestion.url}/webhooks/didomi`,
          temporal: settings.connectionOptions.address,
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
