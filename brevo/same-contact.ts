import { domainToASCII } from 'node:url';
import type { Identifier } from '../consent/identifier';
import type { AnsweredContact } from './contact';

/**
 * Whether a contact cannot be the one that was asked for: what a cache on the way, or a mock, may answer. To write to it
 * would bring one person's choice to another. What the answer does not tell is not held against it.
 */
export function isSomebodyElse({ kind, value }: Identifier, contact: AnsweredContact): boolean {
  switch (kind) {
    case 'contact_id':
      return String(contact.id) !== value;
    case 'email':
      return contact.email !== undefined && mailbox(contact.email) !== mailbox(value);
    case 'ext_id':
      return differs(contact.attributes.EXT_ID, value, (text) => text.trim().toLowerCase());
    case 'phone':
      return differs(contact.attributes.SMS, value, (text) => text.replace(/\D/g, '').replace(/^0+/, ''));
  }
}

/** One spelling of an address: Brevo ignores case, and may write an international domain in either way. */
function mailbox(address: string): string {
  const text = address.trim().normalize('NFC').toLowerCase();
  const at = text.lastIndexOf('@');
  const domain = text.slice(at + 1);
  return `${text.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

function differs(told: unknown, asked: string, spelling: (text: string) => string): boolean {
  if (typeof told !== 'string' && typeof told !== 'number') return false;
  const text = spelling(String(told));
  return text !== '' && text !== spelling(asked);
}
