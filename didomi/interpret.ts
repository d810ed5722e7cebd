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
  | { readonly status: 'ignored'; readonly eventId: string | null; readonly reason: IgnoredReason }
  | {
      readonly status: 'accepted';
      readonly eventId: string;
      readonly identifier: Identifier;
      readonly change: ConsentChange;
      /** Mapped paths left out because the message answers them in two ways. */
      readonly ambiguous: readonly string[];
    };

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
  if (!organizationUserId) return ignored('no_organization_user_id');
  const identifier = identifierOf(organizationUserId, rules.identifier);
  if (!identifier) return ignored('unusable_identifier');

  const paths = [...new Set(rules.mappings.map(({ value }) => value))];
  const { statements, ambiguous, future } = readStatements(message, paths, receivedAt);
  if (statements.length === 0) {
    if (future) return ignored('time_in_future');
    return ignored(ambiguous.length > 0 ? 'ambiguous_path' : 'no_mapped_value');
  }
  const { eventId, type } = message;
  return {
    status: 'accepted',
    eventId,
    identifier,
    change: { eventId, type, receivedAt, statements },
    ambiguous,
  };
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
