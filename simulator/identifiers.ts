import type { Account } from './account';
import type { Contact } from './contact';
import { keyOf, type UniqueKey } from './contact-store';
import { ApiError, contactNotFound, invalidParameter } from './errors';
import { normalEmail, normalPhone } from './formats';

const TYPED_KEYS = {
  email_id: 'email',
  ext_id: 'ext_id',
  phone_id: 'SMS',
  whatsapp_id: 'WHATSAPP',
  landline_number_id: 'LANDLINE_NUMBER',
} as const satisfies Record<string, UniqueKey>;

/** Still percent-encoded after one decoding: the sign of an identifier that was encoded twice. */
const ENCODED = /%[0-9a-f]{2}/i;

/**
 * The contact that a path segment names; throws 404 when there is none, 400 when it can name none.
 * Seen in Brevo's API reference: without `identifierType` GET guesses among e-mail, id and SMS, PUT and DELETE only
 * between e-mail and id; ext_id, WhatsApp and landline need it. Reported: an identifier encoded twice gives 400.
 *
 * @param segment the path segment, still percent-encoded
 */
export function contactNamed(
  account: Account,
  segment: string,
  identifierType: string | null,
  method: string,
): Contact {
  const contact = find(account, decoded(account, segment), identifierType, method);
  if (contact === undefined) throw contactNotFound();
  return contact;
}

/** The identifier as the call log shows it; the segment itself when it is not decodable. */
export function readableIdentifier(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function decoded(account: Account, segment: string): string {
  const plain = account.switches.unencodedPlus === 'works' ? segment : segment.replaceAll('+', ' ');
  try {
    return decodeURIComponent(plain);
  } catch {
    throw invalidParameter('Identifier is not valid');
  }
}

function find(
  account: Account,
  identifier: string,
  identifierType: string | null,
  method: string,
): Contact | undefined {
  if (identifierType === null) return guess(account, identifier, method);
  if (identifierType === 'contact_id') return byId(account, identifier);
  if (!Object.hasOwn(TYPED_KEYS, identifierType)) throw invalidParameter('Invalid identifierType');
  const key = TYPED_KEYS[identifierType as keyof typeof TYPED_KEYS];
  if (key === 'email') return byEmail(account, identifier, method);
  if (key === 'ext_id') return byExtId(account, identifier);
  return byPhone(account, key, identifier);
}

function guess(account: Account, identifier: string, method: string): Contact | undefined {
  if (identifier.includes('@')) return byEmail(account, identifier, method);
  const found = /^\d+$/.test(identifier) ? byId(account, identifier) : undefined;
  if (found !== undefined) return found;
  const phone = normalPhone(identifier);
  if (method === 'GET' && phone !== undefined) return account.contacts.find('SMS', phone);
  if (ENCODED.test(identifier)) throw invalidParameter('Invalid email address');
  if (/^\d+$/.test(identifier) || account.switches.unguessableIdentifier === '404') return undefined;
  throw new ApiError(400, 'invalid_parameter', 'Invalid email address');
}

function byId(account: Account, identifier: string): Contact | undefined {
  if (!/^[1-9]\d*$/.test(identifier)) throw invalidParameter('Invalid contact id');
  return account.contacts.get(Number(identifier));
}

function byEmail(account: Account, identifier: string, method: string): Contact | undefined {
  if (identifier.includes(' ')) return undefined;
  const email = normalEmail(identifier);
  if (email === undefined) throw invalidParameter('Invalid email address');
  return method === 'GET' ? laggingByEmail(account, email) : account.contacts.find('email', email);
}

function laggingByEmail(account: Account, email: string): Contact | undefined {
  const lagging = account.contacts.lagging();
  for (const earlier of lagging.values()) {
    if (earlier !== undefined && keyOf(earlier, 'email') === email) return earlier;
  }
  const contact = account.contacts.find('email', email);
  return contact === undefined || lagging.has(contact.id) ? undefined : contact;
}

function byExtId(account: Account, identifier: string): Contact | undefined {
  const contact = account.contacts.find('ext_id', identifier);
  if (contact === undefined && ENCODED.test(identifier)) throw invalidParameter('Invalid ext_id');
  return contact;
}

function byPhone(account: Account, key: UniqueKey, identifier: string): Contact | undefined {
  const phone = normalPhone(identifier);
  if (phone === undefined) throw invalidParameter('Invalid phone number');
  return account.contacts.find(key, phone);
}
