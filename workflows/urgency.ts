import type { CarriedState } from './contact-state';
import { PRIORITY, type SubmittedChange } from './contract';

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

/** Whether what was asked for at one urgency has to be called off and asked for anew, so as not to wait for its turn. */
export function isMoreUrgent(needed: Urgency, asked: Urgency): boolean {
  return PRIORITY[needed] < PRIORITY[asked];
}
