import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/**
 * Becomes the command, and leaves a guard beside it that waits on file descriptor 3 for our end of the pipe to
 * close, which it does whatever ends us, SIGKILL included. File descriptor 3, because a shell gives its background
 * jobs an empty standard input. The guard speaks to the process group, so it can never hit a stranger that was
 * given the same process id later.
 */
const GUARD_SCRIPT = `
[ -z "$1" ] || umask "$1"
shift
(
  trap '' HUP INT TERM
  read -r _ <&3
  kill -TERM -$$
  n=0
  while kill -0 $$ && [ "$n" -lt 10 ]; do sleep 1; n=$((n + 1)); done
  kill -KILL -$$
) >/dev/null 2>&1 &
exec "$@" 3<&-
`;

/** How long a process may take to end after SIGTERM before it is killed, in ms. */
const STOP_GRACE_MS = 10_000;

export interface GuardedProcessOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Octal, for the files that the process creates; '077' keeps them from other users. Default: ours. */
  readonly umask?: string;
}

export interface ProcessEnd {
  /** Exit code, or null when a signal ended it or it never ran. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when the process could not be run at all. */
  readonly error?: Error;
}

export interface GuardedProcess {
  readonly pid: number | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves, never rejects, once the process has ended and its output is read. */
  readonly ended: Promise<ProcessEnd>;
  /** Ends the process and its children: SIGTERM, and SIGKILL after `graceMs` (10 s). Harmless when it has ended. */
  stop(graceMs?: number): Promise<void>;
  /** Lets our own process end while this one runs, which ends this one too. */
  unref(): void;
}

/**
 * Runs a command that never outlives us, however we end, in a process group of its own: Ctrl-C on the terminal does
 * not reach it, so we can finish our work with it first.
 *
 * On Windows, which has no such groups, the command is ended when we exit in an orderly way.
 */
export function spawnGuarded(
  command: string,
  args: readonly string[],
  options: GuardedProcessOptions,
): GuardedProcess {
  const child =
    process.platform === 'win32'
      ? spawnOnWindows(command, args, options)
      : spawnWithGuard(command, args, options);
  const pipe = child.stdio[3];
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  // The guard has nothing left to watch over.
  child.once('exit', () => pipe?.destroy());
  pipe?.on('error', () => pipe.destroy());

  const handles = [child, child.stdout, child.stderr, pipe] as { ref?(): void; unref?(): void }[];
  return {
    pid: child.pid,
    stdout: child.stdout as Readable,
    stderr: child.stderr as Readable,
    ended,
    async stop(graceMs = STOP_GRACE_MS) {
      for (const handle of handles) handle?.ref?.();
      signalGroup(child, 'SIGTERM');
      const kill = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
      await ended;
      clearTimeout(kill);
    },
    unref() {
      for (const handle of handles) handle?.unref?.();
    },
  };
}

function spawnWithGuard(
  command: string,
  args: readonly string[],
  options: GuardedProcessOptions,
): ChildProcess {
  return spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'sh', options.umask ?? '', command, ...args], {
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
}

function spawnOnWindows(
  command: string,
  args: readonly string[],
  options: GuardedProcessOptions,
): ChildProcess {
  const child = spawn(command, args, {
    env: options.env,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => child.kill();
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return child;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === 'win32') {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended between the check and the signal.
  }
}
