import { type DidomiMessage, readMessage, type UnknownMessage } from '../../didomi/message';

/**
 * Tells apart the messages of different contacts. Spellings of one identifier are one contact; that some different
 * contacts may be taken for one costs only time.
 *
 * @throws DidomiMessageError when it is no Didomi message
 */
export function contactOf(raw: unknown): string {
  const id = organizationUserId(readMessage(raw)) ?? '';
  // Phone numbers begin with +, 00 or nothing.
  return id
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/^0+/, '');
}

function organizationUserId(message: DidomiMessage | UnknownMessage): string | undefined {
  if ('event' in message) return message.event.user?.organization_user_id;
  return 'user' in message ? message.user.organization_user_id : undefined;
}
