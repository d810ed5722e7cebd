// The `ingest` process and what it runs on: a Temporal dev server that forgets everything, behind a relay that can delay
// what it says.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const { setTimeout: delay } = require('node:timers/promises');

const { findTemporalBinary } = require('../dist/temporal/binary');
const { startDevServer } = require('../dist/temporal/dev-server');
const { SEARCH_ATTRIBUTES } = require('../dist/temporal/search-attributes');
const { at } = require('./burst-senders');

const BIN = join(__dirname, '..', 'bin', 'consent-sync.js');
const NEWSLETTER = 'consents_purposes_newsletter_enabled';
const LOOK_EVERY_MS = 50;
/** How long memory may take to be given back before it is measured. */
const SETTLE_MS = 3_000;

async function startIngestSystem({ dynamicConfig, maxBodyBytes } = {}) {
  const { path } = await findTemporalBinary({ progress: (line) => process.stderr.write(`${line}\n`) });
  const temporal = await startDevServer({
    binary: path,
    searchAttributes: SEARCH_ATTRIBUTES,
    ...(dynamicConfig && { dynamicConfig }),
  });
  const relay = await startRelay(temporal.address);
  const folder = mkdtempSync(join(tmpdir(), 'consent-sync-burst-'));
  const config = {
    config: { api_key: 'bench', properties: [{ id: 'EMAIL_NOTIFICATION', value: NEWSLETTER }] },
    ...(maxBodyBytes && { ingest: { max_body_bytes: maxBodyBytes } }),
  };
  writeFileSync(join(folder, 'consent-sync.json'), JSON.stringify(config));
  const child = spawn(process.execPath, [BIN, 'ingest', '--json'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'fatal',
      TEMPORAL_ADDRESS: relay.address,
      CONSENT_SYNC_ID_KEY: 'a key of the bench that is long enough',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { webhookUrl } = JSON.parse(line);
  const ready = new URL('/health/ready', webhookUrl);
  while ((await fetch(ready)).status !== 200) await delay(200);
  return {
    webhookUrl,
    delayTemporal: (ms) => relay.delay(ms),
    stopTemporal: (signal) => process.kill(temporal.pid, signal),
    watch: (act) => watch(child.pid, new URL('/health/live', webhookUrl), act),
    async close() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      relay.close();
      await temporal.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Carries bytes to a server and back, each as late as it is told to. */
async function startRelay(address) {
  const [host, port] = address.split(':');
  let lateMs = 0;
  const late = (from, to) => {
    from.on('data', (data) => {
      if (lateMs === 0) to.write(data);
      else setTimeout(() => to.write(data), lateMs);
    });
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
  };
  const server = net.createServer((near) => {
    const far = net.connect(Number(port), host);
    late(near, far);
    late(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${server.address().port}`,
    delay: (ms) => {
      lateMs = ms;
    },
    close: () => server.close(),
  };
}

/** Does something, and looks at the process meanwhile. */
async function watch(pid, liveUrl, act) {
  const before = megabytes(pid);
  let most = before;
  const probes = [];
  let watching = true;
  const looking = (async () => {
    while (watching) {
      most = Math.max(most, megabytes(pid));
      probes.push(await probe(liveUrl));
      await delay(LOOK_EVERY_MS);
    }
  })();
  const startedAt = performance.now();
  const result = await act();
  const seconds = (performance.now() - startedAt) / 1_000;
  await delay(SETTLE_MS);
  watching = false;
  await looking;
  probes.sort((a, b) => a - b);
  const live = { p99: Math.round(at(probes, 0.99)), max: Math.round(at(probes, 1)) };
  return { ...result, seconds, live, rss: { before, most, after: megabytes(pid) } };
}

/** How long the answer takes, over a connection of its own, in ms; Infinity when there is none or another one. */
function probe(url) {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const failed = () => resolve(Number.POSITIVE_INFINITY);
    const request = http.get(url, { agent: false, timeout: 10_000 }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - startedAt);
        else failed();
      });
    });
    request.once('timeout', () => request.destroy());
    request.once('error', failed);
  });
}

function megabytes(pid) {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1_024);
}

module.exports = { startIngestSystem };
