import { proxySinks, type Sinks } from '@temporalio/workflow';
import type { Outcome } from '../consent/outcome';
import type { Seconds } from '../consent/statement';
import type { ArrivedTrace } from './trace-relay';

/** What a contact's workflow tells its worker of each outcome: for metrics and the log. No personal data. */
export interface OutcomeReport {
  readonly integration: string;
  /** What the contact shows now. */
  readonly outcome: Outcome;
  /** Nothing was written: the outcome is what would have become of it. */
  readonly dryRun?: true;
  /** The events that came to an outcome of their own since the last report. One that was held comes again. */
  readonly events: readonly SettledEvent[];
  /** Why it is held, rejected or guarded; none for other outcomes. */
  readonly reasons: readonly OutcomeReason[];
  /** Calls to Brevo and Didomi that were made for it since the last report. */
  readonly calls: number;
  /** The traces that led here since the last report, where whoever sent them traces. */
  readonly traces?: readonly ArrivedTrace[];
  /** Choices of live events that Brevo holds since now, each told once; one a mapped id. */
  readonly choices: readonly AppliedChoice[];
}

export interface SettledEvent {
  /** The event id, or a keyed hash of it where it could identify a person. */
  readonly eventKey: string;
  /** Didomi's message type, or `resync`. */
  readonly type: string;
  readonly outcome: Outcome;
}

export interface OutcomeReason {
  /** Mapping id: the attribute, or the blacklist flag; absent where it concerns the contact as a whole. */
  readonly id?: string;
  /** Brevo's or Didomi's code; of a guarded contact what guards it. */
  readonly code?: string;
  /** HTTP status of the answer. */
  readonly status?: number;
  readonly requestId?: string;
  /** A sentence; what it quotes is left out, because that may be a value. */
  readonly text?: string;
}

export interface AppliedChoice {
  /** Mapping id: the attribute, or the blacklist flag. */
  readonly id: string;
  readonly eventKey: string;
  /** When the person chose it. */
  readonly at: Seconds;
  /** It takes something back. */
  readonly withdrawal: boolean;
}

/**
 * A worker has to provide it. What it is told is no part of the history: a replay tells nothing. A workflow task that
 * is lost on its way to Temporal is done again, and told again.
 */
export interface OutcomeSinks extends Sinks {
  readonly consentSync: { outcome(report: OutcomeReport): void };
}

/** Call it in a workflow. */
export function tellWorker(report: OutcomeReport): void {
  proxySinks<OutcomeSinks>().consentSync.outcome(report);
}
