import { describe, expect, test } from '@jest/globals';
import pino from 'pino';
import { heldLog } from '../../../cli/service/held-log';
import type { AccountState } from '../../../worker/account-watch';

const HELD: AccountState = {
  integrations: ['shop', 'club'],
  state: 'closed',
  held: {
    reason: 'ip',
    message: "Brevo blocks this service's IP address",
    call: 'GET /contacts/{identifier}',
    status: 401,
    code: 'unauthorized',
    requestId: 'r-1',
    since: Date.parse('2026-03-04T09:00:00Z'),
    refusedCalls: [],
  },
  refusals: 1,
  waiting: { withdrawals: 3, others: 4 },
};

function logged(tell: (log: ReturnType<typeof heldLog>) => void): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const options = { formatters: { level: (label: string) => ({ level: label }) } };
  tell(heldLog(pino(options, { write: (line: string) => lines.push(JSON.parse(line)) })));
  return lines;
}

describe('the log of a refused account', () => {
  test('names the integrations, what is wrong, and what Brevo answered', () => {
    expect(logged(({ onAccount }) => onAccount(HELD))).toMatchObject([
      {
        level: 'error',
        integrations: ['shop', 'club'],
        refused: 'ip',
        reason: "Brevo blocks this service's IP address",
        status: 401,
        code: 'unauthorized',
        brevoRequestId: 'r-1',
        since: '2026-03-04T09:00:00.000Z',
      },
    ]);
  });

  test('reminds with the number of those that wait, and tells when it is over', () => {
    const lines = logged(({ onAccount, onStillHeld }) => {
      onStillHeld(HELD);
      onAccount({ ...HELD, state: 'narrowed' });
      onAccount({ integrations: ['shop', 'club'], state: 'open', refusals: 1, waiting: HELD.waiting });
    });
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      ['warn', expect.stringContaining('still refuses')],
      ['warn', expect.stringContaining('some kinds of call')],
      ['info', expect.stringContaining('serves this account again')],
    ]);
    expect(lines[0]).toMatchObject({ waitingHere: { withdrawals: 3, others: 4 } });
  });
});
