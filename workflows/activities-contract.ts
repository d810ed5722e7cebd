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
  /**
   * Ends when the integration's Brevo account serves what the contact needs, or when it is the contact's turn to try;
   * retried by Temporal until then, at times that it names itself.
   */
  awaitBrevo(input: AwaitBrevoInput): Promise<Admission | undefined>;
}

/** How a contact got past the wait for a held account. */
export interface Admission {
  /** Brevo is not known to serve the account: this contact alone is to try. */
  readonly turn?: { /** ms since 1970: when its first call may be made. */ readonly from?: number };
  /** What a process that calls the account found out, for those that don't know yet. */
  readonly news?: BrevoNews;
}

/** Since when Brevo serves the account again, and which kinds of call it refuses still. */
export interface BrevoNews {
  /** ms since 1970. */
  readonly at: number;
  readonly refused: readonly string[];
}

export interface AwaitBrevoInput {
  readonly integration: string;
  /** Of the contact that waits: Brevo may be asked for it. Absent from what earlier versions asked for. */
  readonly identifier?: Identifier;
  /** The kind of call that could not be made. */
  readonly needs?: string;
  /** How often in a row Brevo itself has refused this contact. */
  readonly refusals?: number;
  /** Somebody wants it to be tried now. */
  readonly asked?: true;
}

/** What every call to Brevo may carry from the wait before it. */
interface Admitted {
  readonly gate?: Admission;
}

/** By the attributes' names in Brevo. */
export type AttributeValues = Readonly<Record<string, BrevoValue>>;

export interface LookUpInput extends Admitted {
  readonly integration: string;
  readonly identifier: Identifier;
  /** Where Brevo does not tell its attributes now, a look without their types is better than none. */
  readonly mayLackTypes?: true;
}

/** What a look tells: the contact, and the rules of the worker that looked. */
export interface Look {
  readonly contact: Contact | null;
  readonly rules: Rules;
  readonly rulesVersion: string;
  readonly targets: readonly Target[];
  /** Brevo did not tell the types: there are no targets, and nothing but the blacklist flag may be decided. */
  readonly typesUnknown?: true;
}

export interface CreateInput extends Admitted {
  readonly integration: string;
  readonly identifier: Identifier;
  readonly attributes: AttributeValues;
  readonly emailBlacklisted: boolean;
  readonly rulesVersion: string;
}

export interface CreatedContact {
  readonly contactId: number;
}

export interface UpdateInput extends Admitted {
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
  waiting: 'WaitingForBrevo',
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
  /** held: the kind of call that was refused, without what it is about. */
  readonly call?: string;
  /** held: the call was not made, because Brevo had refused another one of the account. */
  readonly notAsked?: true;
  /** createContact: ms since 1970 of the first attempt, where an earlier attempt may have created the contact. */
  readonly mayBeOursSince?: number;
}
