import { defaultConnection } from '../../client/default-connection';
import { listenAddress } from '../../config';
import { startIngest } from '../../ingest';
import type { CommonOptions } from '../common-options';
import type { ExitCode } from '../exit';
import { announce, describeIntegrations } from '../service/announcement';
import { runService } from '../service/service';
import { readSettings } from '../service/settings';
import { openTemporalSide } from '../service/temporal-side';
import { openTraces } from '../service/traces';

/** Takes webhooks and hands them to Temporal; a worker elsewhere carries them out. */
export async function ingest(options: CommonOptions): Promise<ExitCode> {
  const { config, environment, logger } = readSettings(options);
  const address = listenAddress(config, environment);
  const { settings, idKey } = await defaultConnection(process.env);
  return runService(
    logger,
    async (service) => {
      openTraces(logger, service);
      const { client, ready } = openTemporalSide(config, settings, idKey, logger, service);
      const ingestion = await startIngest({
        config,
        client,
        ...address,
        ready,
        logger,
        closeMs: service.graceMs * 0.8,
      });
      service.atEnd(() => ingestion.close());
      announce(
        {
          webhookUrl: `${ingestion.url}/webhooks/didomi`,
          temporal: settings.connectionOptions.address,
          integrations: describeIntegrations(config),
        },
        logger,
        options.json,
      );
    },
    environment.shutdownGraceMs,
  );
}
