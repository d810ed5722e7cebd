import { badRequest } from './errors';

/** Users and events come in pages of so many (seen in Didomi's API reference for users). */
const PAGE_SIZE = 100;

/** Whether a value is one that the query asks for: `name=a`, or `name[$in]=a&name[$in]=b`. */
export function filterOf(query: URLSearchParams, name: string, byDefault: readonly string[]) {
  const asked = [...query.getAll(name), ...query.getAll(`${name}[$in]`)];
  const wanted = new Set(asked.length === 0 ? byDefault : asked);
  return (value: string): boolean => wanted.has(value);
}

/** The page that the query asks for, of items in the order of `seq`. */
export function pageOf<Item extends { readonly seq: number }>(
  query: URLSearchParams,
  items: readonly Item[],
) {
  const after = positionOf(query.get('$cursor'));
  const rest = items.filter(({ seq }) => seq > after);
  const page = rest.slice(0, PAGE_SIZE);
  const last = page.at(-1);
  const cursor = rest.length > page.length && last !== undefined ? cursorAfter(last.seq) : null;
  return { page, limit: PAGE_SIZE, cursor };
}

/** Opaque to clients, and with characters that a URL must encode. */
function cursorAfter(seq: number): string {
  return `n+/${seq}==`;
}

function positionOf(cursor: string | null): number {
  if (cursor === null) return 0;
  const [, seq] = /^n\+\/(\d+)==$/.exec(cursor) ?? [];
  if (seq === undefined) throw badRequest('Invalid cursor');
  return Number(seq);
}
