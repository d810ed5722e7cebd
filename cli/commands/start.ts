import { missingIdKey } from '../../client/default-connection';
import { listenAddress } from '../../config';
import { startIngest } from '../../ingest';
import {
  settingsForEmbedded,
  type TemporalSettings,
  temporalFromEnvironment,
} from '../../temporal/connection-settings';
import { openDataDir } from '../../temporal/data-dir';
import { idKey as embeddedIdKey } from '../../temporal/id-key';
import type { CommonOptions } from '../common-options';
import type { ExitCode } from '../exit';
import { resyncFolder } from '../resync/folder';
import { announce, describeIntegrations } from '../service/announcement';
import { embedTemporal } from '../service/embedded-temporal';
import { openMetrics } from '../service/metrics';
import { runService, type Service } from '../service/service';
import { readSettings, type Settings } from '../service/settings';
import { openTemporalSide } from '../service/temporal-side';
import { openTraces } from '../service/traces';
import { keepWorking } from '../service/worker-loop';

/** Ingestion and worker in one process, with an embedded Temporal server where none is named. */
export async function start(options: CommonOptions): Promise<ExitCode> {
  const settings = readSettings(options);
  const { config, environment, logger } = settings;
  const address = listenAddress(config, environment);
  const named = temporalFromEnvironment(process.env);
  const namedIdKey = named ? (environment.idKey ?? missingIdKey()) : undefined;

  return runService(
    logger,
    async (service) => {
      openTraces(logger, service);
      const metrics = await openMetrics(settings, service, ['ingest', 'worker'], address.port);
      const temporal =
        named && namedIdKey !== undefined
          ? { settings: named, idKey: namedIdKey }
          : await embedded(settings, service);
      const { brevoApiUrl, workerVersion: version } = environment;
      const { idKey } = temporal;
      const side = openTemporalSide(config, temporal.settings, idKey, logger, service, metrics?.temporalSeen);
      metrics?.watch(side.temporal);
      const { client, ready } = side;
      const reader = { root: await resyncFolder(process.env), temporal: side.temporal, idKey };
      keepWorking(
        {
          config,
          settings: temporal.settings,
          brevoApiUrl,
          version,
          reader,
          logger,
          observers: metrics?.worker,
          sdkMetrics: metrics?.sdk,
          shutdownMs: service.graceMs * 0.5,
        },
        service,
      );
      const ingestion = await startIngest({
        config,
        client,
        ...address,
        ready,
        logger,
        observer: metrics?.ingest,
        closeMs: service.graceMs * 0.3,
      });
      service.atEnd(() => ingestion.close());
      announce(
        {
          webhookUrl: `${ingestion.url}/webhooks/didomi`,
          temporal: temporal.settings.connectionOptions.address,
          ...(temporal.uiUrl !== undefined && { temporalUiUrl: temporal.uiUrl }),
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

interface Temporal {
  readonly settings: TemporalSettings;
  readonly idKey: string;
  readonly uiUrl?: string;
}

async function embedded({ environment, logger }: Settings, service: Service): Promise<Temporal> {
  const dir = await openDataDir(process.env);
  const idKey = environment.idKey ?? (await embeddedIdKey(dir));
  const server = await embedTemporal(dir, logger, service);
  return { settings: settingsForEmbedded(server), idKey, uiUrl: server.uiUrl };
}
