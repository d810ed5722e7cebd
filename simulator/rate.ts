/** What a budget says after one call. */
export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Whole seconds until there is budget again, at least 1. */
  readonly reset: number;
}

export interface Budget {
  /** Spends one call at `now` (ms), if there is one left. */
  take(now: number): Allowance;
}

/** A bucket of `limit` calls that refills evenly at `limit` calls a second. */
class TokenBucket implements Budget {
  private tokens: number;
  private filledAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly limit: number) {
    this.tokens = limit;
  }

  take(now: number): Allowance {
    const gained =
      this.filledAt === Number.NEGATIVE_INFINITY ? 0 : ((now - this.filledAt) / 1000) * this.limit;
    this.tokens = Math.min(this.limit, this.tokens + Math.max(0, gained));
    this.filledAt = now;
    const allowed = this.tokens >= 1;
    if (allowed) this.tokens -= 1;
    return { allowed, limit: this.limit, remaining: Math.floor(this.tokens), reset: 1 };
  }
}

/** At most `limit` calls in a window of `windowMs` that begins with its first call. */
export class FixedWindow implements Budget {
  private used = 0;
  private endsAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
  ) {}

  take(now: number): Allowance {
    if (now >= this.endsAt) {
      this.used = 0;
      this.endsAt = now + this.windowMs;
    }
    const allowed = this.used < this.limit;
    if (allowed) this.used += 1;
    const reset = Math.max(1, Math.ceil((this.endsAt - now) / 1000));
    return { allowed, limit: this.limit, remaining: this.limit - this.used, reset };
  }
}

/** At most `limit` calls in the second before each call, and that one. */
class SlidingWindow implements Budget {
  private taken: readonly number[] = [];

  constructor(private readonly limit: number) {}

  take(now: number): Allowance {
    this.taken = this.taken.filter((at) => at > now - 1000);
    const allowed = this.taken.length < this.limit;
    if (allowed) this.taken = [...this.taken, now];
    return { allowed, limit: this.limit, remaining: this.limit - this.taken.length, reset: 1 };
  }
}

/** How an account may count its calls of a second. */
export type RateAlgorithm = 'token_bucket' | 'fixed_window' | 'sliding_window';

function budgetOf(algorithm: RateAlgorithm, limit: number): Budget {
  if (algorithm === 'token_bucket') return new TokenBucket(limit);
  return algorithm === 'fixed_window' ? new FixedWindow(limit, 1000) : new SlidingWindow(limit);
}

const HOUR_MS = 3_600_000;

/**
 * The two budgets of an account, as Brevo documents them: /contacts and below by the second, all else by the hour.
 * The hourly budget of contacts (36,000) is the same speed as 10 a second, so it is not kept apart.
 */
export class RateLimits {
  private contacts: Budget | undefined;
  private readonly others: Budget | undefined;
  private algorithm = '';

  /** Calls a second and an hour; 0 = unlimited, and then without rate headers. */
  constructor(
    private readonly contactsPerSecond: number,
    othersPerHour: number,
  ) {
    this.others = othersPerHour === 0 ? undefined : new FixedWindow(othersPerHour, HOUR_MS);
  }

  /** Undefined when the route is unlimited. */
  take(path: string, algorithm: RateAlgorithm, now: number): Allowance | undefined {
    if (path !== '/contacts' && !path.startsWith('/contacts/')) return this.others?.take(now);
    if (this.contactsPerSecond === 0) return undefined;
    if (this.contacts === undefined || this.algorithm !== algorithm) {
      this.algorithm = algorithm;
      this.contacts = budgetOf(algorithm, this.contactsPerSecond);
    }
    return this.contacts.take(now);
  }
}

/** Headers of Brevo's documentation. There is no Retry-After. */
export function rateHeaders({ limit, remaining, reset }: Omit<Allowance, 'allowed'>): Record<string, string> {
  return {
    'x-sib-ratelimit-limit': String(limit),
    'x-sib-ratelimit-remaining': String(remaining),
    'x-sib-ratelimit-reset': String(reset),
  };
}
