import type { IdentifierOption } from './rules';

/** How Brevo finds a contact: the kinds of `identifierType` that we use. */
export type IdentifierKind = 'email' | 'ext_id' | 'phone' | 'contact_id';

/** Names one Brevo contact. `value` is normalised: two spellings of one e-mail address are one identifier. */
export interface Identifier {
  readonly kind: IdentifierKind;
  readonly value: string;
}

/** Longest identifier in characters; RFC 5321 allows no longer e-mail address. */
const MAX_LENGTH = 254;
const MAX_LOCAL_PART = 64;

const LOCAL_PART = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN =
  /^([\p{L}\p{N}]([\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?\.)+[\p{L}\p{N}][\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}]$/u;
const CONTROL = /\p{Cc}/u;
const PHONE = /^\+?\d{6,15}$/;
const CONTACT_ID = /^[1-9]\d{0,15}$/;

/**
 * Which Brevo contact an organization_user_id names, or undefined when Brevo cannot have such a contact
 * (`unusable_identifier`).
 */
export function identifierOf(organizationUserId: string, option: IdentifierOption): Identifier | undefined {
  const text = organizationUserId.trim();
  if (text === '' || text.length > MAX_LENGTH || CONTROL.test(text) || !text.isWellFormed()) return undefined;
  switch (option) {
    case 'email':
      return asEmail(text);
    case 'ext_id':
      return { kind: 'ext_id', value: text };
    case 'auto':
      return asEmail(text) ?? { kind: 'ext_id', value: text };
    case 'phone':
      return asPhone(text);
    case 'contact_id':
      return CONTACT_ID.test(text) ? { kind: 'contact_id', value: text } : undefined;
  }
}

function asEmail(text: string): Identifier | undefined {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  if (
    at < 1 ||
    local.length > MAX_LOCAL_PART ||
    !LOCAL_PART.test(local) ||
    !DOMAIN.test(text.slice(at + 1))
  ) {
    return undefined;
  }
  return { kind: 'email', value: text.toLowerCase() };
}

/** Brevo takes +33…, 0033… and 33… and stores digits (reported by practitioners): digits are the one spelling that we use. No country's code begins with 0, so +0033… is one more of them. */
function asPhone(text: string): Identifier | undefined {
  const compact = text.replace(/[\s().-]/g, '').replace(/^\+?(?:00)+/, '+');
  return PHONE.test(compact) ? { kind: 'phone', value: compact.replace('+', '') } : undefined;
}
