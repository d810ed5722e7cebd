import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { loadConfig } from '../../config';
import { startIngest } from '../../ingest';
import { type Simulator, startSimulator } from '../../simulator';
import { findTemporalBinary } from '../../temporal/binary';
import { settingsForEmbedded } from '../../temporal/connection-settings';
import { startDevServer } from '../../temporal/dev-server';
import { SEARCH_ATTRIBUTES } from '../../temporal/search-attributes';
import type { Service } from '../service/service';
import { openTemporalSide } from '../service/temporal-side';
import { keepWorking } from '../service/worker-loop';
import { ADDED_ATTRIBUTES, API_KEY, DEMO_CONFIG, REFUSED_LANGUAGE, REQUESTS_PER_SECOND } from './demo-config';

/** Everything that a demo needs, on this machine. */
export interface DemoSystem {
  readonly simulator: Simulator;
  readonly temporal: Client;
  readonly webhookUrl: string;
  readonly uiUrl: string;
}

const HOST = '127.0.0.1';
/** Nothing of a demo outlives it. */
const SHUTDOWN_MS = 2_000;

/**
 * Starts Temporal (which forgets everything at its end), the Brevo simulator, a worker and ingestion.
 *
 * @param progress told what is happening
 */
export async function startDemoSystem(
  service: Service,
  logger: Logger,
  progress: (message: string) => void,
): Promise<DemoSystem> {
  const simulator = await startSimulator({
    apiKey: API_KEY,
    attributes: ADDED_ATTRIBUTES,
    requestsPerSecond: REQUESTS_PER_SECOND,
  });
  service.atEnd(() => simulator.close());
  simulator.setFaults(
    { kind: 'latency', ms: [15, 60] },
    { kind: 'status', status: 400, match: { body: `"LANGUAGE":"${REFUSED_LANGUAGE}"` } },
  );

  progress('Starting Temporal');
  const { path } = await findTemporalBinary({ progress });
  const server = await startDevServer({ binary: path, searchAttributes: SEARCH_ATTRIBUTES });
  service.atEnd(() => server.stop());
  void server.exited.then((end) => {
    if (!end.expected) service.fail(new Error(end.message));
  });

  const config = loadConfig({ object: DEMO_CONFIG });
  const settings = settingsForEmbedded(server);
  const idKey = randomBytes(32).toString('base64url');
  const { client, temporal, ready } = openTemporalSide(config, settings, idKey, logger, service);
  progress('Starting the worker');
  await new Promise<void>((resolve) => {
    const about = { config, settings, brevoApiUrl: simulator.url, logger };
    keepWorking({ ...about, shutdownMs: SHUTDOWN_MS, onRunning: resolve }, service);
  });
  const ingestion = await startIngest({ config, client, host: HOST, port: 0, ready, logger });
  service.atEnd(() => ingestion.close());
  return {
    simulator,
    temporal,
    webhookUrl: `${ingestion.url}/webhooks/didomi`,
    uiUrl: server.uiUrl,
  };
}
