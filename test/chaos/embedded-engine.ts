import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findTemporalBinary } from '../../temporal/binary';
import { startDevServer } from '../../temporal/dev-server';
import { freePort } from '../../temporal/ports';
import { SEARCH_ATTRIBUTES } from '../../temporal/search-attributes';
import type { Engine } from './engine';
import { signalProcess } from './logged-process';
import { Part, type Running } from './part';
import { pause } from './pause';

const IP = '127.0.0.1';
/** A server that does not come up is tried again after so many ms, so many times. */
const RETRY_MS = 500;
const TRIES = 20;

/** The dev server that `consent-sync start` brings, with its database in a file. */
export async function embeddedEngine(folder: string, tell: (message: string) => void): Promise<Engine> {
  const { path, version, server } = await findTemporalBinary({ progress: tell });
  const [port, uiPort] = [await freePort(IP), await freePort(IP)];
  const log = (line: string) => void appendFile(join(folder, 'temporal-server.log'), `${line}\n`);
  const launch = async (): Promise<Running> => {
    for (let tries = 1; ; tries += 1) {
      try {
        const running = await startDevServer({
          binary: path,
          dbFile: join(folder, 'temporal.db'),
          port,
          uiPort,
          searchAttributes: SEARCH_ATTRIBUTES,
          log,
        });
        return {
          ready: Promise.resolve(),
          ended: running.exited.then(() => undefined),
          kill: () => signalProcess(running.pid, 'SIGKILL'),
          stop: () => running.stop(),
        };
      } catch (error) {
        log(String(error));
        if (tries === TRIES) throw error;
        await pause(RETRY_MS);
      }
    }
  };
  return {
    name: 'embedded',
    description: `Temporal dev server ${server ?? ''} (CLI ${version}), database in a file`,
    address: `${IP}:${port}`,
    server: new Part('Temporal server', launch),
  };
}
