import { createWriteStream } from 'node:fs';
import { type GuardedProcess, spawnGuarded } from '../../temporal/guarded-process';

export interface LoggedProcess extends GuardedProcess {
  /** Resolves, never rejects, when it has printed this. */
  printed(text: string): Promise<void>;
}

/** Runs a command that never outlives us, and adds all that it prints to a file. */
export function spawnLogged(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  logFile: string,
): LoggedProcess {
  const child = spawnGuarded(command, args, { env });
  const log = createWriteStream(logFile, { flags: 'a' });
  const waiting: { readonly text: string; readonly resolve: () => void }[] = [];
  let last = '';
  const take = (chunk: Buffer) => {
    log.write(chunk);
    last = (last + chunk.toString()).slice(-10_000);
    for (const { text, resolve } of waiting) if (last.includes(text)) resolve();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  void child.ended.then(() => log.end());
  return {
    ...child,
    printed: (text) => new Promise((resolve) => waiting.push({ text, resolve })),
  };
}

/** Sends a signal to a process that may have ended. */
export function signalProcess(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
