import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach } from '@jest/globals';
import { until } from '../../support/until';
import { NEWSLETTER } from '../support/harness';

const BIN = resolve(__dirname, '../../../bin/consent-sync.js');

export const ID_KEY = 'a secret for tests of the command line';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the first match in standard output. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
}

/** A folder, a configuration and an environment of its own for each test; what still runs at its end is killed. */
export function commandLines() {
  const running = new Set<ChildProcess>();
  const folders: string[] = [];
  afterEach(async () => {
    for (const child of running) child.kill('SIGKILL');
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  return async (env: Readonly<Record<string, string>> = {}) => {
    const folder = await mkdtemp(join(tmpdir(), 'consent-sync-cli-'));
    folders.push(folder);
    const clean = Object.entries(process.env).filter(([name]) => !OURS.test(name));
    const environment = {
      ...Object.fromEntries(clean),
      HOST: '127.0.0.1',
      PORT: '0',
      CONSENT_SYNC_DATA: join(folder, 'data'),
      ...env,
    };
    const start = (...args: string[]): Running => {
      const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, env: environment, stdio: 'pipe' });
      running.add(child);
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      const ended = new Promise<Ended>((done) => {
        child.once('close', (code) => {
          running.delete(child);
          done({ code, stdout, stderr });
        });
      });
      return {
        child,
        stdout: () => stdout,
        stderr: () => stderr,
        ended,
        async printed(pattern) {
          await until(`${args.join(' ')} prints ${pattern}`, () => {
            if (child.exitCode !== null && !pattern.test(stdout)) {
              throw new Error(`it ended with ${child.exitCode}: ${stderr}`);
            }
            return pattern.test(stdout);
          });
          return pattern.exec(stdout) as RegExpExecArray;
        },
      };
    };
    return {
      folder,
      start,
      /** Runs a command to its end. */
      run: (...args: string[]): Promise<Ended> => start(...args).ended,
      /** As `run`, with something on standard input. */
      async pipe(input: string | Uint8Array, ...args: string[]): Promise<Ended> {
        const { child, ended } = start(...args);
        child.stdin?.end(input);
        return ended;
      },
      async write(name: string, content: string | Uint8Array | object): Promise<string> {
        const raw = typeof content === 'string' || content instanceof Uint8Array;
        await writeFile(join(folder, name), raw ? content : JSON.stringify(content));
        return name;
      },
    };
  };
}

/** Variables that would change what the commands do. */
const OURS = /^(TEMPORAL_|CONSENT_SYNC_|BREVO_|OTEL_|HOST$|PORT$|LOG_LEVEL$|METRICS_PORT$)/;

/** The environment of commands that use the Temporal server of the tests. */
export function sharedTemporal(): Record<string, string> {
  return { TEMPORAL_ADDRESS: process.env.TEST_TEMPORAL_ADDRESS ?? '', CONSENT_SYNC_ID_KEY: ID_KEY };
}

/** One integration with a task queue that no other test uses. */
export function config(): object {
  return {
    upsert_mode: true,
    config: {
      api_key: 'xkeysib-test',
      list_id: 7,
      properties: [
        { id: 'OPT_EMAIL', value: NEWSLETTER },
        { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER },
      ],
    },
    temporal: { task_queue: `test-${randomUUID()}` },
    brevo: { requests_per_second: 100 },
  };
}

export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

export async function post(
  url: string,
  body: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
