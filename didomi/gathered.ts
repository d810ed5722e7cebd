import { mergeStatements, statementsOf } from '../consent/consent-state';
import type { Identifier } from '../consent/identifier';
import type { Statement } from '../consent/statement';
import type { IgnoredReason, Interpretation } from './interpret';

/** What a record of a source says of one contact. */
export interface Gathered {
  readonly identifier: Identifier;
  /** As Didomi spells it, where that differs from the identifier. */
  readonly organizationUserId?: string;
  readonly statements: readonly Statement[];
  /** ms since 1970: what it says is known to hold up to then. */
  readonly date: number;
}

/** Why a record says nothing; `unknown_to_didomi`: Didomi has nobody of that organization_user_id. */
export type SilentReason = IgnoredReason | 'unknown_to_didomi';

/** What became of one record of a source. */
export type RecordReading =
  | {
      readonly status: 'read';
      /** One, unless events of the record were of another contact than its user. */
      readonly gathered: readonly Gathered[];
      /** Mapped paths left out because the record answers them in two ways. */
      readonly ambiguous: boolean;
    }
  | { readonly status: 'ignored'; readonly reason: SilentReason }
  | {
      readonly status: 'broken';
      /** Without personal data. */
      readonly reason: string;
    };

/** The first that applies to a part of the record is what is told of it. */
const REASONS: readonly IgnoredReason[] = [
  'regulation',
  'no_organization_user_id',
  'unusable_identifier',
  'time_in_future',
  'ambiguous_path',
  'no_mapped_value',
];

/**
 * What the parts of one record say together.
 *
 * @param date ms since 1970, up to which the record is known to hold
 */
export function gatheredFrom(parts: readonly Interpretation[], date: number): RecordReading {
  const accepted = parts.filter((part) => part.status === 'accepted');
  if (accepted.length === 0) {
    const ignored = new Set(parts.flatMap((part) => (part.status === 'ignored' ? [part.reason] : [])));
    return { status: 'ignored', reason: REASONS.find((reason) => ignored.has(reason)) ?? 'no_mapped_value' };
  }
  return {
    status: 'read',
    gathered: byContact(accepted).map((said) => ({ ...said, date })),
    ambiguous: accepted.some(({ ambiguous }) => ambiguous.length > 0),
  };
}

type Accepted = Extract<Interpretation, { status: 'accepted' }>;

function byContact(parts: readonly Accepted[]): Omit<Gathered, 'date'>[] {
  const contacts = new Map<string, { first: Accepted; statements: Statement[] }>();
  for (const part of parts) {
    const key = JSON.stringify([part.identifier.kind, part.identifier.value]);
    const contact = contacts.get(key) ?? { first: part, statements: [] };
    for (const statement of part.change.statements) contact.statements.push(statement);
    contacts.set(key, contact);
  }
  return [...contacts.values()].map(({ first: { identifier, change }, statements }) => ({
    identifier,
    ...(change.organizationUserId !== undefined && { organizationUserId: change.organizationUserId }),
    statements: compact(statements),
  }));
}

const MANY = 50;

/** A record may hold thousands of events, of which few can still count. */
function compact(statements: readonly Statement[]): readonly Statement[] {
  return statements.length > MANY ? statementsOf(mergeStatements([], statements)) : statements;
}
