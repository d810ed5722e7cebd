import { type ExecFileException, execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { serverEnvironment } from './server-environment';

/** The oldest server with everything that we use: task queue priority and fairness (off by default until 1.32). */
const OLDEST_SERVER = '1.29.0';

const execute = promisify(execFile);

/** Generous, because the first run of a large file on a busy machine is slow. */
const TIMEOUT_MS = 30_000;

export type BinaryCheck =
  | { readonly ok: true; readonly version: string; readonly server: string }
  | { readonly ok: false; readonly problem: string };

/** Whether a file is a Temporal CLI that runs here and can start a development server new enough for us. */
export async function checkBinary(path: string, env: NodeJS.ProcessEnv): Promise<BinaryCheck> {
  const version = await run(path, ['--version'], env);
  if (!version.ok) return { ok: false, problem: `it does not run: ${version.problem}` };

  const cli = /temporal version (\S+)/i.exec(version.output)?.[1];
  const server = /server v?(\d+\.\d+\.\d+)/i.exec(version.output)?.[1];
  if (cli === undefined || server === undefined) {
    return { ok: false, problem: 'it does not say a version as the Temporal CLI does' };
  }
  if (server.localeCompare(OLDEST_SERVER, 'en', { numeric: true }) < 0) {
    return { ok: false, problem: `its server is ${server}, and ${OLDEST_SERVER} or later is needed` };
  }
  const help = await run(path, ['server', 'start-dev', '--help'], env);
  if (!help.ok) return { ok: false, problem: `it cannot start a development server: ${help.problem}` };
  return { ok: true, version: cli, server };
}

type RunResult =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly problem: string };

async function run(path: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<RunResult> {
  const options = {
    env: serverEnvironment(env),
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    windowsHide: true,
  } as const;
  try {
    const { stdout } = await execute(path, args, options);
    return { ok: true, output: stdout };
  } catch (error) {
    return { ok: false, problem: reason(error as ExecFileException) };
  }
}

function reason(error: ExecFileException): string {
  if (error.killed) return `no answer within ${TIMEOUT_MS / 1000} s`;
  const said = error.stderr?.split('\n').find((line) => line.trim() !== '');
  if (said !== undefined) return said;
  if (error.signal) return `ended by ${error.signal}`;
  return typeof error.code === 'number' ? `exit code ${error.code}` : (error.code ?? error.message);
}
