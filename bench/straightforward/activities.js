const { ApplicationFailure } = require('@temporalio/activity');

const IDENTIFIER_TYPES = { email: 'email_id', ext_id: 'ext_id' };

/** Calls to Brevo, each once: Temporal repeats them. */
function activitiesFor(brevoUrl, listId) {
  const call = async (method, path, body) => {
    const response = await fetch(`${brevoUrl}${path}`, {
      method,
      headers: { 'api-key': 'bench', 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status === 429) {
      const seconds = Number(response.headers.get('x-sib-ratelimit-reset') ?? 1);
      throw ApplicationFailure.create({
        message: 'rate limited',
        nextRetryDelay: seconds * 1_000 * (1 + Math.random() / 5),
      });
    }
    if (response.status >= 500) throw new Error(`Brevo answered ${response.status}`);
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  return {
    async lookUp({ kind, value }) {
      const path = `/contacts/${encodeURIComponent(value)}?identifierType=${IDENTIFIER_TYPES[kind]}`;
      const { status, body } = await call('GET', path);
      return status === 404 ? null : body.id;
    },
    async create({ identifier: { kind, value }, attributes, emailBlacklisted }) {
      const body = { [kind]: value, attributes, emailBlacklisted, listIds: [listId], updateEnabled: true };
      await call('POST', '/contacts', body);
    },
    async update(id, { attributes, emailBlacklisted }) {
      await call('PUT', `/contacts/${id}?identifierType=contact_id`, { attributes, emailBlacklisted });
    },
  };
}

module.exports = { activitiesFor };
