import type { IdentifierKind } from '../consent/identifier';
import type { Outcome, Refusal } from '../consent/outcome';
import type { ConsentValue } from '../consent/statement';

/** A contact's story, as programs and people read it. */

/** One value that counts now. Times are ISO 8601 UTC. */
export interface ValueInForce {
  /** Mapping id. */
  readonly id: string;
  /** Didomi path. */
  readonly path: string;
  readonly value: ConsentValue;
  /** When the person chose it; null = unknown, because only a record of Didomi's says so. */
  readonly at: string | null;
  /** Since when Didomi's record is known to hold it, where only the record says so. */
  readonly asOf?: string;
  readonly eventId: string | null;
}

export interface ReceivedEvent {
  readonly eventId: string;
  readonly type: string;
  /** ISO 8601 UTC. */
  readonly receivedAt: string;
  readonly outcome?: Outcome;
  /** What there is to know of it beside its outcome. */
  readonly note?: string;
}

export interface BrevoCall {
  readonly activity: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly result: string;
}

/** Why an integration or a value waits. */
export interface Trouble extends Refusal {
  /** Who refuses; absent = Brevo. */
  readonly service?: 'Didomi';
  /** ISO 8601 UTC. */
  readonly since: string;
}

/** The contact's story: answer of the `status` query, and the workflow's result. */
export interface ConsentSyncStatus {
  readonly integration: string;
  readonly identifierKind: IdentifierKind;
  readonly outcome: Outcome | null;
  readonly dryRun: boolean;
  readonly inForce: readonly ValueInForce[];
  readonly events: readonly ReceivedEvent[];
  readonly calls: readonly BrevoCall[];
  readonly held?: Trouble;
  readonly rejected: readonly Trouble[];
  readonly guarded?: string;
  /**
   * Mapping ids of what is withdrawn and not in force in Brevo yet. Absent in what a worker of an earlier version says.
   */
  readonly unwrittenWithdrawals?: readonly string[];
}
