import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { type Priority, RateBudget } from '../../../brevo/budget';
import { BrevoRateLimitedError } from '../../../brevo/errors';
import type { AnswerHeaders } from '../../../brevo/rate-headers';
import { errorOf } from './stub-brevo';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const FOREVER = Number.POSITIVE_INFINITY;

/** Notes when each call may be made, in ms since the start. */
class Calls {
  readonly at: number[] = [];
  readonly order: string[] = [];
  private readonly started = performance.now();

  constructor(readonly budget: RateBudget) {}

  ask(
    priority: Priority = 'live',
    name: string = priority,
    maxWaitMs = FOREVER,
    signal?: AbortSignal,
    party?: string,
  ): Promise<void> {
    return this.budget.acquire({ call: 'GET /contacts', priority, party, maxWaitMs, signal }).then(() => {
      this.at.push(performance.now() - this.started);
      this.order.push(name);
    });
  }

  askTimes(times: number, priority: Priority = 'live'): void {
    for (let i = 0; i < times; i++) void this.ask(priority);
  }
}

function budgetOf(requestsPerSecond: number): RateBudget {
  return new RateBudget({ requestsPerSecond, random: () => 0 });
}

function headers(limit: number, remaining: number, reset: number): AnswerHeaders {
  return {
    'x-sib-ratelimit-limit': String(limit),
    'x-sib-ratelimit-remaining': String(remaining),
    'x-sib-ratelimit-reset': String(reset),
  };
}

function mostInOneSecond(times: readonly number[]): number {
  return Math.max(0, ...times.map((start) => times.filter((at) => at >= start && at < start + 1_000).length));
}

describe('the pace', () => {
  it('is even from the first second, with no burst', async () => {
    const calls = new Calls(budgetOf(10));
    calls.askTimes(15);
    await jest.advanceTimersByTimeAsync(1_400);
    expect(calls.at).toEqual(Array.from({ length: 15 }, (_, i) => i * 100));
  });

  it('is reached in full: a minute of waiting calls is a minute of calls', async () => {
    const calls = new Calls(budgetOf(10));
    calls.askTimes(1_000, 'bulk');
    await jest.advanceTimersByTimeAsync(59_999);
    expect(calls.at).toHaveLength(600);
  });

  it('saves nothing up while nobody calls', async () => {
    const calls = new Calls(budgetOf(10));
    await calls.ask();
    await jest.advanceTimersByTimeAsync(60_000);
    calls.askTimes(5);
    await jest.advanceTimersByTimeAsync(399);
    expect(calls.at).toHaveLength(5);
    expect(mostInOneSecond(calls.at)).toBeLessThanOrEqual(4);
  });

  it('never exceeds the limit in any second, whoever asks, whenever, and whatever Brevo says', async () => {
    const step = fc.record({
      after: fc.integer({ min: 0, max: 700 }),
      calls: fc.integer({ min: 0, max: 12 }),
      priority: fc.constantFrom<Priority>('withdrawal', 'live', 'bulkWithdrawal', 'bulk'),
      says: fc.option(
        fc.tuple(
          fc.integer({ min: 0, max: 60 }),
          fc.integer({ min: 0, max: 60 }),
          fc.integer({ min: 0, max: 5 }),
        ),
      ),
      status: fc.constantFrom(200, 204, 429),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.array(step, { maxLength: 15 }),
        async (limit, steps) => {
          const calls = new Calls(budgetOf(limit));
          let asked = 0;
          for (const { after, calls: times, priority, says, status } of steps) {
            calls.askTimes(times, priority);
            asked += times;
            if (says) calls.budget.observe(headers(...says), status);
            await jest.advanceTimersByTimeAsync(after);
          }
          expect(mostInOneSecond(calls.at)).toBeLessThanOrEqual(limit);
          // A share is never so small that a call takes longer than 20 s.
          await jest.advanceTimersByTimeAsync(asked * 20_000 + 60_000);
          expect(calls.at).toHaveLength(asked);
          expect(mostInOneSecond(calls.at)).toBeLessThanOrEqual(limit);
          expect(jest.getTimerCount()).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('must be more than nothing', () => {
    for (const wrong of [0, -1, Number.NaN, FOREVER])
      expect(() => budgetOf(wrong)).toThrow(/requests_per_second/);
  });
});

describe('whose turn it is', () => {
  it('is a withdrawal, then a live event, then bulk with its withdrawals first, and within these who came first', async () => {
    const calls = new Calls(budgetOf(10));
    await calls.ask('live', 'under way');
    for (const [priority, name] of [
      ['bulk', 'b1'],
      ['live', 'l1'],
      ['bulkWithdrawal', 'bw'],
      ['bulk', 'b2'],
      ['withdrawal', 'w1'],
      ['live', 'l2'],
      ['withdrawal', 'w2'],
    ] as const) {
      void calls.ask(priority, name);
    }
    await jest.advanceTimersByTimeAsync(1_000);
    expect(calls.order).toEqual(['under way', 'w1', 'w2', 'l1', 'l2', 'bw', 'b1', 'b2']);
  });

  it('is taken in turns by those who share the account, however many one of them has waiting', async () => {
    const calls = new Calls(budgetOf(10));
    await calls.ask('live', 'under way');
    const ask = (priority: Priority, party: string, times: number) => {
      for (let i = 1; i <= times; i++) void calls.ask(priority, `${party}${i}`, FOREVER, undefined, party);
    };
    ask('live', 'noisy', 50);
    ask('live', 'quiet', 3);
    ask('withdrawal', 'noisy-', 1);
    expect(calls.budget.waitingOf('noisy')).toBe(50);
    await jest.advanceTimersByTimeAsync(800);
    expect(calls.order).toEqual([
      ...['under way', 'noisy-1', 'noisy1', 'quiet1', 'noisy2', 'quiet2', 'noisy3', 'quiet3', 'noisy4'],
    ]);
    expect(calls.budget.waitingOf('quiet')).toBe(0);
  });

  it('is no further off for one who has asked for little, and that is known at once', async () => {
    const calls = new Calls(budgetOf(10));
    for (let i = 0; i < 50; i++) void calls.ask('live', 'noisy', FOREVER, undefined, 'noisy');
    const quiet = calls.ask('live', 'quiet', 500, undefined, 'quiet');
    await jest.advanceTimersByTimeAsync(300);
    await expect(quiet).resolves.toBeUndefined();
  });

  it('comes to the bulk too as long as there is budget, and not before everybody else has theirs', async () => {
    const calls = new Calls(budgetOf(10));
    void calls.ask('bulk', 'bulk');
    const asking = setInterval(() => void calls.ask('live', 'live'), 125);
    await jest.advanceTimersByTimeAsync(1_000);
    clearInterval(asking);
    expect(calls.order).toContain('bulk');
  });

  it('is known at once when it is too far off, and when to ask again', async () => {
    const calls = new Calls(budgetOf(10));
    calls.askTimes(11);
    const failure = await errorOf(calls.ask('live', 'late', 500));
    expect(failure).toBeInstanceOf(BrevoRateLimitedError);
    expect(failure).toMatchObject({ retryAfterMs: 1_100, status: undefined, call: 'GET /contacts' });
  });

  it('is not too far off for a withdrawal, which overtakes', async () => {
    const calls = new Calls(budgetOf(10));
    calls.askTimes(100, 'bulk');
    const withdrawal = calls.ask('withdrawal', 'w', 500);
    await jest.advanceTimersByTimeAsync(100);
    await expect(withdrawal).resolves.toBeUndefined();
  });

  it('is given up at the end of the wait when others overtook meanwhile', async () => {
    const calls = new Calls(budgetOf(10));
    calls.askTimes(1);
    const bulk = errorOf(calls.ask('bulk', 'b', 150));
    calls.askTimes(5, 'withdrawal');
    await jest.advanceTimersByTimeAsync(150);
    expect(await bulk).toBeInstanceOf(BrevoRateLimitedError);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(calls.order).not.toContain('b');
  });

  it('passes to the next when a caller gives up, whose reason comes out', async () => {
    const calls = new Calls(budgetOf(10));
    const controller = new AbortController();
    calls.askTimes(1);
    const first = errorOf(calls.ask('live', 'first', FOREVER, controller.signal));
    void calls.ask('live', 'second');
    const reason = new Error('a newer choice came in');
    controller.abort(reason);
    expect(await first).toBe(reason);
    await jest.advanceTimersByTimeAsync(100);
    expect(calls.order).toEqual(['live', 'second']);
  });
});

describe("Brevo's headers", () => {
  it('slow the pace down to a lower limit, and back up to ours but not above', async () => {
    const calls = new Calls(budgetOf(10));
    calls.budget.observe(headers(2, 1, 1), 200);
    calls.askTimes(3);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(calls.at).toEqual([0, 500, 1_000]);
    calls.budget.observe(headers(20, 19, 1), 200);
    calls.askTimes(3);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(calls.at.slice(3)).toEqual([1_100, 1_200, 1_300]);
  });

  it('may speak of an hour: then the limit is spread over it', async () => {
    const calls = new Calls(budgetOf(10));
    calls.budget.observe(headers(36_000, 35_000, 3_000), 200);
    calls.askTimes(3);
    await jest.advanceTimersByTimeAsync(200);
    expect(calls.at).toEqual([0, 100, 200]);
    calls.budget.observe(headers(3_600, 3_000, 3_000), 200);
    calls.askTimes(3);
    await jest.advanceTimersByTimeAsync(3_000);
    expect(calls.at.slice(3)).toEqual([1_200, 2_200, 3_200]);
  });

  it.each([1_000, 1_764_000_000])(
    'do not say ten calls an hour: a reset of %s is nothing in seconds',
    async (reset) => {
      const calls = new Calls(budgetOf(10));
      calls.budget.observe(headers(10, 8, reset), 200);
      calls.askTimes(3);
      await jest.advanceTimersByTimeAsync(300);
      expect(calls.at).toEqual([0, 100, 200]);
      calls.budget.observe(headers(10, 0, reset), 429);
      calls.askTimes(1);
      await jest.advanceTimersByTimeAsync(1_500);
      expect(calls.at).toHaveLength(4);
    },
  );

  it('and refusals without end never stop the account', async () => {
    const calls = new Calls(budgetOf(10));
    for (let i = 0; i < 100; i++) {
      calls.budget.observe({}, 429);
      await jest.advanceTimersByTimeAsync(1_000);
    }
    calls.askTimes(3);
    await jest.advanceTimersByTimeAsync(7_000);
    expect(calls.at).toHaveLength(3);
  });

  it('stop everything at no calls left, until the reset', async () => {
    const calls = new Calls(budgetOf(10));
    calls.budget.observe(headers(10, 0, 3), 200);
    calls.askTimes(2, 'withdrawal');
    await jest.advanceTimersByTimeAsync(2_999);
    expect(calls.at).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(calls.at).toEqual([3_000]);
    calls.budget.observe(headers(10, 9, 1), 200);
    await jest.advanceTimersByTimeAsync(100);
    expect(calls.at).toEqual([3_000, 3_100]);
  });

  it('stop everything for a minute at most, even when they speak of an hour', async () => {
    const calls = new Calls(budgetOf(10));
    calls.budget.observe(headers(36_000, 0, 2_400), 200);
    calls.askTimes(1);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(calls.at).toEqual([60_000]);
  });

  it('do not halve the pace where Brevo counts whole seconds and rounds the reset up', async () => {
    const calls = new Calls(budgetOf(10));
    let windowEnds = 0;
    let used = 0;
    const workTo = async (until: number) => {
      while (performance.now() < until) {
        await calls.ask();
        await new Promise((answered) => setTimeout(answered, 20));
        if (performance.now() >= windowEnds) {
          windowEnds = performance.now() + 1_000;
          used = 0;
        }
        used++;
        calls.budget.observe(headers(10, 10 - used, 1), 200);
      }
    };
    const working = workTo(performance.now() + 10_000);
    await jest.advanceTimersByTimeAsync(15_000);
    await working;
    expect(calls.at.length).toBeGreaterThan(90);
  });

  it('of a 429 pause all calls of the account', async () => {
    const calls = new Calls(budgetOf(10));
    calls.askTimes(3);
    calls.budget.observe({ 'x-sib-ratelimit-reset': '2' }, 429);
    await jest.advanceTimersByTimeAsync(2_300);
    expect(calls.at.slice(0, 2)).toEqual([0, 2_000]);
    expect(calls.at).toHaveLength(3);
  });

  it('may be missing from a 429: a second is waited', async () => {
    const calls = new Calls(budgetOf(10));
    calls.budget.observe({}, 429);
    calls.askTimes(1);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(calls.at).toEqual([1_000]);
  });

  it('are ignored where they are nonsense', async () => {
    const calls = new Calls(budgetOf(10));
    calls.budget.observe(
      { 'x-sib-ratelimit-limit': '0', 'x-sib-ratelimit-remaining': '-1', 'x-sib-ratelimit-reset': 'soon' },
      200,
    );
    calls.budget.observe({ 'x-sib-ratelimit-limit': ['10', '10'] }, 200);
    calls.askTimes(2);
    await jest.advanceTimersByTimeAsync(100);
    expect(calls.at).toEqual([0, 100]);
  });
});

describe('an end', () => {
  it('sends away all who wait, and leaves no timer', async () => {
    const calls = new Calls(budgetOf(10));
    calls.askTimes(1);
    const waiting = errorOf(calls.ask());
    calls.budget.close();
    expect(((await waiting) as Error).message).toMatch(/closed/);
    expect(jest.getTimerCount()).toBe(0);
    expect(((await errorOf(calls.ask())) as Error).message).toMatch(/closed/);
  });

  it('of the waiting leaves no timer either', async () => {
    const calls = new Calls(budgetOf(10));
    const controller = new AbortController();
    calls.askTimes(2);
    const waiting = errorOf(calls.ask('live', 'x', FOREVER, controller.signal));
    await jest.advanceTimersByTimeAsync(100);
    controller.abort();
    await waiting;
    expect(jest.getTimerCount()).toBe(0);
  });
});
