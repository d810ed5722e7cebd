import { z } from 'zod';
import { identifierOf } from '../../consent/identifier';
import { DidomiMessageError } from '../message-error';
import { DEFAULT_REGULATION, type DidomiEvent, type DidomiUser, readEvent, readUser } from '../schema';

/** The state of one Didomi user under one regulation. */
export interface UserRecord {
  readonly regulation: string;
  readonly user: DidomiUser;
}

/** One event, under its regulation. */
export interface EventRecord {
  readonly regulation: string;
  readonly event: DidomiEvent;
}

const listing = z.object({
  data: z.array(z.unknown()),
  cursor: z.union([z.string(), z.number().transform(String)]).nullish(),
});

/** Records as they came, and where the next page begins: null when this was the last. */
export interface Listing {
  readonly data: readonly unknown[];
  readonly cursor: string | null;
}

/** @throws DidomiMessageError when it is none */
export function readListing(body: unknown): Listing {
  const { data } = listing.safeParse(body);
  if (data === undefined) throw new DidomiMessageError('data', 'is no list of records with a cursor');
  return { data: data.data, cursor: data.cursor || null };
}

/**
 * @param at where the record stands in the answer, for error texts
 * @param asked the regulation that was asked for
 * @throws DidomiMessageError when it is not understood, or of another regulation
 */
export function readUserRecord(raw: unknown, at: string, asked: string): UserRecord {
  const user = readUser(raw, at);
  return { user, regulation: regulationOf(user, at, asked) };
}

/**
 * @param at where the record stands in the answer, for error texts
 * @param asked the regulation that was asked for, if one was
 * @throws DidomiMessageError when it is not understood, or of another regulation
 */
export function readEventRecord(raw: unknown, at: string, asked?: string): EventRecord {
  const event = readEvent(raw, at);
  return { event, regulation: regulationOf(event, at, asked) };
}

function regulationOf(record: { regulation?: string | undefined }, at: string, asked?: string): string {
  const own = record.regulation?.toLowerCase();
  if (asked !== undefined && own !== undefined && own !== asked.toLowerCase()) {
    throw new DidomiMessageError(`${at}.regulation`, 'is another than the one that was asked for');
  }
  return own ?? asked?.toLowerCase() ?? DEFAULT_REGULATION;
}

/**
 * Makes sure that a record is about whom we asked for: a filter that the API did not understand would be answered with
 * other people's consents. Spellings of one e-mail address are one person.
 *
 * @throws DidomiMessageError when it is about somebody else
 */
export function assertPerson(own: string | undefined, asked: string, field: string): void {
  assertSame(own === undefined ? undefined : nameOf(own), nameOf(asked), field);
}

/** @throws DidomiMessageError when the record is another than the one that was asked for */
export function assertSame(own: string | undefined, asked: string, field: string): void {
  if (own !== asked) throw new DidomiMessageError(field, 'is not the one that was asked for');
}

function nameOf(organizationUserId: string): string {
  return identifierOf(organizationUserId, 'auto')?.value ?? organizationUserId.trim();
}
