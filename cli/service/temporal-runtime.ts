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

/** A held account is told so often, however many contacts wait for it. */
const HELD_EVERY_MS = 60_000;

/**
 * Lets Temporal's SDK log where we log, and leaves the signals of the process to us: a worker that stops by itself
 * would stop before ingestion has drained. Once a process, before anything of the worker is used.
 */
export function installTemporalRuntime(logger: Logger): void {
  const forward = forwarding(logger);
  Runtime.install({
    logger: new DefaultLogger('TRACE', forward),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
    shutdownSignals: [],
  });
}

/** What the SDK says, in our log: without what tells an operator nothing new. */
export function forwarding(logger: Logger, now = () => performance.now()): (entry: LogEntry) => void {
  const heldToldAt = new Map<unknown, number>();
  return ({ level, message, meta = {} }) => {
    const fields = Object.fromEntries(
      KEPT_FIELDS.flatMap((name) => (name in meta ? [[name, meta[name]]] : [])),
    );
    const { error, taskQueue } = meta;
    const reason = error instanceof Error ? { reason: error.message } : {};
    let routine = isRoutine({ level, message, meta });
    if (isOfType(error, BREVO_FAILURES.held)) {
      routine = now() - (heldToldAt.get(taskQueue) ?? Number.NEGATIVE_INFINITY) < HELD_EVERY_MS;
      if (!routine) heldToldAt.set(taskQueue, now());
    }
    logger[routine ? 'debug' : LEVELS[level]]({ ...fields, ...reason }, message);
  };
}

/**
 * Waiting for one's turn or for a held account, parts starting, parts left out on purpose, and polls while Temporal
 * is away, which is told elsewhere.
 */
function isRoutine({ level, message, meta = {} }: Pick<LogEntry, 'level' | 'message' | 'meta'>): boolean {
  const { error, activityType, sdkComponent } = meta;
  if (activityType === 'awaitBrevo' || isOfType(error, BREVO_FAILURES.rateLimited)) return true;
  if (sdkComponent === SdkComponent.worker && level === 'INFO') return true;
  return /^No .* registered|^gRPC call \w+ retried/.test(message);
}

function isOfType(error: unknown, type: string): boolean {
  return error instanceof ApplicationFailure && error.type === type;
}
