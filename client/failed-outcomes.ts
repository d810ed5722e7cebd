/** Outcomes of contacts that somebody has to look after. */
export const FAILED_OUTCOMES = ['held', 'rejected'] as const;
export type FailedOutcome = (typeof FAILED_OUTCOMES)[number];
