/** Answer headers by lower-case name. */
export type AnswerHeaders = Readonly<Record<string, unknown>>;

/** Didomi counts requests in windows of this length (seen in descriptions of its API). */
const WINDOW_MS = 15_000;
const SHORTEST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 15 * 60_000;

/**
 * How long to leave a used-up budget alone, in ms: what `Retry-After` says (seconds or an HTTP date), else the reset of
 * `RateLimit: limit=, remaining=, reset=`, else one window; within 100 ms and 15 minutes.
 *
 * @param now ms since 1970
 */
export function waitMs(headers: AnswerHeaders, now: number): number {
  const wait = retryAfterMs(text(headers, 'retry-after'), now) ?? resetMs(text(headers, 'ratelimit'));
  return Math.min(Math.max(wait ?? WINDOW_MS, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
}

function retryAfterMs(value: string, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1_000;
  const date = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : date - now;
}

function resetMs(value: string): number | undefined {
  const [, seconds] = /\breset=(\d+)/i.exec(value) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}

function text(headers: AnswerHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : '';
}
