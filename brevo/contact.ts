import { z } from 'zod';
import type { Unsubscription } from '../consent/clearing';

/** A contact as Brevo has it, as far as we need it. */
export interface BrevoContact {
  readonly id: number;
  readonly emailBlacklisted: boolean;
  /** By upper-case name; no prototype, so a name can be anything. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly modifiedAt?: Date;
  readonly createdAt?: Date;
  /** Unsubscriptions and complaints, as far as was asked. */
  readonly unsubscriptions: readonly Unsubscription[];
}

/** Empty objects may come as `[]`, as PHP writes them. */
const emptyList = z.array(z.never()).transform((): Record<string, unknown> => ({}));

export const attributesAnswer = z.union([z.record(z.string(), z.unknown()), emptyList]);

/** The address is only there to see that it is the contact that was asked for. */
export type AnsweredContact = BrevoContact & { readonly email?: string };

/** A contact in Brevo's answer; only what we need is checked, everything else ignored. */
export const contactAnswer = z
  .object({
    id: z.number().int().positive(),
    email: z.string().nullish(),
    emailBlacklisted: z.boolean(),
    attributes: attributesAnswer.nullish(),
    createdAt: z.string().nullish(),
    modifiedAt: z.string().nullish(),
    // Nothing to tell may be told by leaving it out.
    statistics: z.unknown().optional(),
  })
  .transform(
    ({ id, email, emailBlacklisted, attributes, createdAt, modifiedAt, statistics }): AnsweredContact => {
      const created = dateOf(createdAt);
      const modified = dateOf(modifiedAt);
      return {
        id,
        ...(email && { email }),
        emailBlacklisted,
        attributes: Object.assign(Object.create(null), attributes ?? {}),
        ...(created && { createdAt: created }),
        ...(modified && { modifiedAt: modified }),
        unsubscriptions: [
          ...unsubscriptionsIn(fieldOf(statistics, 'unsubscriptions')),
          ...entriesOf(fieldOf(statistics, 'complaints'), 'complaint'),
        ],
      };
    },
  );

export function dateOf(text: string | null | undefined): Date | undefined {
  const date = text ? new Date(text) : undefined;
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
}

/** Whatever is not said to be the account's own doing counts as the person's. */
function unsubscriptionsIn(value: unknown): Unsubscription[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return entriesOf(value, 'user');
  return Object.entries(value).flatMap(([kind, list]) =>
    entriesOf(list, kind === 'adminUnsubscription' ? 'admin' : 'user'),
  );
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function valuesOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [value];
}

/** Never drops an entry: one that is not understood has no time, which counts as the latest. */
function entriesOf(list: unknown, by: Unsubscription['by']): Unsubscription[] {
  if (list === undefined || list === null) return [];
  return valuesOf(list).map((entry) => {
    const at = timeOf(fieldOf(entry, 'eventTime'));
    return { by, ...(at !== undefined && { at }) };
  });
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(?<zone>Z|[+-]\d{2}:?\d{2})?$/;
/** No zone is further behind UTC, so no reading of a time without zone is later. */
const BEHIND_UTC_MS = 12 * 3_600_000;

/** ms since 1970, or undefined when it cannot be read. */
function timeOf(text: unknown): number | undefined {
  const match = typeof text === 'string' ? DATE_TIME.exec(text) : null;
  if (match === null) return undefined;
  const zone = match.groups?.zone;
  const time = Date.parse(match[0].replace(' ', 'T') + (zone === undefined ? 'Z' : ''));
  if (Number.isNaN(time)) return undefined;
  return zone === undefined ? time + BEHIND_UTC_MS : time;
}
