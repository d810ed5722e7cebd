import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { freePort } from '../../temporal/ports';
import { configOf, type Secrets } from './account';
import { signalProcess, spawnLogged } from './logged-process';
import { Part, type Running } from './part';

const BIN = resolve(__dirname, '../../bin/consent-sync.js');
const IP = '127.0.0.1';

/** The processes of consent-sync. */
export interface System {
  readonly webhookUrl: string;
  readonly readyUrl: string;
  readonly token: string;
  readonly idKey: string;
  readonly config: object;
  readonly ingest: Part;
  readonly workers: readonly Part[];
}

export interface SystemOptions {
  readonly folder: string;
  readonly temporalAddress: string;
  readonly brevoApiUrl: string;
  readonly secrets: Secrets;
}

/** Ingestion and two workers, none of which runs yet. */
export async function prepareSystem({
  folder,
  temporalAddress,
  brevoApiUrl,
  secrets,
}: SystemOptions): Promise<System> {
  const config = configOf(secrets);
  const configFile = join(folder, 'consent-sync.json');
  await writeFile(configFile, JSON.stringify(config), { mode: 0o600 });
  const port = await freePort(IP);
  const idKey = `${secrets.marker}-${randomBytes(24).toString('hex')}`;
  const env = (name: string, logLevel: string) => ({
    ...Object.fromEntries(Object.entries(process.env).filter(([key]) => !OURS.test(key))),
    CONSENT_SYNC_CONFIG: configFile,
    CONSENT_SYNC_DATA: join(folder, `data-${name}`),
    CONSENT_SYNC_ID_KEY: idKey,
    TEMPORAL_ADDRESS: temporalAddress,
    BREVO_API_URL: brevoApiUrl,
    HOST: IP,
    PORT: String(port),
    LOG_LEVEL: logLevel,
  });
  const part = (name: string, command: string, logLevel: string, works: string) =>
    new Part(name, async (): Promise<Running> => {
      const child = spawnLogged(
        process.execPath,
        [BIN, command],
        env(name, logLevel),
        join(folder, `${name}.log`),
      );
      return {
        ready: child.printed(works),
        ended: child.ended.then(() => undefined),
        kill: () => signalProcess(child.pid, 'SIGKILL'),
        stop: () => child.stop(30_000),
      };
    });
  const origin = `http://${IP}:${port}`;
  return {
    webhookUrl: `${origin}/webhooks/didomi`,
    readyUrl: `${origin}/health/ready`,
    token: secrets.token,
    idKey,
    config,
    ingest: part('ingest', 'ingest', 'info', '"msg":"started"'),
    // One of them says all that it has to say: nothing of it may be personal either.
    workers: [
      part('worker-1', 'worker', 'info', '"msg":"the worker runs"'),
      part('worker-2', 'worker', 'debug', '"msg":"the worker runs"'),
    ],
  };
}

/** Variables that would change what the commands do. */
const OURS = /^(TEMPORAL_|CONSENT_SYNC_|BREVO_|HOST$|PORT$|LOG_LEVEL$|METRICS_(PORT|HOST)$)/;
