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
  test('are at most 16 calls at a time each, and at most 64 together', async () => {
    let [running, most] = [0, 0];
    const store = async () => {
      running += 1;
      most = Math.max(most, running);
      await moment();
      running -= 1;
    };
    const storing = new Storing({ store });
    await storing.storeAll(submissions(200));
    expect(most).toBe(16);
    await Promise.all(Array.from({ length: 40 }, () => storing.storeAll(submissions(64))));
    expect(most).toBe(64);
  });

  test('end one after the other where many long ones come at once, and a short one waits for none of them', async () => {
    const ended: string[] = [];
    let calls = 0;
    const storing = new Storing({
      store: async () => {
        calls += 1;
        await moment();
      },
    });
    const storeAll = async (name: string, count: number) => {
      await storing.storeAll(submissions(count));
      ended.push(`${name} after ${calls}`);
    };
    const long = Array.from({ length: 8 }, (_, index) => storeAll(`long ${index}`, 640));
    while (calls < 320) await moment();
    await Promise.all([storeAll('short', 1), ...long]);
    const after = ended.map((text) => Number(text.split(' after ')[1]));
    expect(ended[0]).toMatch(/^short/);
    expect(after[0]).toBeLessThan(320 + 3 * 64);
    // Four at a time, each with its 16 calls; all eight at once would end together, after 5,121.
    expect(after[1]).toBeLessThanOrEqual(4 * 640 + 64);
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

  test('stop at the first failure of a Temporal that takes nothing, and end when nothing is under way any more', async () => {
    let [calls, running] = [0, 0];
    const store = async () => {
      calls += 1;
      running += 1;
      const isLast = calls === 16;
      await moment();
      if (isLast) await moment();
      running -= 1;
      throw new TemporalUnavailableError('here', new Error('no'));
    };
    await expect(new Storing({ store }).storeAll(submissions(1_000))).rejects.toThrow('does not take it: no');
    expect({ running, calls }).toEqual({ running: 0, calls: 16 });
  });

  test('repeat a single call that is lost, while others get through', async () => {
    const stored = new Set<string>();
    const store = async ({ workflowId }: Signal) => {
      await moment();
      if (workflowId === 'contact-7' && stored.size < 60)
        throw new TemporalUnavailableError('here', new Error('lost'));
      stored.add(workflowId);
    };
    // The first call of all has to get through for that.
    const all = submissions(100);
    await new Storing({ store }).storeAll([...all.slice(20), ...all.slice(0, 20)]);
    expect(stored.size).toBe(100);
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
