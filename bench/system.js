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
  const service = spawn(process.execPath, [BIN, 'start', '--json'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const close = async () => {
    if (service.exitCode === null && service.signalCode === null) {
      service.kill('SIGTERM');
      await once(service, 'exit');
    }
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const isUp = await Promise.race([
    once(createInterface({ input: service.stdout }), 'line').then(() => true),
    once(service, 'exit').then(() => false),
  ]);
  if (!isUp) {
    await close();
    throw new Error('The service did not start.');
  }
  return {
    folder,
    simulator,
    calls: () => calls,
    resync: (args) => startResync(args, folder, env),
    close,
  };
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
    if (code !== 0) throw new Error(`The resync ended with ${code}:\n${stdout}${stderr}`);
    return JSON.parse(stdout);
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
