import type { ConsentState } from '../consent/consent-state';
import type { Identifier } from '../consent/identifier';

/** One contact of a source, after all that the source says of it was merged. */
export interface MergedContact {
  readonly identifier: Identifier;
  /** As Didomi spells it, where that differs from the identifier. */
  readonly organizationUserId?: string;
  readonly state: ConsentState;
  /** ms since 1970: what the source says of the contact is known to hold up to then. */
  readonly heldUpTo: number;
}
