import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ProbePace } from '../../../brevo/probe-pace';

const PACE_MS = 10_000;

beforeEach(() => {
  jest.useFakeTimers({ now: 1_764_000_003_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

/** When each of the processes calls during some minutes, in ms since 1970. */
async function momentsOf(count: number, minutes: number): Promise<number[]> {
  const moments: number[] = [];
  const paces = Array.from({ length: count }, (_, rank) => {
    const pace = new ProbePace(PACE_MS, () => performance.now());
    pace.share = { count, rank };
    return pace;
  });
  const end = Date.now() + minutes * 60_000;
  for (const pace of paces) {
    void (async () => {
      while (Date.now() < end) {
        await pace.moment(undefined);
        moments.push(Date.now());
      }
    })();
  }
  await jest.advanceTimersByTimeAsync(minutes * 60_000);
  for (const pace of paces) pace.shutDown();
  return moments.sort((a, b) => a - b);
}

describe.each([1, 2, 3, 5])('%s processes that call a refused account', (count) => {
  it('keep ten seconds between their calls together, and call at least once a minute', async () => {
    const moments = await momentsOf(count, 10);
    const gaps = moments.slice(1).map((at, index) => at - (moments[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(PACE_MS);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(60_000);
    expect(moments.length).toBeGreaterThanOrEqual(10);
  });
});

it('the wait for the moment ends with its caller', async () => {
  const pace = new ProbePace(PACE_MS, () => performance.now());
  pace.noteCall();
  const controller = new AbortController();
  const waiting = pace.moment(controller.signal);
  controller.abort(new Error('called off'));
  await expect(waiting).rejects.toThrow('called off');
});
