import type { Rules } from '../../consent/rules';
import { gatheredFrom, type RecordReading } from '../gathered';
import { type Interpretation, interpret } from '../interpret';
import { revisionOf } from '../message';
import { DidomiMessageError } from '../message-error';
import { DEFAULT_REGULATION, type DidomiEvent, type DidomiUser, readEvent, readUser } from '../schema';
import { counts } from '../statements';

export interface LineTimes {
  /** ms since 1970: the line is known to hold up to then. */
  readonly date: number;
  /** ms since 1970: what is dated later is ahead of our clock. */
  readonly readAt: number;
}

/**
 * What a line of Didomi's batch export says: `{"user":{…},"events":[…]}`, or a user record by itself. The user is a
 * snapshot, its confirmed events are choices. A line that is not understood in full says nothing.
 */
export function readExportLine(line: unknown, rules: Rules, times: LineTimes): RecordReading {
  try {
    const { user, events } = partsOf(line);
    const parts = [
      interpretUser(user, rules, times),
      ...events.filter(counts).map((event) => interpretEvent(event, user, rules, times)),
    ];
    return gatheredFrom(parts, times.date);
  } catch (error) {
    if (!(error instanceof DidomiMessageError)) throw error;
    return { status: 'broken', reason: error.message };
  }
}

interface Parts {
  readonly user: DidomiUser;
  readonly events: readonly DidomiEvent[];
}

function partsOf(line: unknown): Parts {
  if (typeof line !== 'object' || line === null || Array.isArray(line)) {
    throw new DidomiMessageError('line', 'must be a JSON object');
  }
  if ('type' in line && 'parameters' in line) {
    throw new DidomiMessageError('line', 'is a webhook message, and none of an export');
  }
  if (!('user' in line || 'events' in line)) return { user: readUser(line, 'user'), events: [] };
  const { user, events } = line as { user?: unknown; events?: unknown };
  return { user: readUser(user, 'user'), events: eventsOf(events) };
}

function eventsOf(events: unknown): DidomiEvent[] {
  if (events === undefined || events === null) return [];
  if (!Array.isArray(events)) throw new DidomiMessageError('events', 'must be a JSON array');
  return events.map((event: unknown, index) => readEvent(event, `events[${index}]`));
}

function interpretUser(user: DidomiUser, rules: Rules, { readAt }: LineTimes): Interpretation {
  const regulation = regulationOf(user);
  return interpret({ type: 'user.created', eventId: revisionOf(user), regulation, user }, rules, readAt);
}

/** What an event does not say of itself, the line's user does; Didomi had it when it wrote the line. */
function interpretEvent(
  event: DidomiEvent,
  user: DidomiUser,
  rules: Rules,
  times: LineTimes,
): Interpretation {
  const whole: DidomiEvent = {
    ...event,
    updated_at: event.updated_at ?? Math.max(event.created_at, times.date),
    user: {
      ...event.user,
      id: event.user?.id ?? user.id,
      organization_user_id: event.user?.organization_user_id ?? user.organization_user_id,
      country: event.user?.country,
      last_seen_country: event.user?.last_seen_country,
    },
  };
  const regulation = regulationOf({ regulation: event.regulation ?? user.regulation });
  return interpret(
    { type: 'event.created', eventId: event.id, regulation, event: whole },
    rules,
    times.readAt,
  );
}

function regulationOf({ regulation }: { readonly regulation?: string | undefined }): string {
  return (regulation ?? DEFAULT_REGULATION).toLowerCase();
}
