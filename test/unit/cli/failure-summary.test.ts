import { describe, expect, test } from '@jest/globals';
import { FailureSummary } from '../../../cli/failures/summary';
import type { Failure } from '../../../client';
import { failureOf } from '../../../client/failures';

const HELD = {
  reason: 'Brevo does not accept the API key',
  status: 401,
  code: 'unauthorized',
  requestId: 'r-1',
  since: '2026-03-04T09:00:00.000Z',
};

function failing(about: Partial<Parameters<typeof failureOf>[1]>): Failure {
  const failure = failureOf('consent-sync/shop/1', { integration: 'shop', rejected: [], ...about });
  if (!failure) throw new Error('nothing fails');
  return failure;
}

const refused = (id: string, since: string) => ({ id, reason: 'does not exist', since });

describe('what is held and rejected', () => {
  test('is put together by integration, by what is refused and why, with the earliest time', () => {
    const summary = new FailureSummary();
    summary.add(failing({ held: HELD }));
    summary.add(failing({ held: { ...HELD, since: '2026-03-04T08:00:00.000Z', requestId: 'r-0' } }));
    summary.add(
      failing({
        rejected: [refused('A', '2026-03-02T08:00:00.000Z'), refused('B', '2026-03-03T08:00:00.000Z')],
      }),
    );
    summary.add(failing({ rejected: [refused('A', '2026-03-01T08:00:00.000Z')] }));
    expect(summary.groups()).toEqual([
      {
        integration: 'shop',
        outcome: 'held',
        what: 'everything',
        reason: 'Brevo does not accept the API key (HTTP 401, code unauthorized)',
        contacts: 2,
        since: '2026-03-04T08:00:00.000Z',
        requestId: 'r-1',
      },
      expect.objectContaining({ what: 'A', contacts: 2, since: '2026-03-01T08:00:00.000Z' }),
      expect.objectContaining({ what: 'B', contacts: 1, requestId: null }),
    ]);
  });

  test('of a held contact names also what was refused before', () => {
    expect(failing({ held: HELD, rejected: [refused('A', HELD.since)] })).toMatchObject({
      outcome: 'held',
      status: 401,
      values: [{ id: 'A', message: 'does not exist', status: null }],
    });
  });

  test('is nothing where nothing fails', () => {
    expect(failureOf('consent-sync/shop/1', { integration: 'shop', rejected: [] })).toBeUndefined();
  });
});
