const DAY_MS = 24 * 60 * 60 * 1000;

const DATE_FOLDER = /^date=(\d{4}-\d{2}-\d{2})$/;

/** The day of a folder `date=YYYY-MM-DD`, as ms since 1970 of its beginning in UTC; undefined when it is none. */
export function dayOf(folderName: string): number | undefined {
  const [, text] = DATE_FOLDER.exec(folderName) ?? [];
  const day = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(day) || !new Date(day).toISOString().startsWith(`${text}T`) ? undefined : day;
}

/** ms since 1970. */
export function endOfDay(day: number): number {
  return day + DAY_MS;
}

/**
 * Up to when what each day of a daily export says is known to hold: the end of the unbroken series of complete days
 * that begins with it. Each line tells only of who changed on its day, so a missing day may have held a change.
 *
 * @param complete beginnings of days, ms since 1970
 * @returns ms since 1970 for each of them
 */
export function heldUpTo(complete: readonly number[]): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  for (const day of complete.toSorted((a, b) => b - a)) {
    ends.set(day, ends.get(endOfDay(day)) ?? endOfDay(day));
  }
  return ends;
}
