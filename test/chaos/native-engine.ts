import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { defaultCacheDir } from '../../temporal/cache-dir';
import { findOnPath } from '../../temporal/find-on-path';
import { isPortFree, waitForOpenPort } from '../../temporal/ports';
import type { Engine } from './engine';
import { signalProcess, spawnLogged } from './logged-process';
import { Part, type Running } from './part';

const SCRIPT = resolve(__dirname, '../../ops/native/run.sh');
const IP = '127.0.0.1';

/** What `run.sh` opens besides the port of the frontend, at these distances from it. */
const DISTANCES = [0, 1, 2, 6, 10, -300, -299, -298, -294];

/** @returns why PostgreSQL and a Temporal server cannot be run here; undefined when they can */
export async function canRunNatively(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'it needs Linux';
  const packaged = existsSync('/usr/lib/postgresql') && readdirSync('/usr/lib/postgresql').length > 0;
  if (!packaged && !(await findOnPath('initdb', process.env))) return 'PostgreSQL is not installed';
  // Also with the built programs: the schemas lie in the module.
  if (!(await findOnPath('go', process.env))) return 'Go is not installed';
  return undefined;
}

/** PostgreSQL and the Temporal server as docs/native-engine.md runs them. */
export async function nativeEngine(folder: string, tell: (message: string) => void): Promise<Engine> {
  const data = join(folder, 'engine');
  // PostgreSQL's user must be able to pass through.
  await mkdir(data, { mode: 0o711 });
  const port = await freeBase();
  const databasePort = await freeFrom(port + 20);
  const env = {
    ...process.env,
    CONSENT_SYNC_OPS_DATA: data,
    CONSENT_SYNC_OPS_PORT: String(port),
    CONSENT_SYNC_OPS_PG_PORT: String(databasePort),
    CONSENT_SYNC_OPS_UI_PORT: 'none',
  };
  if (!existsSync(join(defaultCacheDir(process.env), 'temporal-server-1.32.1', 'temporal-server'))) {
    tell('Building the Temporal server with Go: some six minutes on two cores, once.');
  }
  await runScript('up', env, tell);
  await runScript('down', env, () => {});

  const launch = (part: string, ofPort: number, kill: (pid: number | undefined) => void) => async () => {
    const child = spawnLogged(SCRIPT, ['run', part], env, join(folder, `${part}.log`));
    const ended = child.ended.then(() => undefined);
    const gone = new AbortController();
    void ended.then(() => gone.abort(new Error('it has ended')));
    return {
      ready: waitForOpenPort(IP, ofPort, gone.signal).catch(() => new Promise<void>(() => {})),
      ended,
      kill: () => kill(child.pid),
      stop: () => child.stop(),
    } satisfies Running;
  };
  let crashes = 0;
  const crashDatabase = () => {
    crashes += 1;
    const pid = pidOfDatabase(data);
    // An immediate shutdown, or the postmaster alone dies and its children notice.
    signalProcess(pid, crashes % 3 === 0 ? 'SIGKILL' : 'SIGQUIT');
  };
  const stopDatabase = async (running: Running) => {
    signalProcess(pidOfDatabase(data), 'SIGINT');
    await running.ended;
  };
  const launchDatabase = launch('postgres', databasePort, crashDatabase);
  return {
    name: 'native',
    description: 'Temporal server 1.32.1 on PostgreSQL',
    address: `${IP}:${port}`,
    server: new Part(
      'Temporal server',
      launch('temporal-server', port, (pid) => signalProcess(pid, 'SIGKILL')),
    ),
    database: new Part('PostgreSQL', async () => {
      const running = await launchDatabase();
      return { ...running, stop: () => stopDatabase(running) };
    }),
  };
}

/** Runs one command of the script to its end. @throws Error with its last words */
async function runScript(
  command: string,
  env: NodeJS.ProcessEnv,
  tell: (message: string) => void,
): Promise<void> {
  const child = spawn(SCRIPT, [command], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let last = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    last = line;
    // Go tells each of hundreds of modules.
    if (!line.startsWith('go: downloading')) tell(line);
  });
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`ops/native/run.sh ${command} failed: ${last}`);
}

/** The first line of its own file; undefined while it starts. */
function pidOfDatabase(data: string): number | undefined {
  try {
    const [line] = readFileSync(join(data, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n');
    return Number(line) || undefined;
  } catch {
    return undefined;
  }
}

/** A port all of whose neighbours are free too, below those that systems give out by themselves. */
async function freeBase(): Promise<number> {
  for (let port = 17_000 + (process.pid % 500) * 20; port < 32_000; port += 17) {
    const free = await Promise.all(DISTANCES.map((distance) => isPortFree(IP, port + distance)));
    if (!free.includes(false)) return port;
  }
  throw new Error('there are no free ports');
}

async function freeFrom(port: number): Promise<number> {
  return (await isPortFree(IP, port)) ? port : freeFrom(port + 1);
}
