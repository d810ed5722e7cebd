import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import pino from 'pino';
import { changeLevelOnSignal } from '../../../cli/service/log-level';
import { outcomeLog } from '../../../cli/service/outcome-log';
import type { ContactOutcome } from '../../../worker/outcomes';

function logTo(lines: Record<string, unknown>[], level = 'info') {
  const options = { level, formatters: { level: (label: string) => ({ level: label }) } };
  return pino(options, { write: (line: string) => lines.push(JSON.parse(line)) });
}

const OUTCOME: ContactOutcome = {
  workflowId: 'consent-sync/shop/9f2c',
  runId: 'run',
  contactKey: '9f2c',
  integration: 'shop',
  outcome: 'rejected',
  events: [{ eventKey: 'e-1', type: 'event.created', outcome: 'rejected' }],
  reasons: [
    { id: 'NEWS', status: 400, code: 'invalid_parameter', requestId: 'r-1', text: 'Brevo refuses it' },
  ],
  calls: 2,
  choices: [
    { id: 'MAIL', eventKey: 'e-1', at: 1_000, withdrawal: true },
    { id: 'SMS', eventKey: 'e-1', at: 1_001, withdrawal: false },
  ],
};

describe('the line of an outcome', () => {
  test('says which contact of which integration, what became of which events, why, and how long it took', () => {
    const lines: Record<string, unknown>[] = [];
    outcomeLog(logTo(lines), () => 1_003_500)(OUTCOME);
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.any(Number),
        pid: expect.any(Number),
        hostname: expect.any(String),
        msg: 'outcome',
        integration: 'shop',
        workflowId: 'consent-sync/shop/9f2c',
        outcome: 'rejected',
        eventIds: ['e-1'],
        events: [{ eventId: 'e-1', type: 'event.created', outcome: 'rejected' }],
        reasons: [
          {
            id: 'NEWS',
            status: 400,
            code: 'invalid_parameter',
            brevoRequestId: 'r-1',
            text: 'Brevo refuses it',
          },
        ],
        calls: 2,
        lagMs: 3_500,
        written: [
          { id: 'MAIL', withdrawal: true },
          { id: 'SMS', withdrawal: false },
        ],
      },
    ]);
  });

  test('leaves out what there is none of', () => {
    const lines: Record<string, unknown>[] = [];
    outcomeLog(logTo(lines))({ ...OUTCOME, outcome: 'unchanged', reasons: [], choices: [] });
    expect(Object.keys(lines[0] ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(reasons|lagMs|written|dryRun)$/)]),
    );
  });
});

describe('SIGUSR2', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  function started(level: string) {
    const lines: Record<string, unknown>[] = [];
    const [logger, signals] = [logTo(lines, level), new EventEmitter()];
    changeLevelOnSignal(logger, { signals });
    return { lines, logger, signal: () => signals.emit('SIGUSR2') };
  }

  test.each(['info', 'warn', 'silent'])(
    'raises %s to debug for 15 minutes, and tells of both changes',
    (level) => {
      const { lines, logger, signal } = started(level);
      signal();
      expect(logger.level).toBe('debug');
      jest.advanceTimersByTime(14 * 60_000);
      expect(logger.level).toBe('debug');
      jest.advanceTimersByTime(60_000);
      expect(logger.level).toBe(level);
      expect(lines).toMatchObject([{ logLevel: 'debug', until: expect.any(String) }, { logLevel: level }]);
    },
  );

  test('a second time goes back at once, and a third raises it for the whole time again', () => {
    const { logger, signal } = started('warn');
    signal();
    signal();
    expect(logger.level).toBe('warn');
    signal();
    jest.advanceTimersByTime(14 * 60_000);
    expect(logger.level).toBe('debug');
  });

  test('lowers nothing that is detailed already', () => {
    const { lines, logger, signal } = started('trace');
    signal();
    expect(logger.level).toBe('trace');
    expect(lines).toMatchObject([{ logLevel: 'trace' }]);
  });
});
