const DAY_MS = 86_400_000;
/** Brevo tells 90 days of statistics unasked; less a few days for zones and rounding. */
const TOLD_UNASKED_MS = 85 * DAY_MS;

/**
 * The days to ask for, beside what Brevo tells unasked, so that statistics reach back to `since`; undefined when
 * that is told unasked. Brevo refuses dates after its today, and does not say in which zone: ask up to yesterday,
 * which is over or today everywhere, and leave the rest to what it tells unasked. A day more at the start, for the
 * same reason.
 *
 * @param now ms
 */
export function earlierDays(
  since: Date | undefined,
  now: number,
): { start: string; end: string } | undefined {
  const from = since?.getTime() ?? Number.POSITIVE_INFINITY;
  if (!(from < now - TOLD_UNASKED_MS)) return undefined;
  return { start: day(from - DAY_MS), end: day(now - DAY_MS) };
}

/** YYYY-MM-DD in UTC. */
function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
