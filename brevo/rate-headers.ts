/** Reads `x-sib-ratelimit-*`, which Brevo sends with every answer (Brevo's page on limit headers). */

/** Answer headers by lower-case name. */
export type AnswerHeaders = Readonly<Record<string, unknown>>;

interface RateHeaders {
  /** Calls that the bucket allows. */
  readonly limit?: number;
  /** Calls left in the bucket. */
  readonly remaining?: number;
  /** Milliseconds until the bucket is full again. */
  readonly resetMs?: number;
}

const SHORTEST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 60_000;
const WAIT_WITHOUT_HEADER_MS = 1_000;
/** Who says a longer time, in s, speaks of an hour. */
const LONGEST_OF_A_SECOND_S = 60;
/** Brevo's smallest limit of an hour (its page on limits). */
const LEAST_AN_HOUR = 100;

/** Text of a header, or undefined. */
export function headerText(headers: AnswerHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

export function rateHeaders(headers: AnswerHeaders): RateHeaders {
  const limit = amount(headers, 'x-sib-ratelimit-limit');
  const remaining = amount(headers, 'x-sib-ratelimit-remaining');
  // Brevo documents no Retry-After; Cloudflare in front of it may send one.
  const reset = amount(headers, 'x-sib-ratelimit-reset') ?? amount(headers, 'retry-after');
  // Ten calls an hour, say, is nothing that Brevo allows: then it is milliseconds, or a date.
  const isCredible =
    reset !== undefined && (reset <= LONGEST_OF_A_SECOND_S || limit === undefined || limit >= LEAST_AN_HOUR);
  return {
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(isCredible && { resetMs: reset * 1_000 }),
  };
}

/**
 * How long to leave a used-up bucket alone, in ms: what Brevo says, within 100 ms and 60 s (an hourly bucket may
 * say thousands of seconds, and one call a minute finds out whether it still holds); 1 s when it says nothing.
 */
export function waitMs({ resetMs }: RateHeaders): number {
  return Math.min(Math.max(resetMs ?? WAIT_WITHOUT_HEADER_MS, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
}

/** `wait` plus up to a fifth of it, so that all who were told the same don't come back at once. */
export function withJitter(wait: number, random: () => number = Math.random): number {
  return Math.ceil(Math.min(wait * (1 + random() / 5), Math.max(wait, LONGEST_WAIT_MS)));
}

function amount(headers: AnswerHeaders, name: string): number | undefined {
  const text = headerText(headers, name)?.trim();
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
