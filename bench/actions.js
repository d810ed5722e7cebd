// What workflows cost in Temporal, by their histories.

/** What will come when an open contact closes: its timer, the workflow task after it, and the end. */
const EVENTS_OF_CLOSING = 5;
const READ_AT_ONCE = 16;

/** Event types that Temporal Cloud bills as one action each; activities are counted by their attempts. */
const BILLED = new Set([
  'workflowExecutionStartedEventAttributes',
  'workflowExecutionSignaledEventAttributes',
  'timerStartedEventAttributes',
  'upsertWorkflowSearchAttributesEventAttributes',
  'markerRecordedEventAttributes',
  'workflowExecutionUpdateAcceptedEventAttributes',
]);

/**
 * History events and billed actions of all workflows of a type that were started since.
 *
 * @param {import('@temporalio/client').Client} temporal
 * @param {Date} since
 * @param {number} heartbeats that each repeated attempt of an activity sends: a history does not tell; an attempt that
 * lasts longer than three seconds sends more
 */
async function countActions(temporal, type, since, heartbeats) {
  const query = `WorkflowType = '${type}' AND StartTime >= '${since.toISOString()}'`;
  const found = [];
  for await (const { workflowId, runId, status } of temporal.workflow.list({ query })) {
    found.push({ workflowId, runId, isOpen: status.name === 'RUNNING' });
  }
  const total = { workflows: found.length, events: 0, billed: 0 };
  const left = found.values();
  const read = async () => {
    for (const { workflowId, runId, isOpen } of left) {
      const { events } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
      total.events += events.length + (isOpen ? EVENTS_OF_CLOSING : 0);
      for (const event of events) {
        if (BILLED.has(event.attributes)) total.billed += 1;
        const attempts = event.activityTaskStartedEventAttributes?.attempt ?? 0;
        if (attempts > 0) total.billed += attempts + (attempts - 1) * heartbeats;
      }
    }
  };
  await Promise.all(Array.from({ length: READ_AT_ONCE }, read));
  return total;
}

module.exports = { countActions };
