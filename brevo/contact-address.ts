import type { BrevoValue } from '../consent/attribute';
import type { Identifier, IdentifierKind } from '../consent/identifier';
import { BrevoRefusedError } from './errors';
import type { CallInfo } from './failure';

export interface NewContact {
  readonly identifier: Identifier;
  readonly attributes?: Readonly<Record<string, BrevoValue>>;
  /** A new contact is not on the blacklist, so there is nothing to send for an opt-in. */
  readonly emailBlacklisted?: true;
  readonly listIds?: readonly number[];
}

const IDENTIFIER_TYPES: Readonly<Record<IdentifierKind, string>> = {
  email: 'email_id',
  ext_id: 'ext_id',
  phone: 'phone_id',
  contact_id: 'contact_id',
};

/** The identifier goes into the path encoded once, and never without its type: Brevo would guess. */
export function contactPath({ kind, value }: Identifier, call: CallInfo): string {
  // A URL cannot hold these as a part of its path: it would name what lies above.
  if (value === '.' || value === '..' || value === '' || !value.isWellFormed()) {
    throw new BrevoRefusedError(`${call.name}: this identifier cannot be put in an address.`, {
      call: call.name,
    });
  }
  return `/contacts/${encodeURIComponent(value)}?identifierType=${IDENTIFIER_TYPES[kind]}`;
}

/** How a new contact gets its identifier. */
export function identity({ identifier: { kind, value }, attributes }: NewContact): Record<string, unknown> {
  const given = attributes && Object.keys(attributes).length > 0 ? { attributes } : {};
  switch (kind) {
    case 'email':
      return { email: value, ...given };
    case 'ext_id':
      return { ext_id: value, ...given };
    case 'phone':
      return { attributes: { ...attributes, SMS: `+${value.replace(/^\+/, '')}` } };
    case 'contact_id':
      throw new TypeError('A contact cannot be created by contact id: Brevo gives the ids.');
  }
}
