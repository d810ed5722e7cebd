/**
 * Didomi's records as its API and its webhooks show them. Times are ISO 8601 in whole seconds, as in its samples.
 * Entities are never changed in place, so that a message may hold one as it was.
 */

/** A purpose, preference or channel: `enabled`, `values`, … of the item with this id. */
export interface Item {
  readonly id: string;
  readonly [property: string]: unknown;
}

export interface Vendors {
  readonly enabled: readonly string[];
  readonly disabled: readonly string[];
  readonly enabled_li: readonly string[];
  readonly disabled_li: readonly string[];
}

export interface Consents {
  readonly channels: readonly Item[];
  readonly purposes: readonly Item[];
  readonly vendors: Vendors;
  readonly tcfcs: string | null;
}

export type Metadata = Readonly<Record<string, unknown>>;
export type EventStatus = 'confirmed' | 'pending_approval';

/** One partial change of consent. */
export interface EventEntity {
  readonly id: string;
  readonly organization_id: string;
  /** When the consent was collected: imports lie in the past. */
  readonly created_at: string;
  readonly updated_at: string;
  readonly status: EventStatus;
  readonly regulation: string;
  readonly user: {
    readonly id: string;
    readonly organization_user_id?: string | undefined;
    readonly metadata?: Metadata | undefined;
    readonly country?: string | null | undefined;
    readonly last_seen_country?: string | null | undefined;
  };
  readonly consents: Consents;
  readonly metadata: Metadata;
  readonly proofs_id: readonly string[];
  readonly domain?: string | undefined;
  readonly delegate?: Metadata | undefined;
}

/** The merged state of one Didomi user under one regulation. */
export interface UserEntity {
  readonly id: string;
  readonly organization_id: string;
  readonly organization_user_id?: string;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly metadata: Metadata;
  readonly country: string | null;
  readonly last_seen_country: string | null;
  /** Seen in no sample of a user: shown when the switch says so. */
  readonly regulation?: string;
  readonly consents: Consents;
}

export function toIso(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`;
}
