// The straightforward program: one workflow an event, which looks the contact up and then updates it.
const { proxyActivities } = require('@temporalio/workflow');

const { lookUp, create, update } = proxyActivities({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** @param {{identifier: {kind: string, value: string}, attributes: object, emailBlacklisted?: boolean}} change */
exports.applyConsent = async function applyConsent(change) {
  const id = await lookUp(change.identifier);
  if (id === null) await create(change);
  else await update(id, change);
};
