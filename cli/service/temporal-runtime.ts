import { ApplicationFailure, SdkComponent } from '@temporalio/common';
import { DefaultLogger, type LogEntry, Runtime, type LogLevel as SdkLevel } from '@temporalio/worker';
import type { Logger } from 'pino';
import { BREVO_FAILURES } from '../../workflows/activities-contract';

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<SdkLevel, string>;

/** What goes into a log line of what the SDK tells beside its message. */
const KEPT_FIELDS = ['workflowId', 'runId', 'activityType', 'attempt', 'taskQueue', 'integration', 'outcome'];

/**
 * Lets Temporal's SDK log where we log, and leaves the signals of the process to us: a worker that stops by itself
 * would stop before ingestion has drained. Once a process, before anything of the worker is used.
 */
export function installTemporalRuntime(logger: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('TRACE', (entry) => forward(entry, logger)),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
    shutdownSignals: [],
  });
}

function forward({ level, message, meta = {} }: LogEntry, logger: Logger): void {
  const fields = Object.fromEntries(
    KEPT_FIELDS.flatMap((name) => (name in meta ? [[name, meta[name]]] : [])),
  );
  const { error, sdkComponent } = meta;
  const reason = error instanceof Error ? { reason: error.message } : {};
  const routine = isWaiting(error) || isRoutine(level, message, sdkComponent);
  logger[routine ? 'debug' : LEVELS[level]]({ ...fields, ...reason }, message);
}

/** Waiting for one's turn is part of a day's work. */
function isWaiting(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.type === BREVO_FAILURES.rateLimited;
}

/** Lines that tell an operator nothing new: parts starting, parts left out on purpose, polls while Temporal is away. */
function isRoutine(level: SdkLevel, message: string, component: unknown): boolean {
  if (component === SdkComponent.worker && level === 'INFO') return true;
  return /^No .* registered|^gRPC call \w+ retried/.test(message);
}
