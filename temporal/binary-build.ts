import { setPriority } from 'node:os';
import { join } from 'node:path';
import { executableName, findOnPath } from './find-on-path';
import { spawnGuarded } from './guarded-process';
import { OutputTail } from './output-tail';

const MODULE = 'github.com/temporalio/cli';
const PROGRESS_EVERY_MS = 15_000;
/** Behind whatever the user is doing meanwhile. */
const LOW_PRIORITY = 10;

export interface BuildOptions {
  readonly version: string;
  /** An existing, empty folder. */
  readonly into: string;
  readonly env: NodeJS.ProcessEnv;
  progress(message: string): void;
}

/**
 * Builds the Temporal CLI with the Go toolchain on PATH, which needs no more network than a Go module proxy;
 * returns the path of the executable. Takes 4 to 5 minutes on two cores.
 *
 * @throws Error that says in a few words why it was not possible.
 */
export async function buildTemporal({ version, into, env, progress }: BuildOptions): Promise<string> {
  const go = await findOnPath('go', env);
  if (go === undefined) throw new Error('there is no go on PATH');

  progress(
    `Building the Temporal CLI ${version} with Go. This takes 4 to 5 minutes, once; the result is kept for next time`,
  );
  const startedAt = Date.now();
  let modules = 0;
  const build = spawnGuarded(
    go,
    ['install', '-ldflags', linkerFlags(version), `${MODULE}/cmd/temporal@v${version}`],
    {
      env: goEnvironment(env, into),
    },
  );
  const output = new OutputTail([build.stdout, build.stderr], (line) => {
    if (line.startsWith('go: downloading ')) modules += 1;
  });
  lowerPriority(build.pid);
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    const downloaded = modules === 0 ? '' : `, ${modules} modules downloaded`;
    progress(`Still building the Temporal CLI: ${seconds} s so far${downloaded}`);
  }, PROGRESS_EVERY_MS);
  const end = await build.ended;
  clearInterval(timer);
  if (end.code !== 0) {
    const why = end.error?.message ?? `go install ended with ${end.signal ?? `exit code ${end.code}`}`;
    throw new Error([why, output.toString()].filter((part) => part !== '').join('\n'));
  }
  return join(into, executableName('temporal'));
}

/** As in the CLI's own releases: no debug tables, and the version that it prints. */
function linkerFlags(version: string): string {
  return `-s -w -X ${MODULE}/temporalcli.Version=${version}`;
}

/** A cross-compiling environment would build for another machine; a C compiler is not needed. */
function goEnvironment(env: NodeJS.ProcessEnv, into: string): NodeJS.ProcessEnv {
  const { GOOS: _os, GOARCH: _architecture, ...rest } = env;
  return { ...rest, GOBIN: into, CGO_ENABLED: '0', GO111MODULE: 'on' };
}

function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, LOW_PRIORITY);
  } catch {
    // It is a courtesy; where it is not possible the build runs at the usual priority.
  }
}
