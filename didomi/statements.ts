import { ConsentPaths, type PathLookup } from '../consent/paths';
import {
  type Choice,
  type ConsentValue,
  isOptOut,
  type Statement,
  type Subject,
  toSeconds,
} from '../consent/statement';
import type { DeletionMessage, DidomiMessage } from './message';
import { revisionOf } from './message';
import { DidomiMessageError } from './message-error';
import type { DidomiEvent, DidomiUser, EarlierEvent, EarlierUser } from './schema';

/** What a message says about the mapped paths. */
export interface Reading {
  readonly statements: readonly Statement[];
  /** Mapped paths that two places of the record answer differently; nothing is taken from them. */
  readonly ambiguous: readonly string[];
  /** Something was left out because its time lies ahead of our clock. */
  readonly future: boolean;
}

export type MessageWithConsents = Exclude<DidomiMessage, DeletionMessage>;

/** A clock may be ahead of ours by this much before its times are not believed. */
const TOLERATED_CLOCK_LEAD_MS = 5 * 60 * 1000;

/**
 * What a message means: choices and snapshots of the mapped paths, and choices taken back.
 *
 * @param receivedAt ms since 1970, when the message reached us
 */
export function readStatements(
  message: MessageWithConsents,
  paths: readonly string[],
  receivedAt: number,
): Reading {
  switch (message.type) {
    case 'event.created':
      return readCreatedEvent(message, paths, receivedAt);
    case 'event.updated':
      return readUpdatedEvent(message, paths, receivedAt);
    case 'user.created':
    case 'user.updated':
      return readUserRecord(message, paths, receivedAt);
  }
}

function readCreatedEvent(
  { event, regulation }: Extract<DidomiMessage, { type: 'event.created' }>,
  paths: readonly string[],
  receivedAt: number,
): Reading {
  const reading = new ReadingBuilder(event.created_at, receivedAt);
  const subject = subjectOfEvent(event, regulation);
  const known = notAhead(event.updated_at ?? receivedAt, receivedAt);
  const record = recordOfEvent(event);
  for (const path of paths) {
    const value = reading.valueAt(record, path);
    if (value === undefined) continue;
    reading.choice({ ...subject, path }, { value, at: event.created_at, known, eventId: event.id });
  }
  return reading.done();
}

/**
 * A patch dates anew just what it changed, so that one that alters only proofs or the delegate cannot make an
 * old opt-in look new. Without the old entity it is not known what changed: then opt-outs are dated anew.
 */
function readUpdatedEvent(
  { event, old, regulation }: Extract<DidomiMessage, { type: 'event.updated' }>,
  paths: readonly string[],
  receivedAt: number,
): Reading {
  const reading = new ReadingBuilder(event.created_at, receivedAt);
  const subject = subjectOfEvent(event, regulation);
  const known = notAhead(event.updated_at ?? receivedAt, receivedAt);
  const oldRecord = old && (old.consents || !counts(old)) ? recordOfEvent(old) : undefined;
  const oldCounted = old !== undefined && counts(old);
  const record = recordOfEvent(event);
  for (const path of paths) {
    const before = oldRecord && oldCounted ? oldRecord.lookUp(path) : undefined;
    const value = counts(event) ? reading.valueAt(record, path) : undefined;
    if (value !== undefined) {
      const changed = oldRecord ? isChange(before, value) : isOptOut(value);
      const at = changed ? patchedAt(event, value, known) : event.created_at;
      reading.choice({ ...subject, path }, { value, at, known, eventId: event.id });
    } else if (before?.found === 'value' && tookBack(event, record, path, before.value)) {
      reading.retraction({ ...subject, path }, event.id, known);
    }
  }
  return reading.done();
}

/**
 * When what a patch said took effect, in ms. An opt-out is never dated before its own event: where the clock that dated
 * the event was a little ahead, it would lose to what it replaced.
 */
function patchedAt(event: DidomiEvent, value: ConsentValue, known: number): number {
  if (isOptOut(value)) return Math.max(known, event.created_at);
  return event.updated_at === undefined ? event.created_at : known;
}

/** A full record is a snapshot; what it changed against the old one is a choice too. */
function readUserRecord(
  message: Extract<DidomiMessage, { type: 'user.created' | 'user.updated' }>,
  paths: readonly string[],
  receivedAt: number,
): Reading {
  const { user, regulation } = message;
  const source = message.type === 'user.updated' ? message.source : undefined;
  const reading = new ReadingBuilder(source?.created_at, receivedAt);
  const updatedAt = notAhead(user.updated_at, receivedAt);
  const record = recordOfUser(user);
  const change = message.type === 'user.updated' ? changeOf(message, updatedAt) : undefined;
  for (const path of paths) {
    const value = reading.valueAt(record, path);
    if (value === undefined) continue;
    const subject = { regulation, user: user.id, path };
    if (change && isChange(change.before.lookUp(path), value)) {
      reading.choice(subject, { value, at: change.at, known: updatedAt, eventId: change.eventId });
    }
    reading.snapshot(subject, value, updatedAt);
  }
  return reading.done();
}

interface UserChange {
  readonly before: ConsentPaths;
  readonly at: number;
  readonly eventId: string;
}

function changeOf(
  { user, old, source }: Extract<DidomiMessage, { type: 'user.updated' }>,
  updatedAt: number,
): UserChange | undefined {
  if (!old?.consents) return undefined;
  const before = recordOfUser(old);
  if (source?.id !== undefined && source.created_at !== undefined) {
    return { before, at: source.created_at, eventId: source.id };
  }
  return { before, at: updatedAt, eventId: revisionOf(user) };
}

/** Only confirmed events count; one that waits for its double opt-in has not happened yet. */
export function counts(event: { status: string }): boolean {
  return event.status === 'confirmed';
}

/** Where the old record answered in two ways it is not known what changed: only an opt-out counts as new. */
function isChange(before: PathLookup | undefined, value: ConsentValue): boolean {
  if (before?.found === 'ambiguous') return isOptOut(value);
  return before?.found !== 'value' || before.value !== value;
}

/**
 * Whether an event no longer says what it had said: it waits for approval again, or the value is gone. One that
 * comes without any consents may be incomplete, and does not take an opt-out back.
 */
function tookBack(event: DidomiEvent, record: ConsentPaths, path: string, value: ConsentValue): boolean {
  if (!counts(event)) return true;
  if (!event.consents && isOptOut(value)) return false;
  return record.lookUp(path).found === 'nothing';
}

function subjectOfEvent(event: DidomiEvent, regulation: string): Omit<Subject, 'path'> {
  return { regulation, user: event.user?.id ?? '' };
}

/** An event seen as the user it is about: the paths of a mapping begin at the user. */
function recordOfEvent({ user, consents }: DidomiEvent | EarlierEvent): ConsentPaths {
  return recordOfUser({ ...user, consents });
}

function recordOfUser(
  user: {
    [Field in 'organization_user_id' | 'country' | 'last_seen_country' | 'metadata' | 'consents']?:
      | (DidomiUser & EarlierUser)[Field]
      | undefined;
  },
): ConsentPaths {
  const { organization_user_id, country, last_seen_country, metadata, consents } = user;
  return new ConsentPaths({ organization_user_id, country, last_seen_country, metadata, consents });
}

function isAhead(time: number, receivedAt: number): boolean {
  return time > receivedAt + TOLERATED_CLOCK_LEAD_MS;
}

function notAhead(time: number, receivedAt: number): number {
  return isAhead(time, receivedAt) ? receivedAt : time;
}

/** Longer than any answer, and short enough that many fit into one workflow. */
const MAX_VALUE_LENGTH = 4_000;

function requireReasonableLength(path: string, value: ConsentValue): void {
  if (typeof value !== 'string' || value.length <= MAX_VALUE_LENGTH) return;
  throw new DidomiMessageError(path, `has a value of more than ${MAX_VALUE_LENGTH} characters`);
}

/**
 * Gathers statements. When a message is dated ahead of our clock, its opt-outs count as of receipt and nothing
 * else in it counts.
 */
class ReadingBuilder {
  private readonly statements: Statement[] = [];
  private readonly ambiguous = new Set<string>();
  private readonly ahead: boolean;
  private future = false;

  /** Times in ms. `messageTime`: when what the message tells of happened; undefined when it does not say. */
  constructor(
    messageTime: number | undefined,
    private readonly receivedAt: number,
  ) {
    this.ahead = messageTime !== undefined && isAhead(messageTime, receivedAt);
  }

  valueAt(record: ConsentPaths, path: string): ConsentValue | undefined {
    const lookup = record.lookUp(path);
    if (lookup.found === 'ambiguous') this.ambiguous.add(path);
    if (lookup.found !== 'value') return undefined;
    requireReasonableLength(path, lookup.value);
    if (this.ahead && !isOptOut(lookup.value)) {
      this.future = true;
      return undefined;
    }
    return lookup.value;
  }

  /** Times in ms. */
  choice(
    subject: Subject,
    choice: { value: ConsentValue; at: number; known: number; eventId: string },
  ): void {
    const at = notAhead(choice.at, this.receivedAt);
    const said: Choice = { ...choice, at: toSeconds(at), known: toSeconds(choice.known) };
    this.statements.push({ ...subject, choice: said });
  }

  /** `asOf` in ms. */
  snapshot(subject: Subject, value: ConsentValue, asOf: number): void {
    this.statements.push({ ...subject, snapshot: { value, asOf: toSeconds(asOf) } });
  }

  /** `known` in ms. */
  retraction(subject: Subject, eventId: string, known: number): void {
    this.statements.push({ ...subject, retraction: { eventId, known: toSeconds(known) } });
  }

  done(): Reading {
    return { statements: this.statements, ambiguous: [...this.ambiguous], future: this.future };
  }
}
