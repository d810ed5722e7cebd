// Carries out the straightforward program's workflows. Its rate handling is Temporal's: the task queue's rate limit.
const { join } = require('node:path');
const {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  bundleWorkflowCode,
} = require('@temporalio/worker');
const { activitiesFor } = require('./activities');
const { LIST_ID, TASK_QUEUE } = require('./constants');

async function main() {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS });
  const limit = Number(process.env.REQUESTS_PER_SECOND);
  const worker = await Worker.create({
    connection,
    taskQueue: TASK_QUEUE,
    workflowBundle: await bundleWorkflowCode({ workflowsPath: join(__dirname, 'workflows.js'), logger }),
    activities: activitiesFor(process.env.BREVO_API_URL, LIST_ID),
    ...(limit > 0 && { maxTaskQueueActivitiesPerSecond: limit }),
  });
  const running = worker.run();
  console.log(JSON.stringify({ running: true }));
  await running;
  await connection.close();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
