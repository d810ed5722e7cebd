import type { BrevoAccount } from '../brevo/accounts';
import { attributesIn, viewOf } from '../brevo/contact-view';
import type { Rules } from '../consent/rules';
import { identifiersOf } from './brevo-line';
import type { Reread } from './freshness';

/**
 * Reads contacts again by their ids. One that is found under another identifier by now, or not at all, is left to its
 * workflow, and so are all of them when the call fails.
 *
 * @param signal ends the wait for Brevo
 */
export function rereading(
  { client, attributes }: Pick<BrevoAccount, 'client' | 'attributes'>,
  rules: Rules,
  signal: AbortSignal,
): Reread {
  return async (contacts) => {
    const seenAt = Date.now();
    try {
      const entries = await attributes.lookUp(attributesIn(rules));
      const ids = contacts.map(({ found }) => found.contact.id);
      const names = [...entries.values()].map(({ name }) => name);
      const listed = await client.contactsOf({ ids, attributes: names }, { priority: 'bulk', signal });
      const byId = new Map(listed.map((contact) => [contact.id, contact]));
      return contacts.map(({ identifier: { kind, value }, found }) => {
        const contact = byId.get(found.contact.id);
        const isSame =
          contact &&
          identifiersOf(contact, rules.identifier).some((one) => one.kind === kind && one.value === value);
        return isSame ? { contact: viewOf(contact, entries), seenAt } : undefined;
      });
    } catch {
      // Whatever is wrong with the account, the workflows meet it too, and tell.
      return null;
    }
  };
}
