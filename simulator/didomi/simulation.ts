import { CallLog, type LoggedCall } from '../calls';
import { Faults } from '../faults';
import { type Budget, FixedWindow } from '../rate';
import type { WebhookMessage } from './messages';
import { type Change, Organization } from './organization';
import { Outbox } from './outbox';
import { type Credentials, Sessions } from './sessions';
import { changedSwitches, DEFAULT_SWITCHES, type DidomiSwitches } from './switches';

/** One call of Didomi's API. Tokens and credentials are never logged. */
export interface DidomiCall extends LoggedCall {
  /** Whether it came with an open token; true for the call that asks for one. */
  readonly tokenAccepted: boolean;
}

export interface SimulationOptions {
  readonly organizationId: string;
  readonly credentials: Credentials;
  /** 0 = unlimited. */
  readonly requestsPer15Seconds: number;
  readonly switches: Partial<DidomiSwitches>;
  readonly onMessages: (messages: readonly WebhookMessage[]) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Didomi allows so many requests in any such window (seen in descriptions of Didomi's API). */
const WINDOW_MS = 15_000;

/** Everything that one simulator remembers. */
export class Simulation {
  readonly faults: Faults;
  switches: DidomiSwitches;
  organization: Organization;
  sessions: Sessions;
  outbox: Outbox;
  /** Undefined when requests are unlimited. */
  budget: Budget | undefined;
  calls = new CallLog<DidomiCall>();

  constructor(readonly options: SimulationOptions) {
    this.faults = new Faults(options.now);
    this.switches = changedSwitches(DEFAULT_SWITCHES, options.switches);
    this.organization = this.newOrganization();
    this.sessions = new Sessions(options.credentials, options.now);
    this.outbox = new Outbox(options.onMessages);
    this.budget = newBudget(options);
  }

  /** Back to the state after the start: no users, events, messages, tokens, calls or faults; first switches. */
  reset(): void {
    const { options } = this;
    this.faults.clear();
    this.switches = changedSwitches(DEFAULT_SWITCHES, options.switches);
    this.organization = this.newOrganization();
    this.sessions = new Sessions(options.credentials, options.now);
    this.outbox = new Outbox(options.onMessages);
    this.budget = newBudget(options);
    this.calls = new CallLog();
  }

  /** Throws a plain-language error, and changes nothing, when a name or value is none. */
  changeSwitches(changes: unknown): void {
    this.switches = changedSwitches(this.switches, changes);
  }

  /** Sends the webhook messages of a change, and returns the change. */
  told<Entity>(change: Change<Entity>): Change<Entity> {
    this.outbox.put(change.messages);
    return change;
  }

  private newOrganization(): Organization {
    const { organizationId, now } = this.options;
    return new Organization(organizationId, now, () => this.switches);
  }
}

function newBudget({ requestsPer15Seconds }: SimulationOptions): Budget | undefined {
  return requestsPer15Seconds === 0 ? undefined : new FixedWindow(requestsPer15Seconds, WINDOW_MS);
}
