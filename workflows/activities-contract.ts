import type { BrevoValue } from '../consent/attribute';
import type { Contact, Target } from '../consent/contact';
import type { ClearingTerms } from '../consent/decide';
import type { Identifier } from '../consent/identifier';
import type { Rules } from '../consent/rules';
import type { Seconds } from '../consent/statement';

/**
 * What a workflow asks of Brevo. Each is one call, save clearBlacklist, which looks and writes in one attempt, and an
 * updateContact that was decided by a ledger seen long ago.
 */
export interface ContactActivities {
  lookUpContact(input: LookUpInput): Promise<Look>;
  createContact(input: CreateInput): Promise<CreatedContact>;
  updateContact(input: UpdateInput): Promise<Written>;
  clearBlacklist(input: ClearInput): Promise<Clearing & Written>;
  /** Ends when the integration's Brevo account answers again; retried by Temporal until then. */
  awaitBrevo(input: { readonly integration: string }): Promise<void>;
}

/** By the attributes' names in Brevo. */
export type AttributeValues = Readonly<Record<string, BrevoValue>>;

export interface LookUpInput {
  readonly integration: string;
  readonly identifier: Identifier;
}

/** What a look tells: the contact, and the rules of the worker that looked. */
export interface Look {
  readonly contact: Contact | null;
  readonly rules: Rules;
  readonly rulesVersion: string;
  readonly targets: readonly Target[];
}

export interface CreateInput {
  readonly integration: string;
  readonly identifier: Identifier;
  readonly attributes: AttributeValues;
  readonly emailBlacklisted: boolean;
  readonly rulesVersion: string;
}

export interface CreatedContact {
  readonly contactId: number;
}

export interface UpdateInput {
  readonly integration: string;
  /** Not sent: what must not show in a failure. */
  readonly identifier: Identifier;
  readonly contactId: number;
  /** Of the rules that this was decided by; a worker that knows others does not write. */
  readonly rulesVersion: string;
  readonly attributes: AttributeValues;
  /** true puts the contact on the blacklist; absent leaves it as it is. */
  readonly emailBlacklisted?: true;
  /** Where the integration keeps one: as it was when this was decided. What another workflow wrote since may forbid it. */
  readonly ledger?: LedgerSeen;
}

export interface LedgerSeen {
  /** As Brevo spells it. */
  readonly attribute: string;
  readonly seen: string;
  /** ms since 1970: when that was looked at. */
  readonly seenAt?: number;
}

export interface Written {
  /** An earlier attempt of this write has no known end, and Brevo may still carry it out, late. */
  readonly inDoubt?: true;
}

export interface ClearInput extends Omit<UpdateInput, 'emailBlacklisted'> {
  /** An earlier clearing may have been carried out without our hearing of it. */
  readonly begunBefore: boolean;
  readonly terms: ClearingTerms;
  /** Look, but write nothing. */
  readonly dryRun: boolean;
}

export type Clearing =
  | { readonly result: 'cleared' | 'already_clear' }
  | {
      readonly result: 'guarded';
      /** When the person unsubscribed; absent = Brevo does not say. */
      readonly unsubscribedAt?: Seconds;
      /** ms since 1970: when we put the contact back on the blacklist, which Brevo records as if the account did. */
      readonly putBack?: { readonly from: number; readonly to: number };
    };

/** Types of the Temporal failures that the activities end with. */
export const BREVO_FAILURES = {
  held: 'BrevoHeld',
  refused: 'BrevoRefused',
  duplicate: 'BrevoDuplicate',
  notFound: 'BrevoContactNotFound',
  rateLimited: 'BrevoRateLimited',
  unavailable: 'BrevoUnavailable',
  configuration: 'ConfigurationMissing',
  rulesChanged: 'RulesChanged',
  ledgerChanged: 'LedgerChanged',
} as const;

/** What such a failure carries, as its only detail; `inDoubt` with a changed ledger. */
export interface BrevoFailureDetail extends Written {
  readonly status?: number;
  readonly code?: string;
  readonly requestId?: string;
  readonly reason: string;
  /** createContact: ms since 1970 of the first attempt, where an earlier attempt may have created the contact. */
  readonly mayBeOursSince?: number;
}
