import { missingIdKey } from '../../client/default-connection';
import { listenAddress } from '../../config';
import { settingsForEmbedded, temporalFromEnvironment } from '../../temporal/connection-settings';
import { openDataDir } from '../../temporal/data-dir';
import { idKey as embeddedIdKey } from '../../temporal/id-key';
import type { CommonOptions } from '../common-options';
import type { ExitCode } from '../exit';
import { embedTemporal } from '../service/embedded-temporal';
import { runService, type Service } from '../service/service';
import { readSettings, type Settings } from '../service/settings';
import { runSystem, type TemporalInUse } from '../service/system';

/** Ingestion and worker in one process, with an embedded Temporal server where none is named. */
export async function start(options: CommonOptions): Promise<ExitCode> {
  const read = readSettings(options);
  const { config, environment, logger } = read;
  // An address that must not be listened on is told before anything else that is wrong.
  listenAddress(config, environment);
  const settings = temporalFromEnvironment(process.env);
  const named = settings && { settings, idKey: environment.idKey ?? missingIdKey() };
  return runService(
    logger,
    (service) =>
      runSystem(read, service, ['ingest', 'worker'], () => named ?? embedded(read, service), options),
    environment.shutdownGraceMs,
  );
}

async function embedded({ environment, logger }: Settings, service: Service): Promise<TemporalInUse> {
  const dir = await openDataDir(process.env);
  const idKey = environment.idKey ?? (await embeddedIdKey(dir));
  const server = await embedTemporal(dir, logger, service);
  return { settings: settingsForEmbedded(server), idKey, uiUrl: server.uiUrl };
}
