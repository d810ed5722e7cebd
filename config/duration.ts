const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['second', SECOND],
  ['minute', MINUTE],
  ['hour', HOUR],
  ['day', DAY],
  ['week', 7 * DAY],
]);

const DURATION = /^(\d{1,12}) ?(ms|(second|minute|hour|day|week)s?)$/;

/** Shortest and longest duration that the configuration takes, in ms. */
const MIN_MS = SECOND;
const MAX_MS = 365 * DAY;

/**
 * Reads a whole number and a unit, as in `"7 days"`, `"1 hour"` or `"1500 ms"`.
 *
 * @returns milliseconds, or undefined when it is not a duration of 1 second to 365 days
 */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit, singular] = DURATION.exec(text.trim().toLowerCase()) ?? [];
  const unitMs = UNIT_MS.get(singular ?? unit ?? '');
  if (amount === undefined || unitMs === undefined) return undefined;
  const ms = Number(amount) * unitMs;
  return ms >= MIN_MS && ms <= MAX_MS ? ms : undefined;
}
