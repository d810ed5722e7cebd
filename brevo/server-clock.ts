import { type AnswerHeaders, headerText } from './rate-headers';

/** What Brevo's clock showed when it answered, beside ours at the arrival of the answer; both ms since 1970. */
export interface ClockReading {
  /** In whole seconds. */
  readonly theirs: number;
  readonly ours: number;
}

/** The `Date` header that HTTP asks of every server with a clock; undefined where there is none. */
export function clockReading(headers: AnswerHeaders, now: number): ClockReading | undefined {
  const theirs = Date.parse(headerText(headers, 'date') ?? '');
  return Number.isNaN(theirs) ? undefined : { theirs, ours: now };
}
