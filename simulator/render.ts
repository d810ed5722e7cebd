import type { Account } from './account';
import type { AttributeValue, Contact } from './contact';
import { formatTime } from './formats';

/** A contact as Brevo shows it, without statistics: the shape of Brevo's API reference. */
export function toContactJson(account: Account, contact: Contact): Record<string, unknown> {
  const { switches } = account;
  return {
    id: contact.id,
    ...(contact.email === undefined ? {} : { email: contact.email }),
    emailBlacklisted: contact.emailBlacklisted,
    smsBlacklisted: contact.smsBlacklisted,
    whatsappBlacklisted: contact.whatsappBlacklisted,
    createdAt: formatTime(contact.createdAt, switches.utcOffsetMinutes),
    modifiedAt: formatTime(contact.modifiedAt, switches.utcOffsetMinutes),
    listIds: contact.listIds,
    ...unsubscribedLists(account, contact),
    attributes: attributesJson(account, contact),
    ...(switches.consentGroups === 'on' ? { consentGroups: [] } : {}),
  };
}

function unsubscribedLists(account: Account, { listUnsubscribed }: Contact): Record<string, unknown> {
  if (listUnsubscribed.length > 0) return { listUnsubscribed };
  switch (account.switches.noListUnsubscribed) {
    case 'null':
      return { listUnsubscribed: null };
    case 'empty':
      return { listUnsubscribed: [] };
    case 'absent':
      return {};
  }
}

/** EXT_ID stands inside `attributes` (inferred). */
function attributesJson(account: Account, contact: Contact): Record<string, unknown> {
  const shown = Object.entries(contact.attributes).map(([name, value]) => [
    name,
    shownValue(account, name, value),
  ]);
  const extId = account.switches.extIdInAttributes === 'shown' ? contact.extId : undefined;
  return { ...Object.fromEntries(shown), ...(extId === undefined ? {} : { EXT_ID: extId }) };
}

function shownValue(account: Account, name: string, value: AttributeValue): AttributeValue {
  const option = account.attributes.get(name)?.enumeration?.find(({ label }) => label === value);
  if (option === undefined || account.switches.categoryValue === 'label') return value;
  return account.switches.categoryValue === 'number' && /^\d+$/.test(option.id)
    ? Number(option.id)
    : option.id;
}
