import { CommandError, EXIT, type ExitCode } from './exit';

/** What the user is told of an error that ends a command, and the exit code. */
export interface ErrorReport {
  readonly text: string;
  readonly exitCode: ExitCode;
}

/**
 * Turns any error into sentences. Known errors say themselves what to do; of an unforeseen one the message is all
 * there is.
 *
 * @param verbose adds the stack
 */
export function describeError(error: unknown, verbose: boolean): ErrorReport {
  const text = messageOf(error);
  const stack = verbose && error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : '';
  return { text: `${text}${stack}`, exitCode: exitCodeOf(error) };
}

/** Whether the environment asks for stacks. Does not check LOG_LEVEL: it may be what the error is about. */
export function wantsStacks(env: NodeJS.ProcessEnv): boolean {
  return /^(debug|trace)$/i.test(env.LOG_LEVEL ?? '');
}

/** By name: their modules would make every command start slower. */
const CONFIGURATION_ERRORS: ReadonlySet<string> = new Set(['ConfigError', 'TemporalConfigurationError']);

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  return error instanceof Error && CONFIGURATION_ERRORS.has(error.name) ? EXIT.usage : EXIT.failed;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return `Something failed: ${String(error)}`;
  if (isGrpcError(error)) return `Temporal refused the request: ${error.details || error.message}`;
  const { cause } = error;
  // @temporalio/client wraps what the server said.
  if (error.name === 'ServiceError' && cause instanceof Error) {
    return isGrpcError(cause) ? messageOf(cause) : `${error.message}: ${cause.message}`;
  }
  return error.message === '' ? error.name : error.message;
}

function isGrpcError(error: Error): error is Error & { readonly details: string } {
  return 'details' in error && typeof error.details === 'string' && 'code' in error;
}
