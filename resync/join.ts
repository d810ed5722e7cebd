import type { Identifier, IdentifierKind } from '../consent/identifier';
import type { Seconds } from '../consent/statement';
import type { BrevoLine } from './brevo-line';
import type { PagesRead } from './brevo-pages';
import { type ComparedBy, type Comparison, compareContact } from './compare';
import type { MergedContact } from './merged-contact';

type FoundAtBrevo = Pick<BrevoLine, 'contact' | 'seenAt' | 'modifiedAt'>;

/** A contact of the source with what has to be done for it. */
export interface Compared {
  readonly merged: MergedContact;
  readonly comparison: Comparison;
  /** What the comparison knows of Brevo: null = no such contact. Absent: nothing. */
  readonly found?: FoundAtBrevo;
}

export interface JoinInput {
  readonly merged: AsyncIterable<MergedContact>;
  readonly brevo: AsyncIterable<BrevoLine>;
  /** Where all pages were read: what makes a contact that is in none of them one that Brevo does not have. */
  readonly pages?: PagesRead | undefined;
  readonly by: ComparedBy;
  /** The contact's workflow has something to write: what was read of Brevo may be about to change. */
  readonly isOwed: (identifier: Identifier) => boolean;
  /** Time of an opt-in that was found guarded for this contact of Brevo's. */
  readonly refusedOptIn?: (identifier: Identifier, id: number) => Seconds | undefined;
}

/**
 * Compares one bucket: the contacts of a source with those of Brevo that are in the bucket of the same number. Brevo's
 * side of it is in memory. Two contacts of the source may lead to one of Brevo's, by e-mail and ext_id: both are told,
 * and their workflows decide.
 */
export async function* compareBucket({
  merged,
  brevo,
  pages,
  by,
  isOwed,
  refusedOptIn,
}: JoinInput): AsyncGenerator<Compared> {
  const lines = await byIdentifier(brevo);
  for await (const one of merged) {
    const found = isOwed(one.identifier) ? undefined : foundIn(lines, one.identifier, pages);
    const contact = found?.contact;
    const refused = contact?.emailBlacklisted ? refusedOptIn?.(one.identifier, contact.id) : undefined;
    const comparison = compareContact(one, contact, {
      ...by,
      ...(refused !== undefined && { refusedOptIn: refused }),
    });
    yield { merged: one, comparison, ...(found && { found }) };
  }
}

function foundIn(
  lines: ReadonlyMap<string, FoundAtBrevo | undefined>,
  identifier: Identifier,
  pages: JoinInput['pages'],
): FoundAtBrevo | undefined {
  const key = keyOf(identifier);
  return lines.has(key) ? lines.get(key) : absence(identifier, pages);
}

/** undefined: two contacts were seen under one identifier, which went from one to the other meanwhile. */
async function byIdentifier(lines: AsyncIterable<BrevoLine>): Promise<Map<string, FoundAtBrevo | undefined>> {
  const found = new Map<string, FoundAtBrevo | undefined>();
  for await (const { identifier, ...line } of lines) {
    const key = keyOf(identifier);
    const earlier = found.get(key);
    const isAnother = found.has(key) && earlier?.contact?.id !== line.contact?.id;
    found.set(key, isAnother ? undefined : line);
  }
  return found;
}

/** Told of every contact that has one (Brevo's API reference); of the others that is inferred. */
const ALWAYS_TOLD: ReadonlySet<IdentifierKind> = new Set(['email', 'contact_id']);

/** Not found is not there only where everything was read, and where that kind of identifier is told at all. */
function absence({ kind }: Identifier, pages: JoinInput['pages']): FoundAtBrevo | undefined {
  if (!pages?.complete) return undefined;
  const isKnown = pages.contacts === 0 || ALWAYS_TOLD.has(kind) || pages.kinds.includes(kind);
  return isKnown ? { contact: null, seenAt: pages.begunAt } : undefined;
}

function keyOf({ kind, value }: Identifier): string {
  return `${kind}\0${value}`;
}
