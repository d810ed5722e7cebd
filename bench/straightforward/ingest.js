// Takes Didomi's webhooks and starts a workflow for each event. It reads them with our reader: what a message says is
// not what is compared here.
const { createServer } = require('node:http');
const { text } = require('node:stream/consumers');
const { Client, Connection, WorkflowExecutionAlreadyStartedError } = require('@temporalio/client');
const { loadConfig } = require('../../dist/config');
const { interpret } = require('../../dist/didomi/interpret');
const { readMessage } = require('../../dist/didomi/message');
const { TASK_QUEUE } = require('./constants');

async function main() {
  const [integration] = loadConfig({ file: 'consent-sync.json' }).integrations.values();
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS });
  const client = new Client({ connection });

  const accept = async (message) => {
    const read = interpret(readMessage(message), integration.rules, Date.now());
    if (read.status !== 'accepted') return false;
    try {
      await client.workflow.start('applyConsent', {
        taskQueue: TASK_QUEUE,
        workflowId: `${message.type} ${read.eventId}`,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        args: [{ identifier: read.identifier, ...valuesIn(read.change, integration.rules.mappings) }],
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    return true;
  };

  const server = createServer(async (request, response) => {
    try {
      const body = JSON.parse(await text(request));
      const accepted = await Promise.all((Array.isArray(body) ? body : [body]).map(accept));
      response.writeHead(202, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ accepted: accepted.filter(Boolean).length }));
    } catch (error) {
      console.error(error);
      response.writeHead(503).end();
    }
  });
  server.listen(0, '127.0.0.1', () => {
    console.log(JSON.stringify({ webhookUrl: `http://127.0.0.1:${server.address().port}/webhooks/didomi` }));
  });
  process.on('SIGTERM', () => {
    server.close(() => connection.close());
    server.closeIdleConnections();
  });
}

/** What is written to Brevo. */
function valuesIn({ statements }, mappings) {
  const attributes = {};
  let emailBlacklisted;
  for (const { id, value: path } of mappings) {
    const statement = statements.findLast((one) => one.path === path && (one.choice ?? one.snapshot));
    if (!statement) continue;
    const { value } = statement.choice ?? statement.snapshot;
    if (id === 'EMAIL_CAMPAIGNS_SUBSCRIBED') emailBlacklisted = !value;
    else attributes[id] = id === 'TOPICS' ? value.split(',').filter((topic) => topic !== '') : value;
  }
  return { attributes, emailBlacklisted };
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
