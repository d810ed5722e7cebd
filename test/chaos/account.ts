import { randomBytes } from 'node:crypto';
import { SLOTS } from '../oracle/consents';

/** The integrations of a run, and the Brevo account behind them. */

export const PATHS = [...new Set(SLOTS.map(({ path }) => path))];
export const REGULATIONS = ['gdpr', 'cpra'] as const;

export const FLAG = 'EMAIL_CAMPAIGNS_SUBSCRIBED';
export const FLAG_PATH = 'consents_purposes_newsletter_enabled';
/** Of its values the account knows only one: the others are rejected. */
export const FREQUENCY_PATH = 'consents_purposes_profiling_values_frequency_value';
export const KNOWN_FREQUENCY = 'daily';
/** Written by an integration that only knows those contacts that Brevo has. */
export const PARTNERS_PATH = 'consents_channels_email_enabled';
export const PARTNERS_ATTRIBUTE = 'CHAOS_PARTNERS';
export const LIST_ID = 7;

/** More than this machine can do: what is asked here is not how long it takes. */
const REQUESTS_PER_SECOND = 400;

export const attributeOf = (path: string): string => `CHAOS_${PATHS.indexOf(path)}`;

/** Attributes beside the simulator's own. */
export const ATTRIBUTES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    SLOTS.map(({ path, values }) => [attributeOf(path), typeof values[0] === 'boolean' ? 'boolean' : 'text']),
  ),
  [attributeOf(FREQUENCY_PATH)]: `category:${KNOWN_FREQUENCY}`,
  [PARTNERS_ATTRIBUTE]: 'text',
};

/** What no log may show. */
export interface Secrets {
  /** A part of every secret and every identifier of a run. */
  readonly marker: string;
  readonly apiKeys: readonly [string, string];
  readonly token: string;
}

export function newSecrets(): Secrets {
  const marker = `zq${randomBytes(5).toString('hex')}`;
  return {
    marker,
    apiKeys: [`xkeysib-${marker}-newsletter`, `xkeysib-${marker}-partners`],
    token: `token-${marker}`,
  };
}

export function configOf({ apiKeys, token }: Secrets): object {
  const [newsletter, partners] = apiKeys;
  return {
    integrations: {
      newsletter: {
        upsert_mode: true,
        config: {
          api_key: newsletter,
          list_id: LIST_ID,
          properties: [
            ...PATHS.map((path) => ({ id: attributeOf(path), value: path })),
            { id: FLAG, value: FLAG_PATH },
          ],
        },
        options: { regulations: REGULATIONS, remember: '1 day' },
      },
      partners: {
        upsert_mode: false,
        config: {
          api_key: partners,
          properties: [{ id: PARTNERS_ATTRIBUTE, value: PARTNERS_PATH, write: { true: 'Yes', false: 'No' } }],
        },
        options: { regulations: REGULATIONS, remember: '1 day' },
      },
    },
    ingest: { auth: { type: 'bearer', token } },
    brevo: { requests_per_second: REQUESTS_PER_SECOND },
  };
}
