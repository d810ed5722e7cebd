import { defaultConnection } from '../../client/default-connection';
import type { CommonOptions } from '../common-options';
import type { ExitCode } from '../exit';
import { runService } from '../service/service';
import { readSettings } from '../service/settings';
import { runSystem } from '../service/system';

/** Carries out what Temporal holds; ingestion elsewhere fills it. */
export async function worker(options: CommonOptions): Promise<ExitCode> {
  const read = readSettings(options);
  const temporal = await defaultConnection(process.env);
  return runService(
    read.logger,
    (service) => runSystem(read, service, ['worker'], () => temporal, options),
    read.environment.shutdownGraceMs,
  );
}
