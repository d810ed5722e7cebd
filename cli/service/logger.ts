import pino, { type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from '../../config';

/**
 * The log of a process: JSON lines on standard error, or lines for people when that is a terminal. Written at once,
 * so that the last line before the end is there.
 */
export function createLogger(level: LogLevel): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, process.stderr.isTTY ? prettyLines() : jsonLines());
}

/** Lines that a full disk keeps us from writing are kept up to this length, in characters. */
const MOST_KEPT = 1_000_000;

/** A log that cannot be written, on a full disk or to a reader that is gone, is no reason to write no consents. */
function jsonLines(): DestinationStream {
  return pino.destination({ fd: 2, sync: true, maxLength: MOST_KEPT }).on('error', () => {});
}

function prettyLines(): DestinationStream {
  const pretty = require('pino-pretty') as typeof import('pino-pretty');
  return pretty({
    colorize: true,
    destination: 2,
    sync: true,
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  });
}
