/** What Didomi says about one person: choices, snapshots, and choices taken back. */

/** Whole seconds since 1970, UTC. Consent is compared in whole seconds. */
export type Seconds = number;

export function toSeconds(milliseconds: number): Seconds {
  return Math.floor(milliseconds / 1000);
}

/** ISO 8601, UTC. */
export function toIso(seconds: Seconds): string {
  return new Date(seconds * 1000).toISOString();
}

/** `enabled` is a boolean, a preference's `value` a string; metadata may hold numbers. Missing and null say nothing. */
export type ConsentValue = boolean | string | number;

/** The person says no: `false`, or a preference in which nothing is chosen. */
export function isOptOut(value: ConsentValue): boolean {
  return value === false || value === '';
}

/** The person chose this: from an event, or from what a user.updated changed. */
export interface Choice {
  readonly value: ConsentValue;
  /** When it took effect. */
  readonly at: Seconds;
  /** Since when Didomi has it. */
  readonly known: Seconds;
  readonly eventId: string;
}

/** Didomi's record held this value then: from a full user record. */
export interface Snapshot {
  readonly value: ConsentValue;
  readonly asOf: Seconds;
}

/** What an event had said no longer counts, as far as Didomi had it by `known`. */
export interface Retraction {
  readonly eventId: string;
  readonly known: Seconds;
}

/** Didomi's record held nothing for this path then, although it was asked for. */
export interface Silence {
  readonly asOf: Seconds;
}

/** Whose value is spoken of: one Didomi path of one Didomi user under one regulation. */
export interface Subject {
  readonly regulation: string;
  readonly path: string;
  readonly user: string;
}

export type Statement = Subject &
  (
    | { readonly choice: Choice }
    | { readonly snapshot: Snapshot }
    | { readonly retraction: Retraction }
    | { readonly silence: Silence }
  );
