import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RateBudget } from '../../../brevo/budget';
import { type RateAlgorithm, RateLimits, rateHeaders } from '../../../simulator/rate';
import { SEED } from '../../support/seed';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const MINUTE = 60_000;
const FOREVER = Number.POSITIVE_INFINITY;

/** When Brevo says in headers how many calls are left. */
type Tells = 'always' | 'when it refuses' | 'never';

/** What Brevo allows one account. */
class Account {
  made = 0;
  refused = 0;
  private readonly limits: RateLimits;

  constructor(
    readonly limit: number,
    private readonly algorithm: RateAlgorithm,
    private readonly random: () => number,
    private readonly tells: Tells = 'always',
  ) {
    this.limits = new RateLimits(limit, 0);
  }

  /** A call takes 40 to 120 ms, and is counted on the way. @returns whether Brevo had a call left */
  async call(budget?: RateBudget): Promise<boolean> {
    const sentAt = performance.now();
    await pause(20 + 40 * this.random());
    const said = this.limits.take('/contacts', this.algorithm, performance.now());
    const allowed = said?.allowed ?? true;
    if (allowed) this.made += 1;
    else this.refused += 1;
    await pause(20 + 40 * this.random());
    const isTold = this.tells === 'always' || (this.tells === 'when it refuses' && !allowed);
    if (said) budget?.observe(isTold ? rateHeaders(said) : {}, allowed ? 204 : 429, sentAt);
    return allowed;
  }
}

/** A process that always has a call to make. */
class Process {
  made = 0;
  private readonly budget: RateBudget;
  private working = true;

  constructor(
    private readonly account: Account,
    random: () => number,
  ) {
    this.budget = new RateBudget({ requestsPerSecond: account.limit, random });
    void this.work();
  }

  stop(): void {
    this.working = false;
  }

  private async work(): Promise<void> {
    while (this.working) {
      await this.budget.acquire({ call: 'PUT /contacts', priority: 'live', maxWaitMs: FOREVER });
      void this.account.call(this.budget).then((made) => {
        if (made) this.made += 1;
      });
    }
  }
}

/** So many processes that begin shortly after each other. */
async function start(account: Account, processes: number, random: () => number): Promise<Process[]> {
  const all: Process[] = [];
  for (let i = 0; i < processes; i++) {
    all.push(new Process(account, random));
    await jest.advanceTimersByTimeAsync(200 * random());
  }
  return all;
}

interface Use {
  /** Calls made against calls allowed. */
  readonly used: number;
  readonly refusedAMinute: number;
  /** Of the calls made, by process. */
  readonly shares: readonly number[];
}

/** What the processes make of so many minutes. */
async function useOf(account: Account, processes: readonly Process[], minutes: number): Promise<Use> {
  const { made, refused } = account;
  const madeBefore = processes.map((process) => process.made);
  await jest.advanceTimersByTimeAsync(minutes * MINUTE);
  const all = account.made - made;
  return {
    used: all / (account.limit * 60 * minutes),
    refusedAMinute: (account.refused - refused) / minutes,
    shares: processes.map((process, i) => (process.made - (madeBefore[i] ?? 0)) / all),
  };
}

async function share(
  processes: number,
  algorithm: RateAlgorithm,
  limit: number,
  tells?: Tells,
): Promise<Use> {
  const random = randomOf(SEED);
  const account = new Account(limit, algorithm, random, tells);
  return useOf(account, await start(account, processes, random), 3);
}

describe('processes that use one Brevo account without knowing of each other', () => {
  it.each([
    { processes: 1, limit: 10 },
    { processes: 2, limit: 10 },
    { processes: 3, limit: 10 },
    { processes: 5, limit: 10 },
    { processes: 3, limit: 60 },
  ])(
    'use it up alike, with hardly a refusal: $processes at $limit a second',
    async ({ processes, limit }) => {
      const { used, refusedAMinute, shares } = await share(processes, 'token_bucket', limit);
      expect(used).toBeGreaterThan(0.95);
      expect(refusedAMinute).toBeLessThan(10);
      expect(Math.min(...shares)).toBeGreaterThan(0.8 / processes);
    },
  );

  it.each([
    { processes: 1, limit: 10, least: 0.9, refusals: 2 },
    { processes: 1, limit: 20, least: 0.9, refusals: 2 },
    { processes: 2, limit: 10, least: 0.9, refusals: 10 },
    { processes: 3, limit: 10, least: 0.88, refusals: 15 },
  ])(
    'do so too where Brevo counts by windows of a second: $processes at $limit a second',
    async ({ processes, limit, least, refusals }) => {
      const { used, refusedAMinute, shares } = await share(processes, 'fixed_window', limit);
      expect(used).toBeGreaterThan(least);
      expect(refusedAMinute).toBeLessThan(refusals);
      expect(Math.min(...shares)).toBeGreaterThan(0.3 / processes);
    },
  );

  it.each([
    { processes: 1, limit: 10, least: 0.85, refusals: 5 },
    { processes: 1, limit: 20, least: 0.85, refusals: 5 },
    { processes: 2, limit: 10, least: 0.7, refusals: 10 },
    { processes: 3, limit: 10, least: 0.75, refusals: 15 },
  ])(
    'and where it counts the second before each call: $processes at $limit a second',
    async ({ processes, limit, least, refusals }) => {
      const { used, refusedAMinute } = await share(processes, 'sliding_window', limit);
      expect(used).toBeGreaterThan(least);
      expect(refusedAMinute).toBeLessThan(refusals);
    },
  );

  it.each([
    { processes: 1, algorithm: 'fixed_window' },
    { processes: 2, algorithm: 'fixed_window' },
    { processes: 3, algorithm: 'fixed_window' },
    { processes: 1, algorithm: 'sliding_window' },
    { processes: 3, algorithm: 'sliding_window' },
    { processes: 3, algorithm: 'token_bucket' },
    { processes: 2, algorithm: 'fixed_window', tells: 'when it refuses' },
    { processes: 3, algorithm: 'sliding_window', tells: 'when it refuses' },
    { processes: 2, algorithm: 'token_bucket', tells: 'when it refuses' },
  ] as const satisfies readonly { processes: number; algorithm: RateAlgorithm; tells?: Tells }[])(
    'learn from refusals alone where Brevo sends no other headers: $processes, $algorithm $tells',
    async ({ processes, algorithm, ...brevo }) => {
      const tells = 'tells' in brevo ? brevo.tells : 'never';
      const { used, refusedAMinute } = await share(processes, algorithm, 10, tells);
      expect(used).toBeGreaterThan(0.75);
      expect(refusedAMinute).toBeLessThan(20);
    },
  );

  it('leave to one that comes later its part, and take it back when it goes', async () => {
    const random = randomOf(SEED);
    const account = new Account(10, 'token_bucket', random);
    const [first, second] = await start(account, 2, random);
    await jest.advanceTimersByTimeAsync(MINUTE);
    const [late] = await start(account, 1, random);
    if (!first || !second || !late) throw new Error('there are three');
    const { shares } = await useOf(account, [first, second, late], 1);
    expect(Math.min(...shares)).toBeGreaterThan(0.28);
    second.stop();
    late.stop();
    await jest.advanceTimersByTimeAsync(2_000);
    expect((await useOf(account, [first], 1)).used).toBeGreaterThan(0.95);
  });

  it('leave room for a program of somebody else that calls now and then and looks at no headers', async () => {
    const random = randomOf(SEED);
    const account = new Account(10, 'token_bucket', random);
    const stranger = setInterval(() => void account.call(), 500);
    const { used, refusedAMinute } = await useOf(account, await start(account, 2, random), 3);
    clearInterval(stranger);
    expect(used).toBeGreaterThan(0.95);
    expect(refusedAMinute).toBeLessThan(10);
  });
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
