import { describe, expect, test } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import { asTemporalFailure } from '../../../activities/failures';
import {
  BrevoHeldError,
  BrevoNotFoundError,
  BrevoRateLimitedError,
  BrevoUnavailableError,
} from '../../../brevo/errors';
import { type FailedAttempt, failedAttempts } from '../../../worker/failed-attempts';

const ORIGIN = { call: 'PUT /contacts/{identifier}', status: 404 };

/** What is told of an attempt that ends with an error. */
async function toldOf(
  error: unknown,
  {
    activityType = 'updateContact',
    args = [{ integration: 'shop', contactId: 7 }],
  }: { activityType?: string; args?: unknown[] } = {},
): Promise<FailedAttempt[]> {
  const told: FailedAttempt[] = [];
  const interceptor = failedAttempts((failed) => told.push(failed))({
    info: { activityType, attempt: 12 } as Parameters<ReturnType<typeof failedAttempts>>[0]['info'],
  });
  const execute = interceptor.inbound?.execute?.({ args, headers: {} }, () => Promise.reject(error));
  await expect(execute).rejects.toBe(error);
  return told;
}

const TOLD = [{ integration: 'shop', attempt: 12 }];

describe('an attempt that failed and is made again', () => {
  test.each([
    ['without an answer', new BrevoUnavailableError('no answer', ORIGIN, true)],
    ['with an answer that is of no use', new BrevoUnavailableError('nothing at the address', ORIGIN, false)],
  ])('is told: %s', async (_what, error) => {
    expect(await toldOf(asTemporalFailure(error))).toEqual(TOLD);
  });

  test('is told whatever it failed with, also of Didomi', async () => {
    expect(await toldOf(new TypeError('a bug'))).toEqual(TOLD);
    expect(await toldOf(new TypeError('a bug'), { activityType: 'readDidomiUser' })).toEqual(TOLD);
  });
});

describe('nothing is told', () => {
  test.each([
    ['waiting for its turn', asTemporalFailure(new BrevoRateLimitedError('not yet', ORIGIN, 100))],
    ['an account that is held', asTemporalFailure(new BrevoHeldError('refused', ORIGIN, 'key'))],
    ['a failure that the workflow handles', asTemporalFailure(new BrevoNotFoundError('none', ORIGIN))],
    ['a cancellation', new CancelledFailure('stop')],
  ])('of %s', async (_what, error) => {
    expect(await toldOf(error)).toEqual([]);
  });

  test('of the wait for an account, and of what is not for a contact', async () => {
    const error = new TypeError('a bug');
    expect(await toldOf(error, { activityType: 'awaitBrevo' })).toEqual([]);
    expect(await toldOf(error, { activityType: 'submitContacts' })).toEqual([]);
    expect(await toldOf(error, { args: [] })).toEqual([]);
  });

  test('of an attempt that succeeds', async () => {
    const told: FailedAttempt[] = [];
    const interceptor = failedAttempts((failed) => told.push(failed))({
      info: { activityType: 'updateContact', attempt: 12 } as Parameters<
        ReturnType<typeof failedAttempts>
      >[0]['info'],
    });
    const input = { args: [{ integration: 'shop' }], headers: {} };
    expect(await interceptor.inbound?.execute?.(input, async () => 'done')).toBe('done');
    expect(told).toEqual([]);
  });
});
