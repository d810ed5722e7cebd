import { describe, expect, jest, test } from '@jest/globals';
import { TemporalUnavailableError } from '../../../client/errors';
import { Storing } from '../../../client/storing';
import type { Signal, Submission } from '../../../client/submission';

/** Submissions to as many contacts, or all to one. */
function submissions(count: number, workflowId?: string): Submission[] {
  return Array.from({ length: count }, (_, index) => ({
    result: { integration: 'i', eventId: `${index}`, status: 'ignored', reason: 'event_type' },
    signal: {
      integration: 'i',
      identifier: { kind: 'ext_id', value: `${index}` },
      workflowId: workflowId ?? `contact-${index}`,
      change: { eventId: `${index}` },
    } as unknown as Signal,
  }));
}

const moment = () => new Promise((resolve) => setImmediate(resolve));

describe('submissions to Temporal', () => {
  test('are at most 32 calls at a time each, and at most 256 together', async () => {
    let [running, most] = [0, 0];
    const store = async () => {
      running += 1;
      most = Math.max(most, running);
      await moment();
      running -= 1;
    };
    const storing = new Storing({ store });
    await storing.storeAll(submissions(200));
    expect(most).toBe(32);
    await Promise.all(Array.from({ length: 40 }, () => storing.storeAll(submissions(64))));
    expect(most).toBe(256);
  });

  test('of one contact keep their order', async () => {
    const stored: string[] = [];
    const store = async ({ change }: Signal) => {
      await moment();
      stored.push(change.eventId);
    };
    await new Storing({ store }).storeAll(submissions(20, 'one contact'));
    expect(stored).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
  });

  test('stop at the first failure, and end when nothing is under way any more', async () => {
    let [calls, running] = [0, 0];
    const store = async () => {
      calls += 1;
      running += 1;
      const fails = calls === 5;
      await moment();
      if (!fails) await moment();
      running -= 1;
      if (fails) throw new TemporalUnavailableError('here', new Error('no'));
    };
    await expect(new Storing({ store }).storeAll(submissions(1_000))).rejects.toThrow('does not take it: no');
    expect(running).toBe(0);
    expect(calls).toBeLessThan(70);
  });

  test('are given time by their number, and no more than that', async () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const slow = (ms: number) => async () => {
      now += ms;
    };
    // 10 s, and 20 ms for each of 3,000.
    await new Storing({ store: slow(20) }).storeAll(submissions(3_000));
    await expect(new Storing({ store: slow(40) }).storeAll(submissions(3_000))).rejects.toThrow(
      'did not store everything within 70 s',
    );
    jest.restoreAllMocks();
  });
});
