import { type ConsentState, mergeStatements } from '../consent/consent-state';
import type { Gathered } from '../didomi/gathered';
import type { MergedContact } from './merged-contact';

/**
 * What all lines of a bucket say together, one entry a contact, in the order of identifiers. The same whatever the
 * order of the lines and however often one is repeated.
 */
export async function reduceBucket(lines: AsyncIterable<Gathered>): Promise<MergedContact[]> {
  const contacts = new Map<string, Merging>();
  for await (const line of lines) {
    const key = JSON.stringify([line.identifier.kind, line.identifier.value]);
    const before = contacts.get(key);
    contacts.set(key, {
      state: mergeStatements(before?.state ?? [], line.statements),
      heldUpTo: Math.max(before?.heldUpTo ?? 0, line.date),
      latest: before && isLater(before.latest, line) ? before.latest : spellingOf(line),
    });
  }
  return [...contacts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { state, heldUpTo, latest }]) => ({
      identifier: latest.identifier,
      ...(latest.organizationUserId !== undefined && { organizationUserId: latest.organizationUserId }),
      state,
      heldUpTo,
    }));
}

interface Merging {
  readonly state: ConsentState;
  readonly heldUpTo: number;
  /** The line whose spelling of the organization_user_id counts. */
  readonly latest: Spelling;
}

type Spelling = Omit<Gathered, 'statements'>;

function spellingOf({ statements: _, ...spelling }: Gathered): Spelling {
  return spelling;
}

/** On the same date the larger text, so that the order of lines decides nothing. */
function isLater(a: Spelling, b: Spelling): boolean {
  if (a.date !== b.date) return a.date > b.date;
  return (a.organizationUserId ?? a.identifier.value) >= (b.organizationUserId ?? b.identifier.value);
}
