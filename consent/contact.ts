import type { AttributeType } from './attribute';
import type { Seconds } from './statement';

/** A Brevo contact, as far as a mapping speaks of it. */
export interface Contact {
  readonly id: number;
  readonly emailBlacklisted: boolean;
  /** Mapped attributes by their mapping id; absent = not set. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** ms since 1970, where Brevo says so. */
  readonly createdAt?: number;
}

/** Where a mapped value goes: the attribute's own name and type in this Brevo account. */
export interface Target {
  /** Mapping id. */
  readonly id: string;
  /** As Brevo spells it. */
  readonly name: string;
  readonly type: AttributeType;
}

/** One write of ours that put the contact on the blacklist. */
export interface OwnBlacklisting {
  /** ms; the contact was last seen off the blacklist then. */
  readonly seenOffAt: number;
  /** ms; the write began and ended. Without an end nobody knows yet whether Brevo did it. */
  readonly from: number;
  readonly to?: number;
}

/** Why and since when a contact is on the blacklist. */
export interface Blacklisted {
  /** Since when that counts. */
  readonly since: Seconds;
  readonly byUs: boolean;
  /** Brevo lost the contact and we created it again: what Brevo knew of unsubscriptions is lost too. */
  readonly carried?: true;
  /** We began to create the contact on the blacklist, and nobody knows yet whether there is such a contact. */
  readonly unconfirmed?: true;
}

/** What we know of the contact's blacklist state beyond our last look. */
export interface BlacklistMemory {
  /** Latest last. */
  readonly own: readonly OwnBlacklisting[];
  /** Present while the contact is on the blacklist as far as we know. */
  readonly on?: Blacklisted;
  /** An opt-in of this time was refused already, and nothing has changed since. */
  readonly refusedOptIn?: Seconds;
  /** Clearing the blacklist began, and nobody knows yet whether Brevo did it. */
  readonly clearingBegun?: true;
}

export const NO_BLACKLIST_MEMORY: BlacklistMemory = { own: [] };
