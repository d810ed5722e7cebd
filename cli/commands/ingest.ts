import { defaultConnection } from '../../client/default-connection';
import { listenAddress } from '../../config';
import type { CommonOptions } from '../common-options';
import type { ExitCode } from '../exit';
import { runService } from '../service/service';
import { readSettings } from '../service/settings';
import { runSystem } from '../service/system';

/** Takes webhooks and hands them to Temporal; a worker elsewhere carries them out. */
export async function ingest(options: CommonOptions): Promise<ExitCode> {
  const read = readSettings(options);
  // An address that must not be listened on is told before anything else that is wrong.
  listenAddress(read.config, read.environment);
  const temporal = await defaultConnection(process.env);
  return runService(
    read.logger,
    (service) => runSystem(read, service, ['ingest'], () => temporal, options),
    read.environment.shutdownGraceMs,
  );
}
