import type { ListedContact } from '../brevo/contact-page';
import type { Contact } from '../consent/contact';
import { type Identifier, type IdentifierKind, identifierOf } from '../consent/identifier';
import type { IdentifierOption } from '../consent/rules';

/** A contact of Brevo's under one of its identifiers, as it waits on disk to be compared. */
export interface BrevoLine {
  readonly identifier: Identifier;
  /** null: asked for, and Brevo has none. */
  readonly contact: Contact | null;
  /** ms since 1970, when it was asked for. */
  readonly seenAt: number;
  /** ms since 1970, where Brevo says so: when anything of the contact was last changed there. */
  readonly modifiedAt?: number;
}

const KINDS: Readonly<Record<IdentifierOption, readonly IdentifierKind[]>> = {
  auto: ['email', 'ext_id'],
  email: ['email'],
  ext_id: ['ext_id'],
  phone: ['phone'],
  contact_id: ['contact_id'],
};

/** The identifiers under which an integration may look for a contact, spelled as it spells them. */
export function identifiersOf(contact: ListedContact, option: IdentifierOption): Identifier[] {
  return KINDS[option].flatMap((kind) => {
    const text = textOf(contact, kind);
    return (text !== undefined && identifierOf(text, kind)) || [];
  });
}

function textOf({ id, email, extId, phone }: ListedContact, kind: IdentifierKind): string | undefined {
  switch (kind) {
    case 'email':
      return email;
    case 'ext_id':
      return extId;
    case 'phone':
      return phone;
    case 'contact_id':
      return String(id);
  }
}

/** When Brevo says that the contact was last changed. */
export function modificationOf({
  modifiedAt,
}: Pick<ListedContact, 'modifiedAt'>): Pick<BrevoLine, 'modifiedAt'> {
  return modifiedAt ? { modifiedAt: modifiedAt.getTime() } : {};
}
