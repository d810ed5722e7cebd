import type { Outcome } from '../consent/outcome';
import type { Statement } from '../consent/statement';
import type { CarriedState, RecordedEvent } from './contact-state';

/** What becomes of one received change; the outcome is absent while it is being worked on. */
export interface Ticket {
  outcome?: Outcome;
  /** Somebody waits to be told; a signal is only sent. */
  readonly awaited: boolean;
}

/** A change whose part is not settled. */
export interface Pending {
  readonly ticket: Ticket;
  readonly statements: readonly Statement[];
  readonly event: RecordedEvent;
  /** What it says turned out to be older than what the ledger knows. */
  stale?: true;
  /** The change only repeats this event: what became of the event is all there is to tell. */
  readonly repeats?: RecordedEvent;
}

/** What one look or write covers: later arrivals belong to the next. */
export interface Round {
  readonly paths: readonly string[];
  readonly pending: readonly Pending[];
}

/** The changes that arrived and are not settled, and the paths that Brevo may not hold yet. */
export class Inbox {
  private waiting: readonly Pending[] = [];
  private current: Round | undefined;

  constructor(private readonly state: Pick<CarriedState, 'unseen' | 'undecided'>) {}

  wait(pending: Pending): void {
    this.waiting = [...this.waiting, pending];
  }

  addUnseen(paths: readonly string[]): void {
    this.state.unseen = [...new Set([...this.state.unseen, ...paths])];
  }

  /** Something is in force that Brevo may not hold yet. */
  owesSomething(): boolean {
    const { undecided, unseen } = this.state;
    return unseen.length > 0 || undecided === true || this.waiting.length > 0 || this.current !== undefined;
  }

  /** Nobody waits for an outcome who has not heard at least that the account is held. */
  nobodyWaits(): boolean {
    return this.everyone().every(({ ticket }) => !ticket.awaited || ticket.outcome !== undefined);
  }

  /** A new run begins, which is told of none of the changes that wait: it decides in their place. */
  handOver(): void {
    if (this.waiting.length > 0) this.state.undecided = true;
  }

  everyone(): readonly Pending[] {
    return [...(this.current?.pending ?? []), ...this.waiting];
  }

  begin(): Round {
    this.current = { paths: this.state.unseen, pending: this.waiting };
    this.state.unseen = [];
    this.waiting = [];
    delete this.state.undecided;
    return this.current;
  }

  /**
   * The round was only a look: what it covered waits for the decision, but needs no further look. The decision is
   * owed also where nobody waits for it: a look again, or after a new run has begun.
   */
  keep({ pending }: Round): void {
    this.current = undefined;
    this.state.undecided = true;
    this.waiting = [...pending, ...this.waiting];
  }

  /** The round did not come to its end: what it covered is still owed. */
  reopen(round: Round): void {
    this.keep(round);
    this.addUnseen(round.paths);
  }

  end(): void {
    this.current = undefined;
  }
}
