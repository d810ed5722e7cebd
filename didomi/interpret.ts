import type { ConsentChange } from '../consent/change';
import { type Identifier, identifierOf } from '../consent/identifier';
import type { Rules } from '../consent/rules';
import type { DidomiMessage, UnknownMessage } from './message';
import { counts, type MessageWithConsents, readStatements } from './statements';

/** Why a message changes nothing for an integration: the first that applies, in this order. */
export type IgnoredReason =
  | 'event_type'
  | 'regulation'
  | 'pending_approval'
  | 'needs_didomi_api'
  | 'no_organization_user_id'
  | 'unusable_identifier'
  | 'time_in_future'
  | 'ambiguous_path'
  | 'no_mapped_value';

export type Interpretation =
  | {
      readonly status: 'ignored';
      readonly eventId: string | null;
      readonly reason: IgnoredReason;
      readonly former?: Former;
    }
  | {
      readonly status: 'accepted';
      readonly eventId: string;
      readonly identifier: Identifier;
      readonly change: ConsentChange;
      /** Mapped paths left out because the message answers them in two ways. */
      readonly ambiguous: readonly string[];
      readonly former?: Former;
    };

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
): Interpretation {
  const ignored = (reason: IgnoredReason): Interpretation => ({
    status: 'ignored',
    eventId: message.eventId,
    reason,
  });
  if (message.type === 'unknown') return ignored('event_type');
  if (!rules.regulations.includes(message.regulation)) return ignored('regulation');
  if (message.type === 'event.deleted' || message.type === 'user.deleted') {
    return ignored(message.status === 'pending_approval' ? 'pending_approval' : 'needs_didomi_api');
  }
  if (isPending(message)) return ignored('pending_approval');

  const organizationUserId = organizationUserIdOf(message)?.trim();
  const identifier = organizationUserId ? identifierOf(organizationUserId, rules.identifier) : undefined;
  const former = formerOf(message, rules, identifier);
  if (!identifier && !former) return ignored(identityProblem(organizationUserId));

  const paths = [...new Set(rules.mappings.map(({ value }) => value))];
  const { statements, ambiguous, future } = readStatements(message, paths, receivedAt);
  const { eventId, type } = message;
  const told: { former?: Former } =
    former && statements.length > 0
      ? {
          former: {
            identifier: former,
            change: { eventId, type, receivedAt, statements: [], movedAway: true },
          },
        }
      : {};
  if (!identifier) return { ...ignored(identityProblem(organizationUserId)), ...told };
  if (statements.length === 0) {
    if (future) return ignored('time_in_future');
    return ignored(ambiguous.length > 0 ? 'ambiguous_path' : 'no_mapped_value');
  }
  return {
    status: 'accepted',
    eventId,
    identifier,
    change: { eventId, type, receivedAt, statements },
    ambiguous,
    ...told,
  };
}

function identityProblem(organizationUserId: string | undefined): IgnoredReason {
  return organizationUserId ? 'unusable_identifier' : 'no_organization_user_id';
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

function organizationUserIdOf(message: MessageWithConsents): string | undefined {
  return 'event' in message ? message.event.user?.organization_user_id : message.user.organization_user_id;
}
