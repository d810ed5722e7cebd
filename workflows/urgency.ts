import type { CarriedState } from './contact-state';
import type { SubmittedChange } from './contract';

/**
 * Temporal's priorities of the calls to Brevo: smaller goes first. Live events without an opt-out take Temporal's
 * default. Within a resync withdrawals go first too, and everything live overtakes it.
 */
export const PRIORITY = { withdrawal: 1, live: 3, bulkWithdrawal: 4, bulk: 5 } as const;

export type Urgency = keyof typeof PRIORITY;

/** How urgent the calls for one contact are: bulk only while a resync alone asks for them. */
export class Haste {
  constructor(private readonly state: Pick<CarriedState, 'bulk' | 'recheckAt'>) {}

  /** @param owes whether Brevo is owed something from before */
  note({ bulk }: Pick<SubmittedChange, 'bulk'>, owes: boolean): void {
    if (!bulk) this.end();
    else if (!owes && this.state.recheckAt === undefined) this.state.bulk = true;
  }

  /** Something else than a resync has come to ask for calls. */
  end(): void {
    delete this.state.bulk;
  }

  isBulk(): boolean {
    return this.state.bulk === true;
  }

  urgency(withdrawing: boolean): Urgency {
    if (this.isBulk()) return withdrawing ? 'bulkWithdrawal' : 'bulk';
    return withdrawing ? 'withdrawal' : 'live';
  }
}
