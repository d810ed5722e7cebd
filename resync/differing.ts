import type { Contact, Target } from '../consent/contact';
import type { Identifier } from '../consent/identifier';
import type { Rules } from '../consent/rules';
import type { Seconds, Statement } from '../consent/statement';

/** A contact that differs, as it goes to its workflow. */
export interface Differing {
  readonly identifier: Identifier;
  /** As Didomi spells it, where that differs from the identifier. */
  readonly organizationUserId?: string;
  readonly statements: readonly Statement[];
  /** ms since 1970: the source is known to hold up to then. Absent in what an earlier version wrote. */
  readonly heldUpTo?: number;
  /** Of Brevo, as it was read: null = no such contact. Absent: not known. */
  readonly found?: {
    readonly contact: Contact | null;
    /** ms since 1970: when that was read. */
    readonly seenAt: number;
  };
  readonly clearing?: Clearing;
}

/** The opt-in for which a contact shall be taken off the blacklist. */
export interface Clearing {
  /** Of the contact in Brevo. */
  readonly id: number;
  /** When the person opted in. */
  readonly time: Seconds;
}

/** What all contacts of a run were compared by. */
export interface ComparedBy {
  readonly rules: Rules;
  readonly rulesVersion: string;
  readonly targets: readonly Target[];
}
