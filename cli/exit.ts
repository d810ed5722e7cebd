/** What the process ends with. */
export const EXIT = {
  done: 0,
  /** The job failed, or found problems. */
  failed: 1,
  /** The command line, the configuration or the environment is wrong. */
  usage: 2,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a message for the user. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.failed,
  ) {
    super(message);
  }
}
