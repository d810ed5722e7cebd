import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface NodeProcess {
  readonly child: ChildProcess;
  /** Resolves with the first line that the program prints. */
  readonly firstLine: Promise<string>;
  /** Resolves with everything that it printed, when it has ended. */
  readonly output: Promise<string>;
}

/**
 * Runs a small CommonJS program in a Node process of its own, in `folder`.
 *
 * @param program may use `await`, and `require('./…')` relative to `folder`.
 */
export function runNode(folder: string, program: string, env: NodeJS.ProcessEnv = process.env): NodeProcess {
  const wrapped = `(async () => { ${program} })().catch((error) => { console.error(error); process.exit(1); });`;
  const child = spawn(process.execPath, ['-e', wrapped], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const firstLine = new Promise<string>((resolve, reject) => {
    reader.on('line', (line) => {
      lines.push(line);
      resolve(line);
    });
    child.once('close', (code, signal) =>
      reject(new Error(`ended with ${signal ?? code} before it printed a line`)),
    );
  });
  firstLine.catch(() => {});
  return { child, firstLine, output: ended.then(() => lines.join('\n')) };
}
