// What the live benches run on: a Temporal dev server of their own, and our programs as processes of their own.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createInterface } = require('node:readline');

const { findTemporalBinary } = require('../dist/temporal/binary');
const { startDevServer } = require('../dist/temporal/dev-server');
const { SEARCH_ATTRIBUTES } = require('../dist/temporal/search-attributes');

const BIN = join(__dirname, '..', 'bin', 'consent-sync.js');
const ID_KEY = 'a secret for benches, long enough to pass';

/** @param {Record<string, unknown>} dynamicConfig changes to the server's settings */
async function startTemporal(dynamicConfig = {}) {
  const { path: binary } = await findTemporalBinary({ progress: (line) => console.error(line) });
  return startDevServer({ binary, searchAttributes: SEARCH_ATTRIBUTES, dynamicConfig });
}

/** A folder with a configuration, in which our programs run. */
class Deployment {
  constructor({ address, brevoUrl, config }) {
    this.folder = mkdtempSync(join(tmpdir(), 'consent-sync-bench-'));
    writeFileSync(join(this.folder, 'consent-sync.json'), JSON.stringify(config));
    this.env = {
      ...environment(),
      TEMPORAL_ADDRESS: address,
      BREVO_API_URL: brevoUrl,
      CONSENT_SYNC_ID_KEY: ID_KEY,
      CONSENT_SYNC_DATA: join(this.folder, 'data'),
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'error',
    };
    this.programs = [];
  }

  /** Starts `consent-sync worker` or `ingest`. */
  async start(command) {
    return this.run([BIN, command, '--json']);
  }

  /** Starts a program that prints a line of JSON once it is up. */
  async run(args) {
    const child = spawn(process.execPath, ['--require', join(__dirname, 'usage.js'), ...args], {
      cwd: this.folder,
      env: this.env,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const program = new Program(child);
    this.programs.push(program);
    program.announced = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line').then(([line]) => JSON.parse(line)),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`${args[1]} ended with ${code}`))),
    ]);
    return program;
  }

  async close() {
    await Promise.all(this.programs.map((program) => program.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

class Program {
  constructor(child) {
    this.child = child;
    this.used = { cpuSeconds: 0, rss: 0 };
    this.ended = once(child, 'exit').then(() => []);
    child.setMaxListeners(0);
  }

  /** What the process has used since its start. @returns {Promise<{cpuSeconds: number, rss: number}>} */
  async usage() {
    if (!this.child.connected) return this.used;
    this.child.send('usage');
    await Promise.race([once(this.child, 'message'), this.ended]).then(([used]) => {
      if (used) this.used = used;
    });
    return this.used;
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const kill = setTimeout(() => this.child.kill('SIGKILL'), 30_000);
    await once(this.child, 'exit');
    clearTimeout(kill);
  }
}

/** Of this process, without what would name another server or folder. */
function environment() {
  const ours = /^(TEMPORAL|BREVO)_|^CONSENT_SYNC_|^(HOST|PORT|METRICS_PORT|LOG_LEVEL)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

module.exports = { startTemporal, Deployment, ID_KEY };
