import type { Logger } from 'pino';

/** So long a level that was raised by a signal lasts, in ms: forgotten, it would fill disks. */
const RAISED_FOR_MS = 15 * 60_000;

const RAISED = 'debug';

/** As much of a process as is needed to be told of a signal. */
type Signals = Pick<NodeJS.EventEmitter, 'on'>;

/**
 * Logs more for a while: at SIGUSR2 the level becomes `debug` for 15 minutes, and at another one, or after that time,
 * again what LOG_LEVEL says. Each change is told by a line that shows at the lower level too.
 */
export function changeLevelOnSignal(
  logger: Logger,
  { signals = process, forMs = RAISED_FOR_MS }: { signals?: Signals; forMs?: number } = {},
): void {
  // Node.js knows no such signal there.
  if (process.platform === 'win32') return;
  const configured = logger.level;
  const isDetailed = configured === 'debug' || configured === 'trace';
  let timer: NodeJS.Timeout | undefined;
  const lower = () => {
    clearTimeout(timer);
    timer = undefined;
    logger.info({ logLevel: configured }, `the log's level is ${configured} again`);
    logger.level = configured;
  };
  const raise = () => {
    logger.level = RAISED;
    timer = setTimeout(lower, forMs).unref();
    const until = new Date(Date.now() + forMs).toISOString();
    logger.info({ logLevel: RAISED, until }, `the log's level is ${RAISED} for a while`);
  };
  signals.on('SIGUSR2', () => {
    if (isDetailed) logger.info({ logLevel: configured }, `the log's level is ${configured} already`);
    else if (timer) lower();
    else raise();
  });
}
