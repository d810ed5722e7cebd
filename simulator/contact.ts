/** What an attribute of a contact holds. A category holds the label of its option. */
export type AttributeValue = string | number | boolean | readonly string[];

/** One event of a campaign. Seen in Brevo's API reference: `campaignId` may be null, `ip` absent. */
export interface CampaignEvent {
  readonly campaignId?: number | null | undefined;
  /** ISO date-time. */
  readonly eventTime: string;
  readonly ip?: string | undefined;
  readonly count?: number | undefined;
}

interface ClickEvent {
  readonly campaignId?: number | null | undefined;
  readonly links: readonly { count: number; eventTime: string; ip: string; url: string }[];
}

/** Campaign statistics in the shape of Brevo's API reference; all history, without a date window. */
export interface Statistics {
  readonly messagesSent?: readonly CampaignEvent[] | undefined;
  readonly delivered?: readonly CampaignEvent[] | undefined;
  readonly opened?: readonly CampaignEvent[] | undefined;
  readonly clicked?: readonly ClickEvent[] | undefined;
  readonly hardBounces?: readonly CampaignEvent[] | undefined;
  readonly softBounces?: readonly CampaignEvent[] | undefined;
  /** Spam complaints. */
  readonly complaints?: readonly CampaignEvent[] | undefined;
  readonly unsubscriptions?:
    | {
        readonly userUnsubscription: readonly CampaignEvent[];
        readonly adminUnsubscription: readonly CampaignEvent[];
      }
    | undefined;
}

/** Attributes that name one contact each, beside its id, e-mail address and ext_id. */
export const PHONE_ATTRIBUTES = ['SMS', 'WHATSAPP', 'LANDLINE_NUMBER'] as const;
export type PhoneAttribute = (typeof PHONE_ATTRIBUTES)[number];

/** A contact as the account keeps it; never changed in place. Times are milliseconds since the epoch. */
export interface Contact {
  readonly id: number;
  readonly email: string | undefined;
  readonly extId: string | undefined;
  readonly emailBlacklisted: boolean;
  readonly smsBlacklisted: boolean;
  readonly whatsappBlacklisted: boolean;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly listIds: readonly number[];
  readonly listUnsubscribed: readonly number[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Values of transactional attributes, one entry a write. */
  readonly transactions: readonly Readonly<Record<string, unknown>>[];
  readonly smtpBlacklistSender: readonly string[];
  readonly statistics: Statistics;
}
