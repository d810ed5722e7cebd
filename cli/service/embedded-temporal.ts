import type { Logger } from 'pino';
import { findTemporalBinary } from '../../temporal/binary';
import type { DataDir } from '../../temporal/data-dir';
import { type DevServer, startDevServer } from '../../temporal/dev-server';
import {
  readEmbeddedRecord,
  removeEmbeddedRecord,
  writeEmbeddedRecord,
} from '../../temporal/embedded-record';
import { SEARCH_ATTRIBUTES } from '../../temporal/search-attributes';
import { CommandError } from '../exit';
import type { Service } from './service';

/** A server that ends by itself so often is not started again. */
const MAX_RESTARTS = 5;

/** Where the embedded server is; the same for as long as the process runs. */
export interface EmbeddedTemporal {
  /** host:port */
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
}

/**
 * Starts a Temporal server with its database in the data folder, tells other processes where it is, and starts it
 * again at the same address when it ends by itself.
 *
 * @throws TemporalServerError when it does not come up
 * @throws CommandError when another process runs one with this folder
 */
export async function embedTemporal(
  dir: DataDir,
  logger: Logger,
  service: Service,
): Promise<EmbeddedTemporal> {
  await requireNoOther(dir);
  const progress = (message: string) => logger.info(message);
  const { path } = await findTemporalBinary({ progress });
  const serve = async (port: number, uiPort: number): Promise<DevServer> => {
    const started = await startDevServer({
      binary: path,
      dbFile: dir.dbFile,
      searchAttributes: SEARCH_ATTRIBUTES,
      port,
      uiPort,
      log: (line) => logger.debug(line),
    });
    await writeEmbeddedRecord(dir, started);
    return started;
  };
  let server = await serve(0, 0);
  const { address, uiUrl, namespace } = server;
  service.atEnd(async () => {
    await server.stop();
    await removeEmbeddedRecord(dir, server.pid);
  });

  const watch = async () => {
    for (let restarts = 0; ; restarts += 1) {
      const end = await server.exited;
      if (end.expected || service.stopping.aborted) return;
      if (restarts === MAX_RESTARTS)
        throw new CommandError(`${end.message}\nIt is not started a ${restarts + 1}th time.`);
      logger.error(`${end.message}\nStarting it again.`);
      server = await serve(portOf(address), portOf(uiUrl));
      logger.info({ address }, 'the embedded Temporal server is back');
      if (service.stopping.aborted) await server.stop();
    }
  };
  watch().catch(service.fail);
  return { address, uiUrl, namespace };
}

async function requireNoOther(dir: DataDir): Promise<void> {
  const other = await readEmbeddedRecord(dir);
  if (other.state !== 'running') return;
  throw new CommandError(
    `Another "consent-sync start" runs with the data folder ${dir.path} (its Temporal server is at ${other.record.address}). Stop it, or set CONSENT_SYNC_DATA to another folder.`,
  );
}

function portOf(address: string): number {
  return Number(address.split(':').at(-1));
}
