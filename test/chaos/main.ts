import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ConsentSyncClient } from '../../client';
import { startSimulator } from '../../simulator';
import { Random } from '../oracle/random';
import { ATTRIBUTES, newSecrets } from './account';
import { Calls } from './calls';
import { prepareEngine } from './engine';
import { Havoc } from './havoc';
import { type ChaosOptions, readOptions, USAGE } from './options';
import { run } from './run-through';
import { prepareSystem } from './system';

/** Runs the harness. Sets the exit code: 0 all is well, 1 something is not, 2 the options are wrong. */
export async function main(args: readonly string[]): Promise<void> {
  let options: ChaosOptions | 'help';
  try {
    options = readOptions(args);
  } catch (error) {
    tell(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  process.exitCode = (await chaos(options)) ? 0 : 1;
}

/** @returns whether all is well */
async function chaos(options: ChaosOptions): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'consent-sync-chaos-'));
  // The database's user must be able to pass through.
  await chmod(folder, 0o711);
  tell(`Seed ${options.seed}. Logs: ${folder}`);
  const cleanups: (() => Promise<unknown>)[] = [];
  let ok = false;
  try {
    const secrets = newSecrets();
    const engine = await prepareEngine(options, folder, tell);
    const simulator = await startSimulator({ attributes: ATTRIBUTES, requestsPerSecond: 0 });
    cleanups.push(() => simulator.close());
    const calls = new Calls(simulator);
    const system = await prepareSystem({
      folder,
      temporalAddress: engine.address,
      brevoApiUrl: simulator.url,
      secrets,
    });
    const havoc = new Havoc(engine, system, simulator, options.seed);
    cleanups.push(() => havoc.end());
    tell(`Starting ${engine.description}, ingestion and two workers`);
    await havoc.begin();
    const connection = await Connection.connect({ address: engine.address });
    cleanups.push(() => connection.close());
    const temporal = new Client({ connection });
    const client = await ConsentSyncClient.connect({
      config: system.config,
      idKey: system.idKey,
      connection: temporal,
    });
    const random = new Random(options.seed);
    ok = await run({
      options,
      folder,
      secrets,
      engine,
      simulator,
      calls,
      system,
      havoc,
      temporal,
      client,
      random,
      tell,
    });
  } catch (error) {
    tell(`The harness failed: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup().catch((error: unknown) => tell(String(error)));
  }
  if (ok && !options.keep) await rm(folder, { recursive: true, force: true });
  else tell(`Logs are in ${folder}; repeat with --seed ${options.seed}`);
  return ok;
}

function tell(message: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${message}\n`);
}
