import { z } from 'zod';

/**
 * What is not known of Didomi. The first value of each is the default; where two are equally likely it is the one
 * that is harder on a client.
 */
const switchesSchema = z.strictObject({
  /** Whether a user record names its regulation. */
  recordRegulation: z.enum(['absent', 'shown']),
  /** What an event.deleted tells of the event: its id and creation, or all of it. */
  deletedEvent: z.enum(['bare', 'whole']),
  /** Whether the user.updated that follows from a deleted event names that event as its source. */
  deletionSource: z.enum(['absent', 'deleted_event']),
  /** Whether the events of a deleted user are told as event.deleted too. */
  deletedUserEvents: z.enum(['silent', 'told']),
  /** Whether an event whose consents are patched counts as of the patch, or still as of its creation. */
  patchedConsents: z.enum(['updated', 'created']),
  /** Whether several Didomi users may share an organization_user_id. */
  sameOrganizationUserId: z.enum(['several_users', 'one_user']),
  /** Whether events are listed in pages, as users are. */
  eventPaging: z.enum(['cursor', 'none']),
  /** Whether /consents spends the budget of requests too. */
  consentsBudget: z.enum(['exempt', 'limited']),
  /** How a 429 says when to come back. */
  retryAfter: z.enum(['seconds', 'date', 'absent']),
});

export type DidomiSwitches = z.output<typeof switchesSchema>;

export const DEFAULT_SWITCHES: DidomiSwitches = {
  recordRegulation: 'absent',
  deletedEvent: 'bare',
  deletionSource: 'absent',
  deletedUserEvents: 'silent',
  patchedConsents: 'updated',
  sameOrganizationUserId: 'several_users',
  eventPaging: 'cursor',
  consentsBudget: 'exempt',
  retryAfter: 'seconds',
};

/** The switches with `changes` applied. Throws a plain-language error for an unknown name or value. */
export function changedSwitches(current: DidomiSwitches, changes: unknown): DidomiSwitches {
  const { data, error } = switchesSchema.partial().safeParse(changes);
  if (error) throw new Error(`Switches: ${z.prettifyError(error)}`);
  return { ...current, ...(data as Partial<DidomiSwitches>) };
}
