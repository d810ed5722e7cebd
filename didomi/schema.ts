import { z } from 'zod';
import { DidomiMessageError } from './message-error';

/**
 * The parts of Didomi's records that we read; whatever else they hold is dropped here. Field names and types
 * are those of Didomi's Consents API.
 */

/** Storage default of Didomi; records and older messages need not name their regulation. */
export const DEFAULT_REGULATION = 'gdpr';

const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/** An ISO 8601 date-time, as milliseconds. Without a zone it is UTC, as in Didomi's samples. */
const dateTime = z.string().transform((text, context) => {
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`;
  const milliseconds = isDateTime(text) ? Date.parse(zoned.replace(',', '.')) : Number.NaN;
  if (!Number.isFinite(milliseconds)) {
    context.addIssue({
      code: 'custom',
      message: 'is not an ISO 8601 date and time such as 2026-03-04T09:15:02Z',
    });
    return z.NEVER;
  }
  return milliseconds;
});

/** `Date.parse` takes 30 February for 2 March, which would make a choice look newer than it is. */
function isDateTime(text: string): boolean {
  const day = text.slice(0, 'YYYY-MM-DD'.length);
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return ISO_8601.test(text) && !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
}

const optionalDateTime = dateTime.nullish().transform((value) => value ?? undefined);
const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
/** Text that decides nothing about consent: anything else in its place is as good as none. */
const looseText = z
  .string()
  .nullish()
  .catch(undefined)
  .transform((value) => value ?? undefined);
/** Ids are kept; Temporal bounds what one event may bring. */
const MAX_ID_LENGTH = 512;
const id = z.string().min(1).max(MAX_ID_LENGTH);
const enabled = z.boolean().nullish();
const free = z.record(z.string(), z.unknown()).nullish().catch(undefined);

const channel = z.object({ id, enabled, metadata: free });
const preference = z.object({ id, enabled, metadata: free, channels: z.array(channel).nullish() });
const answer = z.object({ value: z.string().nullish() });
const purpose = z.object({
  id,
  enabled,
  enabled_li: enabled,
  metadata: free,
  values: z.record(z.string(), answer.nullish()).nullish(),
  preferences: z.array(preference).nullish(),
  channels: z.array(channel).nullish(),
});
const consents = z
  .object({ channels: z.array(channel).nullish(), purposes: z.array(purpose).nullish() })
  .nullish()
  .transform((value) => value ?? undefined);

const eventUser = z.object({
  id: optionalText,
  organization_user_id: optionalText,
  country: looseText,
  last_seen_country: looseText,
  metadata: free,
});

const status = z
  .string()
  .nullish()
  .transform((value) => value ?? 'confirmed');

const eventFields = {
  id,
  updated_at: optionalDateTime,
  status,
  regulation: optionalText,
  user: eventUser.nullish().transform((value) => value ?? undefined),
  consents,
};
const event = z.object({ ...eventFields, created_at: dateTime });
const earlierEvent = z.object({ ...eventFields, id: optionalText, created_at: optionalDateTime });

const userFields = {
  id,
  organization_user_id: optionalText,
  version: z
    .number()
    .nullish()
    .catch(undefined)
    .transform((value) => value ?? undefined),
  regulation: optionalText,
  country: looseText,
  last_seen_country: looseText,
  metadata: free,
  consents,
};
const user = z.object({ ...userFields, updated_at: dateTime });
const earlierUser = z.object({ ...userFields, id: optionalText, updated_at: optionalDateTime });

const deletedEvent = z.object({
  id,
  regulation: optionalText,
  status: optionalText,
  user: eventFields.user,
});
const deletedUser = z.object({
  id,
  organization_user_id: optionalText,
  version: userFields.version,
  updated_at: looseText,
  regulation: optionalText,
  status: optionalText,
});
const source = z
  .object({ id: optionalText, created_at: optionalDateTime })
  .nullish()
  .transform((value) => value ?? undefined);

export type DidomiEvent = z.output<typeof event>;
export type EarlierEvent = z.output<typeof earlierEvent>;
export type DidomiUser = z.output<typeof user>;
export type EarlierUser = z.output<typeof earlierUser>;
export type DeletedEvent = z.output<typeof deletedEvent>;
export type DeletedUser = z.output<typeof deletedUser>;
export type Source = NonNullable<z.output<typeof source>>;

export const readEvent = reader(event);
export const readEarlierEvent = reader(earlierEvent);
export const readUser = reader(user);
export const readEarlierUser = reader(earlierUser);
export const readDeletedEvent = reader(deletedEvent);
export const readDeletedUser = reader(deletedUser);
export const readSource = reader(source);

/** Reads a part of a message, or throws DidomiMessageError that names the field below `at`. */
function reader<T extends z.ZodType>(schema: T): (value: unknown, at: string) => z.output<T> {
  return (value, at) => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw new DidomiMessageError(fieldName(at, issue?.path ?? []), problemOf(issue, value === undefined));
  };
}

function fieldName(at: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, part) => (typeof part === 'number' ? `${name}[${part}]` : `${name}.${shorten(String(part))}`),
    at,
  );
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function problemOf(issue: z.core.$ZodIssue | undefined, missing: boolean): string {
  if (missing) return 'is missing';
  if (issue?.code === 'custom') return issue.message;
  if (issue?.code === 'invalid_type') {
    return issue.message.includes('received undefined') ? 'is missing' : `must be of type ${issue.expected}`;
  }
  if (issue?.code === 'too_small') return 'must not be empty';
  if (issue?.code === 'too_big') return `must have at most ${issue.maximum} characters`;
  return 'is not what Didomi documents';
}
