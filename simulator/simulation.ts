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

/** Everything that one simulator remembers. */
export class Simulation {
  account: Account;
  limits: RateLimits;
  readonly faults: Faults;
  calls = new CallLog<SimCall>();

  constructor(readonly options: SimulationOptions) {
    this.faults = new Faults(options.now);
    this.account = new Account(options);
    this.limits = new RateLimits(options.requestsPerSecond, options.otherRequestsPerHour);
  }

  /** Back to the state after the start: no contacts, calls or faults, full budgets, first switches. */
  reset(): void {
    this.account = new Account(this.options);
    this.limits = new RateLimits(this.options.requestsPerSecond, this.options.otherRequestsPerHour);
    this.faults.clear();
    this.calls = new CallLog();
  }

  accepts(key: string): boolean {
    return this.options.apiKey === undefined ? key !== '' : key === this.options.apiKey;
  }
}
