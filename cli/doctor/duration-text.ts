const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** For example `7 days`, in the largest unit that says it exactly. */
export function describeDuration(ms: number): string {
  for (const [unit, unitMs] of UNITS) {
    const count = ms / unitMs;
    if (Number.isInteger(count) && count > 0) return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  return `${ms} ms`;
}
