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
  return pino(options, process.stderr.isTTY ? prettyLines() : pino.destination({ fd: 2, sync: true }));
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
