import type { AttributeValue, Contact, Statistics } from './contact';

/** A contact as the simulator holds it, with all of its statistics. Times are ISO in UTC. */
export interface SimContact {
  readonly id: number;
  readonly email?: string;
  readonly ext_id?: string;
  readonly emailBlacklisted: boolean;
  readonly smsBlacklisted: boolean;
  readonly whatsappBlacklisted: boolean;
  readonly createdAt: string;
  readonly modifiedAt: string;
  readonly listIds: readonly number[];
  readonly listUnsubscribed: readonly number[];
  /** A category by its label. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly transactions: readonly Readonly<Record<string, unknown>>[];
  readonly smtpBlacklistSender: readonly string[];
  readonly statistics: Statistics;
}

export function toSimContact({ extId, email, createdAt, modifiedAt, ...rest }: Contact): SimContact {
  return {
    ...(email === undefined ? {} : { email }),
    ...(extId === undefined ? {} : { ext_id: extId }),
    ...rest,
    createdAt: new Date(createdAt).toISOString(),
    modifiedAt: new Date(modifiedAt).toISOString(),
  };
}
