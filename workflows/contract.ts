import type { ConsentChange } from '../consent/change';
import type { Identifier } from '../consent/identifier';
import type { Outcome } from '../consent/outcome';
import type { Look } from './activities-contract';
import type { CarriedState } from './contact-state';

/** What programs outside a workflow know of it. Holds names and shapes only, so that clients can import it. */

export const CONSENT_SYNC_WORKFLOW = 'consentSync';
export const CONSENT_CHANGE_SIGNAL = 'consentChange';
export const SUBMIT_AND_WAIT_UPDATE = 'submitAndWait';
/** To try again what is held or rejected. Old runs know nothing of it, and lose nothing by that. */
export const RETRY_SIGNAL = 'retryFailed';
export const STATUS_QUERY = 'status';

export const SEARCH_ATTRIBUTES = {
  integration: 'ConsentSyncIntegration',
  outcome: 'ConsentSyncOutcome',
  eventIds: 'ConsentEventIds',
} as const;

/** Event ids kept in the search attribute: the latest ones. */
export const SEARCHABLE_EVENT_IDS = 10;

export interface ConsentSyncInput {
  readonly integration: string;
  readonly identifier: Identifier;
  /** Carried over by continue-as-new. */
  readonly carried?: CarriedState;
}

/** A consent change as it is submitted. */
export interface SubmittedChange extends ConsentChange {
  /** The event id, or a keyed hash of it where it could identify a person: what may be shown and searched for. */
  readonly eventKey: string;
  /** Names the rules that the change was read with; a worker that knows others looks them up afresh. */
  readonly rulesVersion: string;
  /** Submitted by a resync: its calls to Brevo let live events pass. */
  readonly bulk?: true;
  /** What the resync had just read of Brevo. */
  readonly look?: GivenLook;
}

/** A look at Brevo that somebody else took. */
export interface GivenLook {
  readonly look: Look;
  /** ms since 1970: when reading began. */
  readonly at: number;
}

/**
 * For so long, in ms, a given look is used instead of a look-up. A ledger is shared with other workflows, which notice
 * that it was overwritten only within a minute of their own write. That there is no contact is believed for any time:
 * Brevo says whether it is true when it is created.
 */
export const GIVEN_LOOK_LASTS_MS = { alone: 600_000, withLedger: 60_000 } as const;

/**
 * Temporal's priorities of the calls to Brevo: smaller goes first. Live events without an opt-out take Temporal's
 * default. Within a resync withdrawals go first too, and everything live overtakes it.
 */
export const PRIORITY = { withdrawal: 1, live: 3, bulkWithdrawal: 4, bulk: 5 } as const;

/** Task queue of the activities that call the Brevo account of one integration. */
export function brevoTaskQueue(taskQueue: string, integration: string): string {
  return `${taskQueue}/brevo/${integration}`;
}

/** Answer of `submitAndWait`. */
export interface SettledChange {
  readonly outcome: Outcome;
  /** Why, where it was not simply done; no personal data. Absent also in what a worker of an earlier version says. */
  readonly reason?: string;
}
