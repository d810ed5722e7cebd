import type { Rules } from '../consent/rules';
import type { Statement } from '../consent/statement';

/** What a workflow asks of Didomi. */
export interface DidomiActivities {
  /** Reads all that Didomi holds of a person; retried by Temporal until there is an answer. */
  readDidomiUser(input: ReadDidomiUserInput): Promise<DidomiAnswer>;
}

export interface ReadDidomiUserInput {
  readonly integration: string;
  /** The spellings under which Didomi may know the person. */
  readonly organizationUserIds: readonly string[];
  /** Didomi users that were known of the person before. */
  readonly users: readonly string[];
  /** Credentials that Didomi refuses are waited for, and end nothing. */
  readonly patient: boolean;
}

/** What Didomi says, with the rules of the worker that asked. */
export interface DidomiAnswer {
  /** Records that Didomi has of the person. */
  readonly records: number;
  readonly statements: readonly Statement[];
  readonly rules: Rules;
  readonly rulesVersion: string;
}

/** Types of the Temporal failures that the activity ends with. */
export const DIDOMI_FAILURES = {
  held: 'DidomiHeld',
  rateLimited: 'DidomiRateLimited',
  unavailable: 'DidomiUnavailable',
  configuration: 'ConfigurationMissing',
} as const;

/** What such a failure carries, as its only detail. */
export interface DidomiFailureDetail {
  readonly reason: string;
  readonly status?: number;
  readonly code?: string;
}
