// Health check of a container: 0 when it takes events, or polls Temporal for work, else 1 with the reason.
const { hostname } = require('node:os');

const PORT = process.env.PORT || '8080';
const DEADLINE_MS = 5_000;
const WORKFLOW_QUEUE = 1;
/** A poll that finds nothing to do lasts a minute. */
const FRESH_MS = 150_000;

async function check() {
  const answer = await askIngestion();
  if (answer !== undefined) return answer.ok ? undefined : `ingestion is not ready: ${answer.text}`;
  return (await pollsForWork())
    ? undefined
    : 'ingestion does not listen here, and no worker of this container polls';
}

/** Undefined when nothing listens, as in the container of a worker. */
function askIngestion() {
  const { get } = require(speaksTls() ? 'node:https' : 'node:http');
  const options = {
    host: '127.0.0.1',
    port: PORT,
    path: '/health/ready',
    signal: AbortSignal.timeout(DEADLINE_MS),
    // The certificate is for those who come from outside.
    rejectUnauthorized: false,
  };
  return new Promise((resolve, reject) => {
    const request = get(options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ ok: response.statusCode === 200, text });
      });
    });
    request.once('error', (error) => (error.code === 'ECONNREFUSED' ? resolve(undefined) : reject(error)));
  });
}

/** As the configuration says; without one nothing listens. */
function speaksTls() {
  const { loadConfig } = require('../dist/config');
  try {
    return loadConfig().ingest.tls !== undefined;
  } catch {
    return false;
  }
}

/** Asks Temporal, because a worker listens nowhere. Workers are known by process and host name. */
async function pollsForWork() {
  const { Connection } = require('@temporalio/client');
  const { loadConfig } = require('../dist/config');
  const {
    clientConnectionOptions,
    temporalFromEnvironment,
  } = require('../dist/temporal/connection-settings');
  const settings = temporalFromEnvironment(process.env);
  if (settings === undefined) return false;
  const connection = await Connection.connect({
    ...clientConnectionOptions(settings),
    connectTimeout: DEADLINE_MS,
  });
  try {
    const { pollers } = await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      connection.workflowService.describeTaskQueue({
        namespace: settings.namespace,
        taskQueue: { name: loadConfig().temporal.taskQueue },
        taskQueueType: WORKFLOW_QUEUE,
      }),
    );
    return pollers.some(({ identity, lastAccessTime }) => {
      const age = Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000;
      return identity?.endsWith(`@${hostname()}`) && age < FRESH_MS;
    });
  } finally {
    await connection.close();
  }
}

async function main() {
  const problem = await check().catch((error) => error.message);
  if (problem !== undefined) console.error(problem);
  process.exit(problem === undefined ? 0 : 1);
}

void main();
