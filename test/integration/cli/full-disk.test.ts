import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { until } from '../../support/until';
import { eventCreated, someone } from '../support/harness';
import { commandLines, config, post, sharedTemporal } from './support';

const BIN = resolve(__dirname, '../../../bin/consent-sync.js');
/** What is written there finds no room. */
const FULL = '/dev/full';

const commandLine = commandLines();
const onLinux = existsSync(FULL) ? test : test.skip;
const running = new Set<() => void>();
afterEach(() => {
  for (const kill of running) kill();
  running.clear();
});

/** Runs a command whose output goes where the shell is told. */
function start(folder: string, command: string, env: Readonly<Record<string, string>> = {}) {
  const child = spawn('sh', ['-c', `exec "$NODE" "$BIN" ${command}`], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      NODE: process.execPath,
      BIN,
      HOST: '127.0.0.1',
      PORT: '0',
      CONSENT_SYNC_DATA: folder,
      ...env,
    },
    stdio: 'pipe',
  });
  const kill = () => child.kill('SIGKILL');
  running.add(kill);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk;
  });
  const ended = new Promise<number | null>((done) => child.once('close', done)).finally(() =>
    running.delete(kill),
  );
  return { child, said, ended };
}

onLinux('results that find no room end a command with exit code 1, and it says so', async () => {
  const { folder } = await commandLine();
  const { said, ended } = start(folder, `config schema > ${FULL}`);
  expect(await ended).toBe(1);
  expect(said.stderr).toMatch(/^The results cannot be written: .*no space left.*\n$/);
});

onLinux('a message that finds no room changes no exit code', async () => {
  const { folder } = await commandLine();
  expect(await start(folder, `nonsense 2> ${FULL}`).ended).toBe(2);
});

onLinux('a service whose log finds no room goes on, and ends when it is asked to', async () => {
  const { folder, write } = await commandLine();
  await write('consent-sync.json', config());
  const { child, said, ended } = start(folder, `ingest --json 2> ${FULL}`, sharedTemporal());
  await until('ingestion listens', () => said.stdout.includes('\n'));
  const { webhookUrl } = JSON.parse(said.stdout) as { webhookUrl: string };
  expect((await post(webhookUrl, eventCreated(someone(), false))).status).toBe(202);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});
