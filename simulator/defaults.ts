import { type AttributeDefinition, definitionOf } from './attributes';

/** At least one attribute of every type that Brevo has, with names that consent set-ups use. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  LASTNAME: 'text',
  FIRSTNAME: 'text',
  SMS: 'text',
  WHATSAPP: 'text',
  LANDLINE_NUMBER: 'text',
  EXT_ID: 'text',
  LANGUAGE: 'text',
  FREQUENCY_TEXT: 'text',
  CONSENT_LEDGER: 'text',
  OPT_EMAIL: 'boolean',
  OPT_SMS: 'boolean',
  EMAIL_NOTIFICATION: 'boolean',
  SMS_NOTIFICATION: 'boolean',
  PUSH_NOTIFICATION: 'boolean',
  NEWSLETTER: 'boolean',
  PARTNERS: 'boolean',
  SCORE: 'float',
  CONSENT_DATE: 'date',
  BIRTHDAY: 'date',
  CIVILITY: 'category:Ms,Mr,Mx',
  FREQUENCY: 'category:daily,weekly,never',
  TOPICS: 'multiple-choice:sport,culture,news,offers',
  ORDER_ID: 'id',
  ACCOUNT_MANAGER: 'user',
  BLACKLISTED: 'global',
  ORDER_COUNT: 'calculated',
};

/** Transactional attributes that are not the id of the transaction. */
const TRANSACTIONAL: readonly AttributeDefinition[] = [
  { name: 'ORDER_DATE', category: 'transactional', type: 'date' },
  { name: 'ORDER_PRICE', category: 'transactional', type: 'float' },
];

export function defaultAttributes(added: Readonly<Record<string, string>>): AttributeDefinition[] {
  const shortForms = new Map([...Object.entries(ATTRIBUTES), ...Object.entries(added)]);
  return [...[...shortForms].map(([name, form]) => definitionOf(name, form)), ...TRANSACTIONAL];
}

export interface ContactList {
  readonly id: number;
  readonly name: string;
  readonly folderId: number;
  readonly createdAt: number;
}

/** The only folder of the account. */
export const FOLDER_ID = 1;

export const DEFAULT_LISTS: readonly Omit<ContactList, 'createdAt'>[] = [
  { id: 7, name: 'Newsletter', folderId: FOLDER_ID },
  { id: 12, name: 'Customers', folderId: FOLDER_ID },
  { id: 31, name: 'Events', folderId: FOLDER_ID },
];

/** The answer of GET /account, in the shape of Brevo's API reference. */
export const ACCOUNT = {
  organization_id: '65f0c0ffee0123456789abcd',
  user_id: 9,
  enterprise: false,
  companyName: 'Acme',
  email: 'owner@example.com',
  firstName: 'Ada',
  lastName: 'Byron',
  address: { street: '1 Example Street', city: 'Paris', zipCode: '75002', country: 'France' },
  dateTimePreferences: { timezone: 'Europe/Paris', timeFormat: '24', dateFormat: 'dd-mm-yyyy' },
  plan: [{ type: 'free', credits: 300, creditsType: 'sendLimit' }],
  relay: {
    enabled: true,
    data: { userName: 'owner@example.com', relay: 'smtp-relay.example.com', port: 587 },
  },
};
