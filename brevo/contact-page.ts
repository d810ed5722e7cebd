import { z } from 'zod';
import { attributesAnswer, type BrevoContact, dateOf } from './contact';

export interface PageQuery {
  /** At most {@link MAX_PAGE}. */
  readonly limit: number;
  /** Contacts before the page, the earliest created first. */
  readonly offset: number;
  /** Names of the attributes that are kept, as Brevo spells them. */
  readonly attributes: readonly string[];
}

/** A contact in a listing. Brevo tells no statistics there. */
export interface ListedContact
  extends Pick<BrevoContact, 'id' | 'emailBlacklisted' | 'attributes' | 'createdAt' | 'modifiedAt'> {
  readonly email?: string;
  /** Brevo's reference does not say where a listing tells it; seen among the attributes. */
  readonly extId?: string;
  readonly phone?: string;
}

export interface ContactPage {
  readonly contacts: readonly ListedContact[];
  /** How many contacts the account has. */
  readonly count: number;
}

/** Most contacts of one page (Brevo's API reference). */
export const MAX_PAGE = 1000;

export interface IdsQuery {
  /** At most {@link MAX_IDS}. */
  readonly ids: readonly number[];
  /** Names of the attributes that are kept, as Brevo spells them. */
  readonly attributes: readonly string[];
}

/** Most contacts that one call may name by their ids (Brevo's own SDK). */
export const MAX_IDS = 20;

const listedAnswer = z.object({
  id: z.number().int().positive(),
  email: z.string().nullish(),
  emailBlacklisted: z.boolean(),
  attributes: attributesAnswer,
  createdAt: z.string().nullish(),
  modifiedAt: z.string().nullish(),
});

/** A page in Brevo's answer. Of each contact only what is asked for is kept: an account may have 200 attributes. */
export function pageAnswer(attributes: readonly string[]) {
  return z.object({ contacts: z.array(listedAnswer), count: z.number().int().nonnegative() }).transform(
    ({ contacts, count }): ContactPage => ({
      contacts: contacts.map((contact) => listed(contact, attributes)),
      count,
    }),
  );
}

function listed(
  { id, email, emailBlacklisted, attributes, createdAt, modifiedAt }: z.output<typeof listedAnswer>,
  kept: readonly string[],
): ListedContact {
  const extId = textOf(attributes, 'EXT_ID');
  const phone = textOf(attributes, 'SMS');
  const created = dateOf(createdAt);
  const modified = dateOf(modifiedAt);
  return {
    id,
    ...(email && { email }),
    ...(extId !== undefined && { extId }),
    ...(phone !== undefined && { phone }),
    emailBlacklisted,
    attributes: picked(attributes, kept),
    ...(created && { createdAt: created }),
    ...(modified && { modifiedAt: modified }),
  };
}

function picked(attributes: Readonly<Record<string, unknown>>, kept: readonly string[]) {
  const found = kept.flatMap((name) => (Object.hasOwn(attributes, name) ? [[name, attributes[name]]] : []));
  return Object.assign(Object.create(null), Object.fromEntries(found));
}

function textOf(attributes: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
