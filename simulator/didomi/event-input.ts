import { z } from 'zod';
import type { Consents } from './entities';
import { badRequest } from './errors';
import { NO_CONSENTS } from './merge';

const id = z.string().min(1);
const enabled = z.boolean().nullish();
const metadata = z.record(z.string(), z.unknown());
const channel = z.looseObject({ id, enabled });
const preference = z.looseObject({ id, enabled, channels: z.array(channel).optional() });
const purpose = z.looseObject({
  id,
  enabled,
  enabled_li: enabled,
  metadata: metadata.optional(),
  values: z.record(z.string(), z.looseObject({ value: z.string() }).nullable()).optional(),
  preferences: z.array(preference).optional(),
  channels: z.array(channel).optional(),
});
const ids = z.array(id).default([]);
const vendors = z.object({ enabled: ids, disabled: ids, enabled_li: ids, disabled_li: ids });
const consents = z.object({
  channels: z.array(channel).default([]),
  purposes: z.array(purpose).default([]),
  vendors: vendors.optional(),
  tcfcs: z.string().nullable().default(null),
});

const dateTime = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), 'is no date and time')
  .transform((text) => Date.parse(text));
const status = z.enum(['confirmed', 'pending_approval']);
const delegate = metadata;
const country = z.string().length(2).nullable();

const eventUser = z.object({
  id: id.optional(),
  organization_user_id: id.optional(),
  metadata: metadata.optional(),
  country: country.optional(),
  last_seen_country: country.optional(),
});

const newEvent = z.object({
  id: id.optional(),
  created_at: dateTime.optional(),
  status: status.default('confirmed'),
  regulation: id.default('gdpr'),
  user: eventUser.default({}),
  consents: consents.default({ channels: [], purposes: [], tcfcs: null }),
  metadata: metadata.default({}),
  proofs_id: z.array(z.string()).default([]),
  domain: z.string().optional(),
  delegate: delegate.optional(),
});

/** What a PATCH may change of an event (seen in Didomi's API description). */
const eventChange = z.object({
  status: status.optional(),
  consents: consents.optional(),
  proofs_id: z.array(z.string()).optional(),
  delegate: delegate.optional(),
});

const userChange = z.object({
  organization_user_id: id.optional(),
  metadata: metadata.optional(),
  country: country.optional(),
});

/** An event as it is posted. */
export type EventInput = z.input<typeof newEvent>;
export type EventChange = z.input<typeof eventChange>;
export type UserChange = z.input<typeof userChange>;

export type NewEvent = z.output<typeof newEvent>;

export const readEvents = (input: unknown): NewEvent[] => read(z.array(newEvent).max(100), [input].flat());
export const readEventChange = (input: unknown) => read(eventChange, input);
export const readUserChange = (input: unknown) => read(userChange, input);

export function wholeConsents(said: z.output<typeof consents>): Consents {
  return { ...said, vendors: said.vendors ?? NO_CONSENTS.vendors };
}

function read<Shape extends z.ZodType>(shape: Shape, input: unknown): z.output<Shape> {
  const result = shape.safeParse(structuredClone(input));
  if (result.success) return result.data;
  throw badRequest(z.prettifyError(result.error));
}
