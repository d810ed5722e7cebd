import type { Contact, Target } from '../consent/contact';
import { BLACKLIST_FLAG, type Rules } from '../consent/rules';
import type { AttributeEntry } from './attribute-directory';
import type { BrevoContact } from './contact';

/** What is read and written of a contact, by mapping id. */
export function attributesIn({ mappings, ledgerAttribute }: Rules): string[] {
  const mapped = mappings.map(({ id }) => id).filter((id) => id !== BLACKLIST_FLAG);
  return ledgerAttribute === undefined ? mapped : [...mapped, ledgerAttribute];
}

/** @param entries by mapping id */
export function targetsOf(entries: ReadonlyMap<string, AttributeEntry>): Target[] {
  return [...entries].map(([id, entry]) => ({ id, ...entry }));
}

/** A contact as far as the mapping speaks of it: nothing else of it is kept anywhere. */
export function viewOf(
  contact: Pick<BrevoContact, 'id' | 'emailBlacklisted' | 'attributes' | 'createdAt'>,
  entries: ReadonlyMap<string, AttributeEntry>,
): Contact {
  const { id, emailBlacklisted, attributes, createdAt } = contact;
  const mapped = [...entries].flatMap(([attributeId, { name }]) =>
    attributes[name] === undefined || attributes[name] === null ? [] : [[attributeId, attributes[name]]],
  );
  return {
    id,
    emailBlacklisted,
    attributes: Object.fromEntries(mapped),
    ...(createdAt && { createdAt: createdAt.getTime() }),
  };
}
