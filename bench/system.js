// What a bench of resyncs runs on: a Brevo simulator without a rate limit in this process, and the service and the
// command line as processes of their own.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createInterface } = require('node:readline');

const { startSimulator } = require('../dist/simulator');

const BIN = join(__dirname, '..', 'bin', 'consent-sync.js');
const NEWSLETTER = 'consents_purposes_newsletter_enabled';

/** No limit that counts: the bench asks what the machine can do. */
const REQUESTS_PER_SECOND = 1_000;

const CONFIG = {
  integrations: {
    bench: {
      upsert_mode: true,
      config: {
        api_key: 'bench',
        list_id: 7,
        properties: [
          { id: 'EMAIL_NOTIFICATION', value: NEWSLETTER },
          { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER },
        ],
      },
    },
  },
  brevo: { requests_per_second: REQUESTS_PER_SECOND },
};

async function startSystem() {
  const folder = mkdtempSync(join(tmpdir(), 'consent-sync-bench-'));
  writeFileSync(join(folder, 'consent-sync.json'), JSON.stringify(CONFIG));
  const simulator = await startSimulator({ requestsPerSecond: 0, otherRequestsPerHour: 0 });
  let calls = 0;
  simulator.onCall((_call, moment) => {
    if (moment === 'before') calls += 1;
  });
  const env = { ...environment(folder), BREVO_API_URL: simulator.url };
  let service;
  const startService = async () => {
    service = await startedService(folder, env);
  };
  const close = async () => {
    await service?.stop();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await startService();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    folder,
    simulator,
    calls: () => calls,
    /** As new users would: what it prints, and its exit code. */
    command: (args) => finished([BIN, ...args], folder, env),
    resync: (args) => startResync(args, folder, env),
    webhookUrl: () => service.webhookUrl,
    /** kill -9, with the Temporal server that it has embedded; comes back by `startService`. */
    killService: () => service.kill(),
    startService,
    close,
  };
}

/** Ingestion, worker and an embedded Temporal server. */
async function startedService(folder, env) {
  const child = spawn(process.execPath, [BIN, 'start', '--json'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = async (signal) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => text),
    once(child, 'exit').then(() => undefined),
  ]);
  if (line === undefined) throw new Error('The service did not start.');
  return { webhookUrl: JSON.parse(line).webhookUrl, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** A command that has ended. */
async function finished(args, folder, env) {
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** A `resync start` that runs. `ended` resolves with what it printed, undefined where it was killed. */
function startResync(args, folder, env) {
  const peakFile = join(folder, 'peak-memory');
  const command = ['--require', join(__dirname, 'peak-memory.js'), BIN, 'resync', 'start', '--json', ...args];
  const child = spawn(process.execPath, command, {
    cwd: folder,
    env: { ...env, PEAK_MEMORY_FILE: peakFile },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'close').then(([code, signal]) => {
    if (signal === 'SIGKILL') return undefined;
    const [line] = stdout.split('\n');
    if (!line) throw new Error(`The resync ended with ${code}:\n${stderr}`);
    return { code, ...JSON.parse(line) };
  });
  return {
    ended,
    kill: () => child.kill('SIGKILL'),
    run: () => /^Resync (\S+) of/m.exec(stderr)?.[1],
    peakMemory: () => (existsSync(peakFile) ? Number(readFileSync(peakFile, 'utf8')) : 0),
  };
}

/** Of this process, without what would name another server or folder. */
function environment(folder) {
  const ours = /^(TEMPORAL|BREVO)_|^CONSENT_SYNC_(CONFIG|ID_KEY|DATA)$|^(HOST|PORT|METRICS_PORT)$/;
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name))),
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'error',
    CONSENT_SYNC_DATA: join(folder, 'data'),
  };
}

module.exports = { startSystem };
