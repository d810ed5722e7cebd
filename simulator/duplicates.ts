import type { Account } from './account';
import type { Contact } from './contact';
import { UNIQUE_KEYS, type UniqueKey } from './contact-store';
import { ApiError, invalidParameter } from './errors';

/** The identifiers among `keys` that belong to a contact other than `own`. */
export function clashesOf(
  account: Account,
  keys: ReadonlyMap<UniqueKey, string | null>,
  own: Contact | undefined,
): UniqueKey[] {
  return UNIQUE_KEYS.filter((key) => {
    const value = keys.get(key);
    const owner = typeof value === 'string' ? account.contacts.find(key, value) : undefined;
    return owner !== undefined && owner.id !== own?.id;
  });
}

/**
 * The 400 for identifiers that belong to another contact, reported by practitioners: code duplicate_parameter, since
 * 2026-05 invalid_parameter; the identifiers in `metadata.duplicate_identifiers`; in an older wording neither.
 */
export function duplicate(
  account: Account,
  action: 'create' | 'update',
  clashes: readonly UniqueKey[],
): ApiError {
  const { duplicateCode, duplicateNames, duplicateWording } = account.switches;
  if (duplicateWording === 'already_exist') return invalidParameter('Contact already exist');
  const names = clashes.map((key) => (key === 'ext_id' ? 'EXT_ID' : key));
  const verb = clashes.length > 1 ? 'are' : 'is';
  const message = `Unable to ${action} contact, ${names.join(' or ')} ${verb} already associated with another Contact`;
  const identifiers = duplicateNames === 'documented' ? clashes : clashes.map((key) => key.toUpperCase());
  return new ApiError(400, duplicateCode, message, { duplicate_identifiers: identifiers });
}
