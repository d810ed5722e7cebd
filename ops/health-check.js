// Health check of a container: 0 when it takes events, or polls Temporal for work, else 1 with the reason.
const { hostname } = require('node:os');

const PORT = process.env.PORT || '8080';
const DEADLINE_MS = 5_000;
const WORKFLOW_QUEUE = 1;
/** A poll that finds nothing to do lasts a minute. */
const FRESH_MS = 150_000;

async function check() {
  const answer = await askIngestion();
  if (answer !== undefined) return answer.ok ? undefined : `ingestion is not ready: ${await answer.text()}`;
  return (await pollsForWork())
    ? undefined
    : 'ingestion does not listen here, and no worker of this container polls';
}

/** Undefined when nothing listens, as in the container of a worker. */
async function askIngestion() {
  try {
    return await fetch(`http://127.0.0.1:${PORT}/health/ready`, { signal: AbortSignal.timeout(DEADLINE_MS) });
  } catch (error) {
    if (error.cause?.code === 'ECONNREFUSED') return undefined;
    throw error;
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
