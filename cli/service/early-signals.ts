import { EXIT } from '../exit';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

function endAtOnce(): void {
  process.exit(EXIT.done);
}

/**
 * Ends the process in good order at a signal that comes while the code of a service is still being loaded: there is
 * nothing to stop yet.
 *
 * @public bin/consent-sync.js calls it before it loads anything else
 */
export function heedEarlySignals(): void {
  for (const signal of SIGNALS) process.on(signal, endAtOnce);
  // It would end the process; the log is not there yet.
  if (process.platform !== 'win32') process.on('SIGUSR2', () => undefined);
}

/** From here on somebody else heeds them. */
export function noLongerEarly(): void {
  for (const signal of SIGNALS) process.off(signal, endAtOnce);
}
