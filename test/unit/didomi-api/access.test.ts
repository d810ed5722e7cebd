import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { Didomi } from '../../../activities/didomi';
import { didomiFailure } from '../../../activities/didomi-failures';
import {
  DidomiHeldError,
  DidomiRateLimitedError,
  DidomiRefusedError,
  DidomiUnavailableError,
} from '../../../didomi/api/errors';
import { DidomiMessageError } from '../../../didomi/message-error';
import { type DidomiSimulator, startDidomiSimulator } from '../../../simulator/didomi';

const ACCESS = { organizationId: 'acme', apiKey: 'key', apiSecret: 'secret' };
const REGULATIONS = ['gdpr'];

let didomi: DidomiSimulator;
beforeAll(async () => {
  didomi = await startDidomiSimulator({ ...ACCESS, requestsPer15Seconds: 0 });
});
afterAll(() => didomi.close());

describe("a worker's access to Didomi", () => {
  it('that is missing is waited for, because another worker may have it, and the failure says what is missing', async () => {
    const failure = await new Didomi({ source: 'consent-sync.json' })
      .ask(async () => undefined)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({
      type: 'ConfigurationMissing',
      nonRetryable: false,
      nextRetryDelay: '1 minute',
    });
    expect((failure as Error).message).toContain('the setting "didomi"');
    expect((failure as Error).message).toContain('consent-sync.json');
  });

  it('is not tried by every contact that waits while Didomi refuses it', async () => {
    const access = new Didomi({ source: '', didomi: { ...ACCESS, apiSecret: 'wrong', apiUrl: didomi.url } });
    didomi.clearCalls();
    for (let contact = 0; contact < 20; contact += 1) {
      const asked = access.ask((api) => api.usersOf('ana@example.com', { regulations: REGULATIONS }));
      await expect(asked).rejects.toBeInstanceOf(DidomiHeldError);
    }
    expect(didomi.calls()).toHaveLength(1);
    access.close();
  });
});

describe('what a failed read means to Temporal', () => {
  const origin = { call: 'GET /consents/users', status: 403 };

  it.each([
    ['held', new DidomiHeldError('Didomi refuses', origin)],
    ['refused', new DidomiRefusedError('Didomi refuses', origin)],
    ['of no use', new DidomiMessageError('consents_x', 'has a value of more than 4000 characters')],
  ])('%s: the workflow is told, unless it waits already', (_, error) => {
    expect(didomiFailure(error, false)).toMatchObject({ type: 'DidomiHeld', nonRetryable: true });
    expect(didomiFailure(error, true)).toMatchObject({ type: 'DidomiHeld', nonRetryable: false });
  });

  it('a rate limit is waited out as long as Didomi says', () => {
    const failure = didomiFailure(new DidomiRateLimitedError('slow down', origin, 7_000), false);
    expect(failure).toMatchObject({ type: 'DidomiRateLimited', nonRetryable: false, nextRetryDelay: 7_000 });
  });

  it('no answer is asked for again', () => {
    const failure = didomiFailure(new DidomiUnavailableError('no answer', origin), false);
    expect(failure).toMatchObject({ type: 'DidomiUnavailable', nonRetryable: false });
  });

  it('anything else comes out as it is', () => {
    const error = new TypeError('x');
    expect(didomiFailure(error, false)).toBe(error);
  });
});
