import { Account } from './account';
import { CallLog, type SimCall } from './calls';
import { Faults } from './faults';
import { RateLimits } from './rate';
import type { SimulatorSwitches } from './switches';

export interface SimulationOptions {
  /** The one key that is accepted; undefined = any that is not empty. */
  readonly apiKey: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  readonly requestsPerSecond: number;
  readonly otherRequestsPerHour: number;
  readonly switches: Partial<SimulatorSwitches>;
  readonly now: () => number;
}

/**
 * Told of each call that the API carries out: before, and when it is done but not yet answered. The call waits for
 * what it returns, so that a test can place an act exactly there.
 */
export type CallWatcher = (call: SimCall, moment: 'before' | 'after') => void | Promise<void>;

/** Everything that one simulator remembers. */
export class Simulation {
  account: Account;
  limits: RateLimits;
  readonly faults: Faults;
  calls = new CallLog<SimCall>();
  watcher: CallWatcher | undefined;

  constructor(readonly options: SimulationOptions) {
    this.faults = new Faults(options.now);
    this.account = new Account(options);
    this.limits = new RateLimits(options.requestsPerSecond, options.otherRequestsPerHour);
  }

  /** Back to the state after the start: no contacts, calls, faults or watcher, full budgets, first switches. */
  reset(): void {
    this.account = new Account(this.options);
    this.limits = new RateLimits(this.options.requestsPerSecond, this.options.otherRequestsPerHour);
    this.faults.clear();
    this.calls = new CallLog();
    this.watcher = undefined;
  }

  accepts(key: string): boolean {
    return this.options.apiKey === undefined ? key !== '' : key === this.options.apiKey;
  }
}
