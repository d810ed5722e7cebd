import { z } from 'zod';
import { BLACKLIST_FLAG, IDENTIFIER_OPTIONS, RESUBSCRIBE_OPTIONS } from '../consent/rules';
import { ON_USER_DELETED } from './config';
import { DEFAULTS } from './defaults';
import { parseDuration } from './duration';
import { oneOf, oneWord, trimmed } from './phrases';

/** Didomi's name for Brevo. */
const DIDOMI_TYPE = 'sendinblue';

/** Names of contact attributes in Brevo that are really identifiers of the contact. */
const IDENTIFIER_ATTRIBUTES: ReadonlySet<string> = new Set([
  'EMAIL',
  'SMS',
  'EXT_ID',
  'WHATSAPP',
  'LANDLINE_NUMBER',
]);

const API_KEY = 'a Brevo API key: one word, without spaces or line breaks';
const apiKey = oneWord(API_KEY).meta({
  description: `API key of the Brevo account. Keep it out of the file: "\${BREVO_API_KEY}".`,
  examples: [`\${BREVO_API_KEY}`],
});

const LIST_ID = 'the number of a Brevo list, such as 7 or "7"';
const listId = z
  .union(
    [
      z.int({ error: LIST_ID }).positive({ error: LIST_ID }),
      // At most 15 digits: always a safe integer.
      z.string({ error: LIST_ID }).regex(/^0*[1-9]\d{0,14}$/, { error: LIST_ID }),
    ],
    { error: LIST_ID },
  )
  .meta({ description: 'Brevo list for contacts that consent-sync creates; never used for other contacts.' });

const ATTRIBUTE_NAME = /^[A-Za-z0-9_]{1,200}$/;
const ATTRIBUTE = `the name of a Brevo contact attribute (letters, digits and _) or ${BLACKLIST_FLAG}`;
const attributeId = z
  .string({ error: ATTRIBUTE })
  .regex(ATTRIBUTE_NAME, { error: ATTRIBUTE })
  .superRefine((id, context) => {
    if (!IDENTIFIER_ATTRIBUTES.has(id.toUpperCase())) return;
    context.addIssue({
      code: 'custom',
      message:
        `"${id}" identifies the contact and cannot be written from a consent` +
        (id.toUpperCase() === 'EMAIL'
          ? ': writing it would also take the contact off the e-mail blacklist'
          : ''),
      params: { fix: `Map a contact attribute of your own, or ${BLACKLIST_FLAG} for the e-mail blacklist.` },
    });
  })
  .meta({
    description: `Brevo contact attribute, or ${BLACKLIST_FLAG}: true takes the contact off the e-mail blacklist, false puts it on.`,
  });

const DIDOMI_PATH = 'a Didomi path, such as "consents_purposes_newsletter_enabled"';
const WRITTEN = 'a text, a number, true or false';
const mapping = z
  .strictObject(
    {
      id: attributeId,
      value: trimmed(DIDOMI_PATH).meta({
        description: 'Didomi path whose value is written.',
        examples: [
          'consents_purposes_newsletter_enabled',
          'consents_purposes_newsletter_values_topics_value',
        ],
      }),
      write: z
        .record(
          z.string(),
          z.union(
            [z.string({ error: WRITTEN }), z.number({ error: WRITTEN }), z.boolean({ error: WRITTEN })],
            {
              error: WRITTEN,
            },
          ),
          {
            error: 'an object from Didomi values to what Brevo gets, such as {"true": "Yes", "false": "No"}',
          },
        )
        .optional()
        .meta({
          description:
            'From the Didomi value to what Brevo gets. A value that is not listed is rejected, not guessed. Without it the value itself is written.',
          examples: [{ true: 'Yes', false: 'No' }],
        }),
    },
    { error: 'an object {"id": …, "value": …}' },
  )
  .meta({ id: 'Mapping', description: 'What one Didomi value means for a Brevo contact.' });

const MAPPINGS = 'a list of at least one entry {"id": …, "value": …}';
const mappings = z.array(mapping, { error: MAPPINGS }).min(1, { error: MAPPINGS });

const LEDGER =
  'the name of a Brevo text attribute of its own (letters, digits and _), such as "CONSENT_LEDGER"';
const ledgerAttribute = z
  .string({ error: LEDGER })
  .regex(ATTRIBUTE_NAME, { error: LEDGER })
  .refine((name) => name.toUpperCase() !== BLACKLIST_FLAG && !IDENTIFIER_ATTRIBUTES.has(name.toUpperCase()), {
    error: LEDGER,
  })
  .optional()
  .meta({
    description:
      'Brevo text attribute in which each contact keeps when its consent was chosen, so that a late older event cannot win after `remember` either.',
    examples: ['CONSENT_LEDGER'],
  });

const DURATION = 'a duration of 1 second to 365 days, such as "7 days", "36 hours" or "90 seconds"';
const REGULATION = 'the id of a regulation, such as "gdpr" or "cpra"';
const REGULATIONS = 'a list of at least one regulation, such as ["gdpr"]';
const BOOLEAN = 'true or false, without quotes';
const OPTIONS = 'an object of options';

const options = z
  .strictObject(
    {
      identifier: z
        .enum(IDENTIFIER_OPTIONS, { error: oneOf(IDENTIFIER_OPTIONS) })
        .default(DEFAULTS.options.identifier)
        .meta({
          description:
            'How organization_user_id names a Brevo contact. auto: an e-mail address when it is one, else ext_id.',
        }),
      regulations: z
        .array(z.string({ error: REGULATION }).regex(/^[A-Za-z0-9_-]{1,64}$/, { error: REGULATION }), {
          error: REGULATIONS,
        })
        .min(1, { error: REGULATIONS })
        .default([...DEFAULTS.options.regulations])
        .meta({ description: 'Events of other regulations are ignored, and the answer says so.' }),
      remember: z
        .string({ error: DURATION })
        .refine((text) => parseDuration(text) !== undefined, { error: DURATION })
        .default(DEFAULTS.options.remember)
        .meta({
          description:
            "How long a contact's workflow stays open after its last event, so that a late older event cannot win.",
          examples: ['7 days', '36 hours'],
        }),
      ledger_attribute: ledgerAttribute,
      resubscribe: z
        .enum(RESUBSCRIBE_OPTIONS, { error: oneOf(RESUBSCRIBE_OPTIONS) })
        .default(DEFAULTS.options.resubscribe)
        .meta({
          description:
            'When an opt-in may take a contact off the blacklist. newer: unless Brevo knows an unsubscription or complaint at or after the choice.',
        }),
      dry_run: z
        .boolean({ error: BOOLEAN })
        .default(DEFAULTS.options.dryRun)
        .meta({ description: 'Look up and decide, but write nothing to Brevo.' }),
      on_user_deleted: z
        .enum(ON_USER_DELETED, { error: oneOf(ON_USER_DELETED) })
        .default(DEFAULTS.options.onUserDeleted)
        .meta({
          description:
            'What a user deleted in Didomi means here. forget: what Temporal holds of the contact is deleted, once what it owes Brevo is written. Brevo itself is left as it is.',
        }),
    },
    { error: OPTIONS },
  )
  .prefault({})
  .meta({ id: 'Options', description: 'What consent-sync adds to the integration that Didomi documents.' });

const upsertMode = z
  .boolean({ error: BOOLEAN })
  .default(DEFAULTS.upsertMode)
  .meta({ description: 'true: a contact that Brevo does not know is created. false: it is skipped.' });

/** Keys of the form that Didomi documents. */
export const CLASSIC = {
  upsert_mode: upsertMode,
  config: z.strictObject(
    { api_key: apiKey, list_id: listId.optional(), properties: mappings },
    { error: 'an object with "api_key" and "properties"' },
  ),
  options,
};

/** Keys of Didomi's newer form. */
export const NEWER = {
  type_id: z
    .literal(DIDOMI_TYPE, { error: `"${DIDOMI_TYPE}", the only kind of integration that consent-sync knows` })
    .meta({ description: "Didomi's name for Brevo." }),
  authentication: z.strictObject({ private_api_key: apiKey }, { error: 'an object with "private_api_key"' }),
  properties: z
    .strictObject({ list_id: listId.optional() }, { error: 'an object such as {"list_id": "7"}' })
    .prefault({}),
  mappings,
  upsert_mode: upsertMode,
  options,
};
