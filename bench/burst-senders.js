// Senders of webhooks that behave as Didomi: what is refused is sent again after Retry-After.
const http = require('node:http');
const { setTimeout: delay } = require('node:timers/promises');

/** Contacts among whom the messages are spread. */
const CONTACTS = 5_000;
const TIMEOUT_MS = 120_000;

/** A message of about `bytes`. Most of it is what ingestion does not keep, as in reality. */
function message(index, bytes = 1_000) {
  const text = JSON.stringify({
    type: 'event.created',
    regulation: 'gdpr',
    parameters: {
      entity: {
        id: `event-${process.pid}-${index}`,
        created_at: new Date(Date.now() - 60_000).toISOString(),
        status: 'confirmed',
        user: {
          id: `user-${index % CONTACTS}`,
          organization_user_id: `user-${index % CONTACTS}@example.com`,
        },
        consents: { purposes: [{ id: 'newsletter', enabled: index % 3 !== 0 }] },
        metadata: { filler: '' },
      },
    },
  });
  return text.replace('"filler":""', `"filler":"${'x'.repeat(Math.max(0, bytes - text.length))}"`);
}

let sent = 0;

/** One message, another one each time. */
function single(bytes) {
  sent += 1;
  return message(sent, bytes);
}

/** Arrays of `count` messages of `bytes` each, of as many contacts. */
function arrayOf(count, bytes = 340) {
  return () => `[${Array.from({ length: count }, () => single(bytes)).join(',')}]`;
}

/**
 * Sends `count` bodies by so many senders at once, each until it is stored or `tries` are used up.
 *
 * @returns how often each status was answered, 0 standing for no answer, and how long a 202 took
 */
async function deliver({ webhookUrl }, { count, body, senders, tries = 20 }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: senders });
  const answers = {};
  const acks = [];
  let left = count;
  const sender = async () => {
    while (left > 0) {
      left -= 1;
      const text = body();
      for (let attempt = 0; attempt < tries; attempt += 1) {
        const startedAt = performance.now();
        const { status, retryAfter } = await post(webhookUrl, text, agent);
        answers[status] = (answers[status] ?? 0) + 1;
        if (status === 202) acks.push(performance.now() - startedAt);
        if (status !== 429 && status !== 503 && status !== 0) break;
        if (attempt + 1 < tries) await delay(retryAfter * 1_000 * (1 + Math.random()));
      }
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  agent.destroy();
  acks.sort((a, b) => a - b);
  return { answers, ackP50: Math.round(at(acks, 0.5)), ackP99: Math.round(at(acks, 0.99)) };
}

function at(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function post(url, text, agent) {
  return new Promise((resolve) => {
    const gone = () => resolve({ status: 0, retryAfter: 1 });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const request = http.request(url, { method: 'POST', agent, headers, timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      response.once('end', () =>
        resolve({ status: response.statusCode, retryAfter: Number(response.headers['retry-after'] ?? 1) }),
      );
      response.once('error', gone);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', gone);
    request.end(text);
  });
}

module.exports = { arrayOf, at, deliver, single };
