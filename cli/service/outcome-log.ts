import type { Logger } from 'pino';
import type { OutcomeListener } from '../../worker/outcomes';

/**
 * Writes one line an outcome: the record of what became of each event, fit to be kept for years, because who it was
 * about is a keyed hash and what was chosen is not in it. docs/logs.md lists its fields.
 *
 * @param now ms since 1970
 */
export function outcomeLog(logger: Logger, now: () => number = Date.now): OutcomeListener {
  return ({ integration, workflowId, outcome, dryRun, events, reasons, calls, choices }) => {
    const lags = choices.map(({ at }) => now() - at * 1_000);
    logger.info(
      {
        integration,
        workflowId,
        outcome,
        ...(dryRun && { dryRun }),
        eventIds: events.map(({ eventKey }) => eventKey),
        events: events.map(({ eventKey, type, outcome: its }) => ({ eventId: eventKey, type, outcome: its })),
        ...(reasons.length > 0 && {
          reasons: reasons.map(({ requestId, ...reason }) => ({
            ...reason,
            ...(requestId !== undefined && { brevoRequestId: requestId }),
          })),
        }),
        calls,
        ...(lags.length > 0 && {
          lagMs: Math.max(...lags),
          written: choices.map(({ id, withdrawal }) => ({ id, withdrawal })),
        }),
      },
      'outcome',
    );
  };
}
