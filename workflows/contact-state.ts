import type { Deletion } from '../consent/change';
import type { ConsentState } from '../consent/consent-state';
import type { BlacklistMemory, Contact, Target } from '../consent/contact';
import { NO_BLACKLIST_MEMORY } from '../consent/contact';
import type { GuardReason } from '../consent/decide';
import type { DeletedEvents } from '../consent/deleted-events';
import type { Erasure } from '../consent/erasure';
import type { Outcome } from '../consent/outcome';
import type { Rules } from '../consent/rules';
import type { BrevoCall, Trouble } from './story';

/** What a contact's workflow remembers, as it is carried over by continue-as-new. */
export interface CarriedState {
  consent: ConsentState;
  /** Latest last. */
  events: RecordedEvent[];
  /** Latest last. */
  calls: BrevoCall[];
  knowledge?: Knowledge;
  /** What the integration wants, as the worker said that looked last. */
  rules?: Rules;
  rulesVersion?: string;
  memory: BlacklistMemory;
  /** Numeric id of the contact that `memory` tells of. */
  memoryOf?: number;
  /** Numeric id of the contact: the identifier that survives a change of its address. */
  contactId?: number;
  /** Paths whose value in force changed since we last looked at Brevo or wrote to it. */
  unseen: string[];
  /** Brevo was looked at, or a write came to nothing, and what follows from it is not decided yet. */
  undecided?: true;
  /** Mapping ids of which a write began, and nobody knows whether Brevo did it. */
  doubtful: string[];
  /**
   * ms since 1970: when to look again, because a write in doubt may still be carried out, or because another
   * workflow may have overwritten the ledger.
   */
  recheckAt?: number;
  /** ms since 1970: until then a write in doubt may still be carried out. */
  doubtUntil?: number;
  /** What is owed, or will be looked at again, came of a resync alone. */
  bulk?: true;
  /** The ledger as last written, and how often in a row. */
  ledger?: { readonly text: string; readonly times: number };
  /** The latest outcome besides those that are told from `held`, `refused` and `guarded`. */
  latest: Outcome | null;
  held?: Trouble;
  refused: Trouble[];
  guarded?: GuardReason;
  /** Present while Didomi has to be asked what holds, because something was deleted there. */
  question?: QuestionState;
  /** Events whose choices are void for ever. */
  deletedEvents?: DeletedEvents;
  /**
   * How Didomi spells the identifier, latest last, where not always as we do; `""` stands for our own spelling.
   */
  spellings?: readonly string[];
  /** Present once the contact is to be forgotten. */
  erasure?: Erasure;
  /** ms since 1970. */
  lastEventAt: number;
}

export interface QuestionState {
  readonly owed: readonly OwedDeletion[];
  /** Didomi's API does not serve us. */
  readonly held?: Trouble;
  /** The answer keeps us waiting. */
  readonly overdue?: true;
}

/** A deletion after which Didomi has not been asked yet. */
export interface OwedDeletion extends Deletion, Omit<RecordedEvent, 'outcome'> {}

export interface RecordedEvent {
  readonly eventId: string;
  readonly eventKey: string;
  readonly type: string;
  /** ms since 1970. */
  readonly receivedAt: number;
  /** It only told that the Didomi user stands for another contact now. */
  readonly movedAway?: true;
  /** ms since 1970: it was compared with what a resync had read of Brevo then. */
  readonly comparedWith?: number;
  outcome?: Outcome;
}

/** Brevo as we last saw or left it. */
export interface Knowledge {
  readonly contact: Contact | null;
  /** ms since 1970: when the last look or write began. */
  readonly at: number;
  /** ms since 1970: when the last look began. Our writes show nothing of what others do to the blacklist. */
  readonly seenAt: number;
  readonly targets: readonly Target[];
  /** The types of the attributes are not known: nothing but the blacklist flag may be decided. */
  readonly typesUnknown?: true;
}

export function newContactState(): CarriedState {
  return {
    consent: [],
    events: [],
    calls: [],
    memory: NO_BLACKLIST_MEMORY,
    unseen: [],
    doubtful: [],
    latest: null,
    refused: [],
    lastEventAt: 0,
  };
}
