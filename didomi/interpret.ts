import type { ConsentChange, Deletion } from '../consent/change';
import { type Identifier, identifierOf } from '../consent/identifier';
import type { Rules } from '../consent/rules';
import type { Statement } from '../consent/statement';
import type { DeletionMessage, DidomiMessage, UnknownMessage } from './message';
import type { DeletedUser } from './schema';
import { counts, type MessageWithConsents, readStatements } from './statements';

/** Why a message changes nothing for an integration: the first that applies, in this order. */
export const IGNORED_REASONS = [
  'event_type',
  'regulation',
  'pending_approval',
  'needs_didomi_api',
  'no_organization_user_id',
  'unusable_identifier',
  'time_in_future',
  'ambiguous_path',
  'no_mapped_value',
] as const;
export type IgnoredReason = (typeof IGNORED_REASONS)[number];

interface Ignored {
  readonly status: 'ignored';
  readonly eventId: string | null;
  readonly reason: IgnoredReason;
  readonly former?: Former;
}

export type Interpretation =
  | Ignored
  | {
      readonly status: 'accepted';
      readonly eventId: string;
      readonly identifier: Identifier;
      readonly change: ConsentChange;
      /** Mapped paths left out because the message answers them in two ways. */
      readonly ambiguous: readonly string[];
      readonly former?: Former;
    }
  | {
      /** A user was erased, and what is held of the contact is to be forgotten. */
      readonly status: 'erased';
      readonly eventId: string;
      readonly identifier: Identifier;
      /** Id of the Didomi user. */
      readonly user: string;
    }
  | {
      /** A deleted event without its user: whose it was, only those know who received the event. */
      readonly status: 'anonymous';
      readonly eventId: string;
      readonly change: ConsentChange;
    };

/** What is done about deletions. */
export interface DeletionTerms {
  /** There is access to Didomi's API, which alone knows what holds after something was deleted. */
  readonly canAskDidomi?: boolean;
  /** What is held of a contact is forgotten when its user is erased: nobody has to be asked. */
  readonly forgetsErasedUsers?: boolean;
}

/** The contact that the Didomi user stood for before. Nothing changes for it; it is told that this is over. */
export interface Former {
  readonly identifier: Identifier;
  readonly change: ConsentChange;
}

/**
 * What a message means for one integration.
 *
 * @param receivedAt ms since 1970
 */
export function interpret(
  message: DidomiMessage | UnknownMessage,
  rules: Rules,
  receivedAt: number,
  { canAskDidomi = false, forgetsErasedUsers = false }: DeletionTerms = {},
): Interpretation {
  if (message.type === 'unknown') return ignored(message.eventId, 'event_type');
  const { eventId } = message;
  if (!rules.regulations.includes(message.regulation)) return ignored(eventId, 'regulation');
  if (message.type === 'user.deleted' && forgetsErasedUsers) return interpretErasure(message, rules);
  if (message.type === 'event.deleted' || message.type === 'user.deleted') {
    return interpretDeletion(message, rules, receivedAt, canAskDidomi);
  }
  if (isPending(message)) return ignored(eventId, 'pending_approval');
  const contact = contactOf(organizationUserIdOf(message), rules);
  const former = formerOf(message, rules, contact.identifier);
  if (!contact.identifier && !former) return ignored(eventId, contact.reason);

  const paths = [...new Set(rules.mappings.map(({ value }) => value))];
  const { statements, ambiguous, future } = readStatements(message, paths, receivedAt);
  const said = { eventId, type: message.type, receivedAt };
  const told: { former?: Former } =
    former && statements.length > 0
      ? { former: { identifier: former, change: { ...said, statements: [], movedAway: true } } }
      : {};
  if (!contact.identifier) return { ...ignored(eventId, contact.reason), ...told };
  if (statements.length === 0) {
    if (future) return ignored(eventId, 'time_in_future');
    return ignored(eventId, ambiguous.length > 0 ? 'ambiguous_path' : 'no_mapped_value');
  }
  const { identifier, spelling } = contact;
  return {
    status: 'accepted',
    eventId,
    identifier,
    change: { ...said, statements, ...spelling, ...(canAskDidomi && readAgainAfter(message, statements)) },
    ambiguous,
    ...told,
  };
}

/** What a patch took back may live on in a record that rests on it: a record does not tell what is missing in it. */
function readAgainAfter(
  message: MessageWithConsents,
  statements: readonly Statement[],
): Pick<ConsentChange, 'readAgain'> {
  if (!('event' in message) || !statements.some((one) => 'retraction' in one)) return {};
  const user = message.event.user?.id;
  return { readAgain: user === undefined ? {} : { user } };
}

/** It says what is gone, and not what holds now. */
function interpretDeletion(
  message: DeletionMessage,
  rules: Rules,
  receivedAt: number,
  canAskDidomi: boolean,
): Interpretation {
  const { type } = message;
  const eventId = type === 'user.deleted' ? lastRevisionOf(message.user) : message.eventId;
  if (deletedIn(message).status === 'pending_approval') return ignored(message.eventId, 'pending_approval');
  if (!canAskDidomi) return ignored(message.eventId, 'needs_didomi_api');
  const change = { eventId, type, receivedAt, statements: [], deletion: deletionOf(message) };
  if (type === 'event.deleted' && !message.event.user) return { status: 'anonymous', eventId, change };
  const contact = contactOf(organizationUserIdOf(message), rules);
  if (!contact.identifier) return ignored(eventId, contact.reason);
  const { identifier, spelling } = contact;
  return { status: 'accepted', eventId, identifier, change: { ...change, ...spelling }, ambiguous: [] };
}

/** Whatever the user had said, and whether it counted. */
function interpretErasure(
  message: Extract<DeletionMessage, { type: 'user.deleted' }>,
  rules: Rules,
): Interpretation {
  const eventId = lastRevisionOf(message.user);
  const contact = contactOf(organizationUserIdOf(message), rules);
  if (!contact.identifier) return ignored(eventId, contact.reason);
  return { status: 'erased', eventId, identifier: contact.identifier, user: message.user.id };
}

function deletedIn(message: DeletionMessage): { readonly status: string | undefined } {
  return message.type === 'event.deleted' ? message.event : message.user;
}

/** Names the deletion where no event does: a Didomi user may be deleted more than once. */
function lastRevisionOf({ id, version, updated_at }: DeletedUser): string {
  return `${id}@${version ?? updated_at ?? 'deleted'}`;
}

function deletionOf(message: DeletionMessage): Deletion {
  if (message.type === 'user.deleted') return { user: message.user.id };
  const user = message.event.user?.id;
  return { event: message.event.id, ...(user !== undefined && { user }) };
}

function ignored(eventId: string | null, reason: IgnoredReason): Ignored {
  return { status: 'ignored', eventId, reason };
}

type NamedContact =
  | {
      readonly identifier: Identifier;
      /** How Didomi spells it, for who asks Didomi; nothing where that is how we spell it too. */
      readonly spelling: Pick<ConsentChange, 'organizationUserId'>;
    }
  | { readonly identifier?: undefined; readonly reason: IgnoredReason };

function contactOf(organizationUserId: string | undefined, rules: Rules): NamedContact {
  if (!organizationUserId?.trim()) return { reason: 'no_organization_user_id' };
  const identifier = identifierOf(organizationUserId, rules.identifier);
  if (!identifier) return { reason: 'unusable_identifier' };
  return { identifier, spelling: organizationUserId === identifier.value ? {} : { organizationUserId } };
}

/** Another spelling of one contact is no other contact. */
function formerOf(
  message: MessageWithConsents,
  rules: Rules,
  identifier: Identifier | undefined,
): Identifier | undefined {
  if (message.type !== 'user.updated') return undefined;
  const former = identifierOf(message.old?.organization_user_id ?? '', rules.identifier);
  const isTheSame = former?.kind === identifier?.kind && former?.value === identifier?.value;
  return isTheSame ? undefined : former;
}

/** An event that fell back to pending still says something: what it had said no longer counts. */
function isPending(message: MessageWithConsents): boolean {
  if (!('event' in message) || counts(message.event)) return false;
  const tookBack = message.type === 'event.updated' && message.old?.consents && counts(message.old);
  return !tookBack;
}

function organizationUserIdOf(message: MessageWithConsents | DeletionMessage): string | undefined {
  return 'event' in message ? message.event.user?.organization_user_id : message.user.organization_user_id;
}
