import type { Statement } from './statement';

/** What one Didomi message says about one contact: the part of it that is kept. */
export interface ConsentChange {
  /** Didomi's event id; for a user record without one, `<user id>@<version>`. */
  readonly eventId: string;
  /** Didomi's message type, for example `event.created`. */
  readonly type: string;
  /** ms since 1970. */
  readonly receivedAt: number;
  /** None where the change is only told: see `movedAway`. */
  readonly statements: readonly Statement[];
  /** The Didomi user stands for another contact from then on: this one is told, and left as it is. */
  readonly movedAway?: true;
  /** As Didomi spells it, where that differs from the identifier. */
  readonly organizationUserId?: string;
  /** Present where the message says that something is gone: what holds now, Didomi has to be asked. */
  readonly deletion?: Deletion;
  /** Present where, besides what it says, the message takes something back: what holds instead, Didomi has to be asked. */
  readonly readAgain?: Pick<Deletion, 'user'>;
}

/** What was deleted in Didomi. */
export interface Deletion {
  /** An event: what it said is void for ever. */
  readonly event?: string;
  /** The Didomi user that was erased, or whose event was deleted, where the message says so. */
  readonly user?: string;
}
