import { isDeepStrictEqual } from 'node:util';
import type { SimContact } from '../../simulator';
import type { ExpectedContact } from './expectation';

/** Something that Brevo holds otherwise than it should. */
export interface Difference {
  readonly contact: string;
  /** `contact` when it is there and should not be, or the other way round. */
  readonly what: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Compares all contacts: whether they exist, their blacklist state, lists and attributes. */
export function differences(
  expected: readonly ExpectedContact[],
  actual: readonly SimContact[],
): Difference[] {
  const held = new Map(
    actual.map((contact) => [contact.ext_id ?? contact.email ?? String(contact.id), contact]),
  );
  const missing = expected.flatMap((contact): Difference[] => {
    const found = held.get(contact.id);
    if (found) return contactDifferences(contact, found);
    return [{ contact: contact.id, what: 'contact', expected: 'exists', actual: 'missing' }];
  });
  const wanted = new Set(expected.map(({ id }) => id));
  const surplus = [...held.keys()].filter((id) => !wanted.has(id));
  return [
    ...missing,
    ...surplus.map((contact) => ({ contact, what: 'contact', expected: 'missing', actual: 'exists' })),
  ];
}

function contactDifferences(expected: ExpectedContact, actual: SimContact): Difference[] {
  const names = new Set([...Object.keys(expected.attributes), ...Object.keys(actual.attributes)]);
  const pairs: [what: string, expected: unknown, actual: unknown][] = [
    ['emailBlacklisted', expected.emailBlacklisted, actual.emailBlacklisted],
    ['listIds', sorted(expected.listIds), sorted(actual.listIds)],
    ...[...names].map((name): [string, unknown, unknown] => [
      name,
      comparable(expected.attributes[name]),
      comparable(actual.attributes[name]),
    ]),
  ];
  return pairs
    .filter(([, wanted, found]) => !isDeepStrictEqual(wanted, found))
    .map(([what, wanted, found]) => ({ contact: expected.id, what, expected: wanted, actual: found }));
}

function sorted(list: readonly unknown[]): unknown[] {
  return [...list].sort();
}

/** Nothing chosen and not set are the same; the order of options means nothing. */
function comparable(value: unknown): unknown {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return null;
  return Array.isArray(value) ? sorted(value) : value;
}
