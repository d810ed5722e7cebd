/** Longest e-mail address in characters (RFC 5321). */
const MAX_EMAIL = 254;
const MAX_LOCAL_PART = 64;
const LOCAL_PART = /^[^\s@"(),:;<>[\]\\]+$/u;
const DOMAIN = /^(?!-)[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*\.[\p{L}\p{N}-]{2,}$/u;

/** The address as Brevo stores and matches it (lower case, reported by practitioners), or undefined when it is none. */
export function normalEmail(text: string): string | undefined {
  const email = text.trim().toLowerCase();
  const at = email.lastIndexOf('@');
  const local = email.slice(0, at);
  if (at < 1 || email.length > MAX_EMAIL || local.length > MAX_LOCAL_PART) return undefined;
  if (!LOCAL_PART.test(local) || local.startsWith('.') || local.endsWith('.') || local.includes('..')) {
    return undefined;
  }
  return DOMAIN.test(email.slice(at + 1)) ? email : undefined;
}

/**
 * The digits that Brevo stores for `+33…`, `0033…` or `33…` (formats of Brevo's API reference; storing digits is
 * reported by practitioners), or undefined when it is no international number.
 */
export function normalPhone(text: string): string | undefined {
  const digits = text
    .trim()
    .replace(/[\s().-]/g, '')
    .replace(/^(\+|00)/, '');
  return /^[1-9]\d{5,14}$/.test(digits) ? digits : undefined;
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}.*)?$/;

/** `YYYY-MM-DD` of a calendar date; the time part of a date-time is lost (inferred). Undefined when it is no date. */
export function normalDate(text: string): string | undefined {
  const match = DATE.exec(text.trim());
  if (match === null) return undefined;
  const day = text.trim().slice(0, 10);
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day) ? day : undefined;
}

/** ISO date-time with the account's offset instead of Z, as reported by practitioners: `2026-03-02T09:14:07.120+01:00`. */
export function formatTime(epochMs: number, offsetMinutes: number): string {
  if (offsetMinutes === 0) return new Date(epochMs).toISOString();
  const local = new Date(epochMs + offsetMinutes * 60_000).toISOString().slice(0, -1);
  const minutes = Math.abs(offsetMinutes);
  const hh = String(Math.floor(minutes / 60)).padStart(2, '0');
  const mm = String(minutes % 60).padStart(2, '0');
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${hh}:${mm}`;
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Milliseconds since the epoch of an ISO date-time; one without a zone is in the account's. Undefined when it is none:
 * also when a `+` of its offset came unencoded and so arrived as a space.
 */
export function parseTime(text: string, offsetMinutes: number): number | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const zoned = match[4] !== undefined;
  const ms = Date.parse(zoned ? text : match[1] === undefined ? `${text}T00:00:00Z` : `${text}Z`);
  if (Number.isNaN(ms)) return undefined;
  return zoned ? ms : ms - offsetMinutes * 60_000;
}
