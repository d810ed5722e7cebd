/** One line of the closing table. */
export type Row = readonly [what: string, figure: string | number];

const GROUP = /(\d)(?=(\d{3})+$)/g;

export function table(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([what]) => what.length));
  const lines = rows.map(([what, figure]) => `  ${what.padEnd(width)}  ${grouped(figure)}`);
  return [title, ...lines, ''].join('\n');
}

/** `{"a": 2, "b": 1}` as "3 (2 a, 1 b)", the most frequent first. */
export function counted(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const sum = sorted.reduce((all, [, count]) => all + count, 0);
  const parts = sorted.map(([name, count]) => `${grouped(count)} ${name}`).join(', ');
  return parts === '' ? '0' : `${grouped(sum)} (${parts})`;
}

export function tally(names: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function grouped(figure: string | number): string {
  return typeof figure === 'number' ? String(Math.round(figure)).replace(GROUP, '$1,') : figure;
}
