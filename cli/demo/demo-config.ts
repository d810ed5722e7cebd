/** The Brevo account and the two integrations of the demo. */

export const API_KEY = 'xkeysib-demo';
export const LIST_ID = 7;
/** As the real Brevo allows. */
export const REQUESTS_PER_SECOND = 10;

/** Attributes that the simulated account has beside its default ones. */
export const ADDED_ATTRIBUTES = { PARTNER_OFFERS: 'text' } as const;

/** A language that the account of the demo refuses, so that a refusal by Brevo itself can be seen. */
export const REFUSED_LANGUAGE = 'tlh';

/** Options of the account's attributes; what else Didomi sends cannot be written. */
export const FREQUENCIES = ['daily', 'weekly', 'never'] as const;
export const TOPICS = ['sport', 'culture', 'news', 'offers'] as const;

/** As a user would write it; one integration creates contacts, the other only knows those of Brevo. */
export const DEMO_CONFIG = {
  integrations: {
    newsletter: {
      upsert_mode: true,
      config: {
        api_key: API_KEY,
        list_id: LIST_ID,
        properties: [
          { id: 'EMAIL_NOTIFICATION', value: 'consents_purposes_newsletter_enabled' },
          { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: 'consents_purposes_newsletter_enabled' },
          { id: 'FREQUENCY', value: 'consents_purposes_newsletter_values_frequency_value' },
          { id: 'TOPICS', value: 'consents_purposes_newsletter_values_topics_value' },
          { id: 'LANGUAGE', value: 'metadata_language' },
        ],
      },
    },
    partners: {
      upsert_mode: false,
      config: {
        api_key: API_KEY,
        properties: [
          {
            id: 'PARTNER_OFFERS',
            value: 'consents_purposes_partners_enabled',
            write: { true: 'Yes', false: 'No' },
          },
        ],
      },
    },
  },
  brevo: { requests_per_second: REQUESTS_PER_SECOND },
} as const;
