// Sends a stream to a webhook as Didomi does, and tells how long each answer took.
const { Agent, request } = require('node:http');
const { text } = require('node:stream/consumers');

/** Deliveries under way at once when they go as fast as they are taken. */
const AT_ONCE = 32;

class Sender {
  constructor(webhookUrl, simulator) {
    this.url = webhookUrl;
    this.simulator = simulator;
    this.agent = new Agent({ keepAlive: true, maxSockets: 256 });
    this.accepted = 0;
    this.answeredAfterMs = [];
  }

  /** In order, as fast as they are taken. */
  async sendAll(steps) {
    const left = steps.values();
    const send = async () => {
      for (const step of left) await this.send(step);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, send));
  }

  /** Each at its time, however long the answers to others take. */
  async sendInTime(steps) {
    const began = performance.now();
    const sent = [];
    for (const step of steps) {
      const due = began + step.at * 1_000;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      sent.push(this.send(step, due));
    }
    await Promise.all(sent);
  }

  close() {
    this.agent.destroy();
  }

  /** @param {number} due when it should have been sent: being late ourselves must not make an answer look quick */
  async send(step, due = performance.now()) {
    if (step.kind === 'unsubscribe') {
      this.simulator.unsubscribe(step.action);
      return;
    }
    const { messages } = step;
    const { status, body } = await this.post(JSON.stringify(messages.length === 1 ? messages[0] : messages));
    if (status !== 202) throw new Error(`A webhook was answered with ${status}: ${body}`);
    this.answeredAfterMs.push(performance.now() - due);
    this.accepted += JSON.parse(body).accepted;
  }

  post(body) {
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', agent: this.agent, headers: { 'content-type': 'application/json' } };
      const sending = request(this.url, options, (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode, body: answer }), reject);
      });
      sending.on('error', reject);
      sending.end(body);
    });
  }
}

/** @param {readonly number[]} values @param {number} share 0.99 for the 99th percentile */
function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

module.exports = { Sender, percentile };
