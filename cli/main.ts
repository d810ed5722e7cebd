import { CommanderError } from 'commander';
import { describeError, wantsStacks } from './describe-error';
import { EXIT, type ExitCode } from './exit';
import { flushed, tell } from './output';
import { buildProgram } from './program';

/**
 * Runs the command line of this process, and ends it with the exit code of the command.
 *
 * @param version of the package
 */
export function main(version: string): void {
  heedBrokenOutput();
  process.on('unhandledRejection', fail);
  process.on('uncaughtException', fail);
  run(version).then(end, fail);
}

async function run(version: string): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = buildProgram(version, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync();
    return exitCode;
  } catch (error) {
    // Commander has told the user already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    throw error;
  }
}

function fail(error: unknown): void {
  const { text, exitCode } = describeError(error, wantsStacks(process.env));
  tell(text);
  void end(exitCode);
}

/** Every command has closed what it opened; what a library still holds open must not keep the process alive. */
async function end(exitCode: ExitCode): Promise<void> {
  await flushed();
  process.exit(exitCode);
}

/**
 * Whoever reads our results has seen enough, as in `| head -1`; or they cannot be written, as on a full disk. What cannot
 * be told to the person at the terminal, or to the log, ends nothing: a service goes on without a log.
 */
function heedBrokenOutput(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    tell(`The results cannot be written: ${error.message}`);
    process.exit(EXIT.failed);
  });
}
