/**
 * Makes each alert of rules.yml fire and clear once, in a real Prometheus: node ops/prometheus/rehearse.js
 *
 * Needs `prometheus` on PATH (or its path in PROMETHEUS), and about ten minutes. It serves a page of metrics as a healthy
 * service would, spoils it in one way after the other (scenarios.js), and asks Prometheus what fires. So that nobody has
 * to wait for hours, the copy of the rules that it loads has other times: every `for` is a second, every range and every
 * offset five seconds. Thresholds and expressions are those of rules.yml. Prints a table; exit code 1 when an alert did
 * not do what it should.
 */
const { spawn } = require('node:child_process');
const { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const { HEALTHY, SCENARIOS } = require('./scenarios.js');

const RULES = join(__dirname, 'rules.yml');
const ROOT = join(__dirname, '../..');
const WINDOW = '5s';
const STEP_MS = 500;
const PATIENCE_MS = 90_000;

/** Counters go on from where they are when the scenario changes, as those of a process do. */
class Service {
  counters = new Map();
  countedAt = Date.now();
  scenario = {};

  /** @param scenario what is wrong from now on; nothing, when it is empty */
  become(scenario) {
    this.count();
    this.scenario = scenario;
  }

  page() {
    this.count();
    const now = Date.now() / 1000;
    const gauges = Object.entries({ ...HEALTHY.gauges, ...this.scenario.gauges }).map(([series, value]) => [
      series,
      typeof value === 'function' ? value(now) : value,
    ]);
    const counters = [...this.counters].map(([series, value]) => [series, Math.floor(value)]);
    return [...gauges, ...counters]
      .filter(([series]) => !this.scenario.without?.includes(series))
      .map(([series, value]) => `${series} ${value}\n`)
      .join('');
  }

  secondPage() {
    return this.scenario.secondTargetDown ? undefined : 'consent_sync_temporal_reachable 1\n';
  }

  count() {
    const seconds = (Date.now() - this.countedAt) / 1000;
    this.countedAt = Date.now();
    for (const [series, rate] of Object.entries({ ...HEALTHY.rates, ...this.scenario.rates })) {
      this.counters.set(series, (this.counters.get(series) ?? 0) + rate * seconds);
    }
  }
}

/** @returns its port */
async function serve(server) {
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return server.address().port;
}

function pagesOf(service) {
  return createServer((request, response) => {
    const page = request.url === '/second' ? service.secondPage() : service.page();
    response.writeHead(page === undefined ? 500 : 200, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(page);
  });
}

async function freePort() {
  const server = createServer();
  const port = await serve(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The rules with times that a rehearsal can wait for. */
function hurried(rules) {
  return rules
    .replace(/\bfor: \d+[smhd]\b/g, 'for: 1s')
    .replace(/\[\d+[smhd]\]/g, `[${WINDOW}]`)
    .replace(/\boffset \d+[smhd]\b/g, `offset ${WINDOW}`);
}

function startPrometheus(folder, port, target) {
  writeFileSync(join(folder, 'rules.yml'), hurried(readFileSync(RULES, 'utf8')));
  const job = (name, path) =>
    `  - { job_name: ${name}, metrics_path: ${path}, static_configs: [{ targets: ['127.0.0.1:${target}'] }] }\n`;
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `global: { scrape_interval: ${STEP_MS}ms, scrape_timeout: ${STEP_MS}ms, evaluation_interval: ${STEP_MS}ms }\n` +
      `rule_files: [rules.yml]\nscrape_configs:\n` +
      `${job('consent-sync-ingest', '/metrics')}${job('consent-sync-worker', '/second')}`,
  );
  const log = [];
  const child = spawn(process.env.PROMETHEUS ?? 'prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  child.stderr.on('data', (chunk) => log.push(chunk));
  child.once('error', (error) => {
    console.error(`Prometheus does not start: ${error.message}. Install it, or set PROMETHEUS to its path.`);
    process.exit(1);
  });
  child.once('exit', (code) => {
    if (code === 0) return;
    console.error(`${Buffer.concat(log)}\nPrometheus ended.`);
    process.exit(1);
  });
  return child;
}

class Prometheus {
  constructor(port) {
    this.url = `http://127.0.0.1:${port}`;
  }

  async get(path) {
    const response = await fetch(this.url + path);
    const { status, data, error } = await response.json();
    if (status !== 'success') throw new Error(`${path}: ${error}`);
    return data;
  }

  /** All alerts that are pending or firing. */
  async alerts() {
    return (await this.get('/api/v1/alerts')).alerts;
  }

  async ready() {
    await until('Prometheus answers', async () => (await fetch(`${this.url}/-/ready`).catch(() => ({}))).ok);
  }

  /** Names of all alerts, and what is wrong with rules that cannot be evaluated. */
  async rules() {
    const { groups } = await this.get('/api/v1/rules');
    return groups.flatMap(({ rules }) => rules);
  }
}

/** @returns what `condition` came to, and after how many seconds */
async function until(what, condition) {
  const begin = Date.now();
  for (;;) {
    const result = await condition();
    if (result) return { result, seconds: (Date.now() - begin) / 1000 };
    if (Date.now() - begin > PATIENCE_MS) throw new Error(`in vain: ${what}`);
    await pause(STEP_MS / 2);
  }
}

const isOf =
  ({ alert, severity }) =>
  ({ labels }) =>
    labels.alertname === alert && (severity === undefined || labels.severity === severity);

/** What is wrong with an alert's text: templates that cannot be filled in show in it. */
function faultOf({ annotations }) {
  const { summary = '', description = '', runbook_url: runbook = '' } = annotations;
  if (/<error|<no value>|\{\{|%!/.test(summary + description))
    return `cannot be filled in: ${summary} ${description}`;
  if (summary === '' || description === '') return 'says nothing';
  return existsSync(join(ROOT, runbook)) ? undefined : `has no page ${runbook}`;
}

async function rehearse(scenario, service, prometheus) {
  service.become(scenario);
  const fired = await until('it fires', async () =>
    (await prometheus.alerts()).find((alert) => isOf(scenario)(alert) && alert.state === 'firing'),
  );
  // What fires beside it may need a moment more.
  await pause(4 * STEP_MS);
  const beside = (await prometheus.alerts())
    .filter((alert) => alert.state === 'firing' && !isOf(scenario)(alert))
    .map(
      ({ labels }) =>
        `${labels.alertname}${labels.alertname === scenario.alert ? ` (${labels.severity})` : ''}`,
    );
  const fault = faultOf(fired.result);
  if (fault !== undefined) throw new Error(fault);
  service.become({});
  const cleared = await until('it clears', async () => !(await prometheus.alerts()).some(isOf(scenario)));
  await until('all is quiet', async () => (await prometheus.alerts()).length === 0);
  return { fired, cleared, beside: [...new Set(beside)] };
}

function row(scenario, { fired, cleared, beside }) {
  const { labels, annotations } = fired.result;
  const name = scenario.case === undefined ? scenario.alert : `${scenario.alert}, ${scenario.case}`;
  return [
    name,
    labels.severity,
    annotations.summary,
    `${fired.seconds.toFixed(1)} s`,
    `${cleared.seconds.toFixed(1)} s`,
    beside.join(', '),
  ];
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'rehearse-alerts-'));
  const service = new Service();
  const pages = pagesOf(service);
  const port = await freePort();
  const child = startPrometheus(folder, port, await serve(pages));
  const prometheus = new Prometheus(port);
  let failed = 0;
  try {
    await prometheus.ready();
    await until('the healthy service is quiet', async () => {
      const names = await prometheus.rules();
      return names.every(({ health }) => health === 'ok') && (await prometheus.alerts()).length === 0;
    });
    console.log('| Alert | Severity | What it said | Fired after | Cleared after | Beside it |');
    console.log('| --- | --- | --- | --- | --- | --- |');
    for (const scenario of SCENARIOS) {
      try {
        console.log(`| ${row(scenario, await rehearse(scenario, service, prometheus)).join(' | ')} |`);
      } catch (error) {
        failed += 1;
        console.log(`| ${scenario.alert} | | FAILED: ${error.message} | | | |`);
        service.become({});
      }
    }
    failed += await complain(prometheus);
  } finally {
    child.removeAllListeners('exit');
    child.kill();
    pages.closeAllConnections();
    pages.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  process.exitCode = failed === 0 ? 0 : 1;
}

/** @returns how many rules have no scenario, or could not be evaluated */
async function complain(prometheus) {
  const rules = await prometheus.rules();
  const rehearsed = new Set(SCENARIOS.map(({ alert }) => alert));
  const missing = rules.filter(({ type, name }) => type === 'alerting' && !rehearsed.has(name));
  const broken = rules.filter(({ health }) => health !== 'ok');
  for (const { name } of missing) console.error(`${name} has no scenario`);
  for (const { name, lastError } of broken) console.error(`${name} cannot be evaluated: ${lastError}`);
  const total = rules.filter(({ type }) => type === 'alerting').length;
  console.log(`\n${SCENARIOS.length} cases of ${total} alerting rules`);
  return missing.length + broken.length;
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
