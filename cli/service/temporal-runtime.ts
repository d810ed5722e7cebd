import { ApplicationFailure, SdkComponent } from '@temporalio/common';
import {
  DefaultLogger,
  type LogEntry,
  Runtime,
  type LogLevel as SdkLevel,
  type TelemetryOptions,
} from '@temporalio/worker';
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
 *
 * @param metrics where the SDK tells its own; absent: nowhere
 */
export function installTemporalRuntime(logger: Logger, metrics?: TelemetryOptions['metrics']): void {
  const forward = forwarding(logger);
  const install = (metrics?: TelemetryOptions['metrics']) =>
    Runtime.install({
      logger: new DefaultLogger('TRACE', forward),
      telemetryOptions: {
        logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
        ...(metrics && { metrics }),
      },
      shutdownSignals: [],
    });
  try {
    install(metrics);
  } catch (error) {
    if (!metrics) throw error;
    // Somebody took its port meanwhile: that is no reason to write no consents.
    logger.warn({ reason: (error as Error).message }, "the metrics of Temporal's SDK are missing");
    install();
  }
}

/** What the SDK says, in our log: without what tells an operator nothing new. */
export function forwarding(logger: Logger): (entry: LogEntry) => void {
  return ({ level, message, meta = {} }) => {
    const fields = Object.fromEntries(
      KEPT_FIELDS.flatMap((name) => (name in meta ? [[name, meta[name]]] : [])),
    );
    const { error } = meta;
    const reason = error instanceof Error ? { reason: error.message } : {};
    const routine = isRoutine({ level, message, meta });
    logger[routine ? 'debug' : LEVELS[level]]({ ...fields, ...reason }, message);
  };
}

/**
 * Waiting for one's turn, parts starting, and parts left out on purpose. A held account, and polls while Temporal is
 * away, are told elsewhere.
 */
function isRoutine({ level, message, meta = {} }: Pick<LogEntry, 'level' | 'message' | 'meta'>): boolean {
  const { error, activityType, sdkComponent } = meta;
  if (activityType === 'awaitBrevo') return true;
  if (isOfType(error, BREVO_FAILURES.rateLimited) || isOfType(error, BREVO_FAILURES.held)) return true;
  if (sdkComponent === SdkComponent.worker && level === 'INFO') return true;
  return /^No .* registered|^gRPC call \w+ retried/.test(message);
}

function isOfType(error: unknown, type: string): boolean {
  return error instanceof ApplicationFailure && error.type === type;
}
