// Callers that open connections and ask nothing, or never come to the end of what they ask.
const net = require('node:net');
const { setTimeout: delay } = require('node:timers/promises');

const HOLD_MS = 8_000;

/** Connections that say nothing. */
function manyIdle(system, count) {
  return hold(system, count, []);
}

/** A line of headers each second, and no end. */
function lorisHeaders(system, count) {
  return hold(system, count, ['POST /webhooks/didomi HTTP/1.1\r\nHost: bench\r\n', 'X-Slow: yes\r\n']);
}

/** A byte of body each second, and no end. */
function lorisBodies(system, count) {
  const head =
    'POST /webhooks/didomi HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n';
  return hold(system, count, [head, ' ']);
}

async function hold({ webhookUrl }, count, [head, drop]) {
  const { hostname, port } = new URL(webhookUrl);
  const answers = {};
  const told = (what) => {
    answers[what] = (answers[what] ?? 0) + 1;
  };
  const sockets = Array.from({ length: count }, () => {
    const socket = net.connect(Number(port), hostname, () => head && socket.write(head));
    socket.once('data', (data) => told(String(data).slice(9, 12)));
    socket.once('close', () => told('closed'));
    socket.on('error', () => {});
    return socket;
  });
  const endsAt = performance.now() + HOLD_MS;
  while (performance.now() < endsAt) {
    await delay(1_000);
    if (drop) for (const socket of sockets) if (socket.writable) socket.write(drop);
  }
  const open = sockets.filter((socket) => !socket.destroyed).length;
  for (const socket of sockets) socket.destroy();
  return { answers: { ...answers, 'open at the end': open } };
}

module.exports = { lorisBodies, lorisHeaders, manyIdle };
