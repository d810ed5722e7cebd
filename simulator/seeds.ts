import { z } from 'zod';
import type { Account } from './account';
import type { AttributeValue, Contact, Statistics } from './contact';
import { PHONE_ATTRIBUTES } from './contact';
import { keyOf, UNIQUE_KEYS } from './contact-store';
import { normalEmail, normalPhone } from './formats';
import { valueWrite } from './values';

const time = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'is no ISO time');

const event = z.strictObject({
  campaignId: z.int().nullable().optional(),
  eventTime: time,
  ip: z.string().optional(),
  count: z.int().optional(),
});

const link = z.strictObject({ count: z.int(), eventTime: time, ip: z.string(), url: z.string() });

const statistics = z.strictObject({
  messagesSent: z.array(event).optional(),
  delivered: z.array(event).optional(),
  opened: z.array(event).optional(),
  clicked: z
    .array(z.strictObject({ campaignId: z.int().nullable().optional(), links: z.array(link) }))
    .optional(),
  hardBounces: z.array(event).optional(),
  softBounces: z.array(event).optional(),
  complaints: z.array(event).optional(),
  unsubscriptions: z
    .strictObject({ userUnsubscription: z.array(event), adminUnsubscription: z.array(event) })
    .optional(),
}) satisfies z.ZodType<Statistics>;

/** A contact to put into the account as it is, past the API's rules. Times are ISO; the default is now. */
export const seedSchema = z.strictObject({
  email: z.string().optional(),
  ext_id: z.string().min(1).optional(),
  emailBlacklisted: z.boolean().optional(),
  smsBlacklisted: z.boolean().optional(),
  whatsappBlacklisted: z.boolean().optional(),
  /** Values as Brevo stores them; a category by label or id. */
  attributes: z.record(z.string(), z.unknown()).optional(),
  listIds: z.array(z.int()).optional(),
  listUnsubscribed: z.array(z.int()).optional(),
  createdAt: time.optional(),
  /** Default: as createdAt. */
  modifiedAt: time.optional(),
  statistics: statistics.optional(),
});

export type ContactSeed = z.input<typeof seedSchema>;

/** Adds the contact. Throws a plain-language error, and adds nothing, when the account could not hold it. */
export function seed(account: Account, contactSeed: ContactSeed): Contact {
  const createdAt = contactSeed.createdAt === undefined ? account.now() : Date.parse(contactSeed.createdAt);
  const draft: Omit<Contact, 'id'> = {
    email: seedEmail(contactSeed.email),
    extId: contactSeed.ext_id,
    emailBlacklisted: contactSeed.emailBlacklisted ?? false,
    smsBlacklisted: contactSeed.smsBlacklisted ?? false,
    whatsappBlacklisted: contactSeed.whatsappBlacklisted ?? false,
    createdAt,
    modifiedAt: contactSeed.modifiedAt === undefined ? createdAt : Date.parse(contactSeed.modifiedAt),
    listIds: seedLists(account, contactSeed.listIds ?? []),
    listUnsubscribed: seedLists(account, contactSeed.listUnsubscribed ?? []),
    attributes: seedAttributes(account, contactSeed.attributes ?? {}),
    transactions: [],
    smtpBlacklistSender: [],
    statistics: contactSeed.statistics ?? {},
  };
  checkKeys(account, { ...draft, id: 0 });
  const contact = { ...draft, id: account.contacts.nextId() };
  account.contacts.put(contact);
  return contact;
}

function seedEmail(email: string | undefined): string | undefined {
  if (email === undefined) return undefined;
  const normal = normalEmail(email);
  if (normal === undefined) throw new Error(`Seed: ${JSON.stringify(email)} is no e-mail address.`);
  return normal;
}

function seedLists(account: Account, ids: readonly number[]): readonly number[] {
  const missing = ids.find((id) => !account.lists.has(id));
  if (missing === undefined) return ids;
  throw new Error(`Seed: there is no list ${missing}. Lists: ${[...account.lists.keys()].join(', ')}.`);
}

function seedAttributes(
  account: Account,
  given: Readonly<Record<string, unknown>>,
): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(given)) {
    const definition = account.attributes.get(name);
    if (definition === undefined) throw new Error(`Seed: there is no attribute ${name}.`);
    if (name === 'EXT_ID') throw new Error('Seed: give ext_id beside the attributes, not EXT_ID among them.');
    const isPhone = (PHONE_ATTRIBUTES as readonly string[]).includes(name);
    const write = valueWrite(definition, isPhone ? (normalPhone(String(value)) ?? false) : value);
    if (write.kind !== 'store') {
      throw new Error(`Seed: attribute ${name} cannot hold ${JSON.stringify(value)}.`);
    }
    attributes[name] = write.value;
  }
  return attributes;
}

function checkKeys(account: Account, draft: Contact): void {
  const keys = UNIQUE_KEYS.flatMap((key) => {
    const value = keyOf(draft, key);
    return value === undefined ? [] : [{ key, value }];
  });
  if (keys.length === 0) throw new Error('Seed: a contact needs an email, an ext_id or a phone number.');
  const taken = keys.find(({ key, value }) => account.contacts.find(key, value) !== undefined);
  if (taken !== undefined) throw new Error(`Seed: another contact has the ${taken.key} ${taken.value}.`);
}
