/** What became of a consent event, or of a contact. */
export const OUTCOMES = [
  'created',
  'updated',
  'unchanged',
  'skipped',
  'stale',
  'guarded',
  'held',
  'rejected',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One value that Brevo refuses, or that it would drop without a word. */
export interface Refusal {
  /** Mapping id: the attribute, or the blacklist flag. Absent where Brevo refuses the contact as a whole. */
  readonly id?: string;
  /** What is wrong and what to do; holds no personal data. */
  readonly reason: string;
  /** Brevo's answer, where it was asked. */
  readonly status?: number;
  readonly code?: string;
  readonly requestId?: string;
}
