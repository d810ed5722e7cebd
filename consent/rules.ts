/** What one integration wants done: the part of its configuration that holds no secret. */

/** The id in a mapping that stands for Brevo's e-mail blacklist and not for an attribute (Didomi's Sendinblue page). */
export const BLACKLIST_FLAG = 'EMAIL_CAMPAIGNS_SUBSCRIBED';

export const IDENTIFIER_OPTIONS = ['auto', 'email', 'ext_id', 'phone', 'contact_id'] as const;
export type IdentifierOption = (typeof IDENTIFIER_OPTIONS)[number];

export const RESUBSCRIBE_OPTIONS = ['newer', 'always', 'never'] as const;
export type ResubscribeOption = (typeof RESUBSCRIBE_OPTIONS)[number];

/** One entry of Didomi's `properties` (newer form: `mappings`). */
export interface Mapping {
  /** Brevo attribute, or {@link BLACKLIST_FLAG}. */
  readonly id: string;
  /** Didomi path, for example `consents_purposes_newsletter_enabled`. */
  readonly value: string;
  /** From the Didomi value, written as text, to what Brevo gets. Absent: the value itself. */
  readonly write?: Readonly<Record<string, string | number | boolean>>;
}

export interface Rules {
  readonly integration: string;
  /** Create contacts that Brevo does not know. */
  readonly upsertMode: boolean;
  /** List for contacts that we create; never used for others. */
  readonly listId?: number;
  readonly mappings: readonly Mapping[];
  readonly identifier: IdentifierOption;
  /** Lower-case ids; events of other regulations are ignored. */
  readonly regulations: readonly string[];
  readonly rememberMs: number;
  /** Brevo text attribute that keeps the merge state, upper-case; absent: nothing is known once `remember` is over. */
  readonly ledgerAttribute?: string;
  readonly resubscribe: ResubscribeOption;
  readonly dryRun: boolean;
}
