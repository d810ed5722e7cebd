import type { SubmitResult } from '../client';

/**
 * What may be logged of a message. Ids and field names come from callers, so only those are taken that cannot be an
 * e-mail address or the like.
 */

const PLAIN_ID = /^[A-Za-z0-9_-]{1,64}$/;
const PLAIN_FIELD = /^[A-Za-z0-9_.[\]-]{1,160}$/;

/** Ids named in one list. */
const MAX_IDS = 10;

export function loggableField(field: string): string | undefined {
  return PLAIN_FIELD.test(field) ? field : undefined;
}

interface LoggableResults {
  readonly accepted: number;
  readonly ignored: number;
  /** Of accepted events, as far as there is room: what finds them again in the log of the workers. */
  readonly eventIds?: readonly string[];
  readonly workflowIds?: readonly string[];
  /** One entry an integration and reason. */
  readonly ignoredBecause?: readonly Group[];
  /** Mapped paths that were left out of accepted events; one entry an integration and path. */
  readonly ambiguous?: readonly Group[];
}

interface Group {
  readonly integration: string;
  readonly what: string;
  readonly count: number;
  readonly eventIds: readonly string[];
  /** What the configuration can do about it. */
  readonly fix?: string;
}

export function loggableResults(results: readonly SubmitResult[]): LoggableResults {
  const ignored = results.filter((result) => result.status === 'ignored');
  const accepted = results.filter((result) => result.status === 'accepted');
  const eventIds = distinct(accepted.flatMap(({ eventId }) => (isPlain(eventId) ? [eventId] : [])));
  const ambiguous = results.flatMap((result) =>
    result.status === 'accepted' ? (result.ambiguous ?? []).map((path) => ({ ...result, what: path })) : [],
  );
  return {
    accepted: accepted.length,
    ignored: ignored.length,
    ...(eventIds.length > 0 && { eventIds }),
    ...(accepted.length > 0 && { workflowIds: distinct(accepted.map(({ workflowId }) => workflowId)) }),
    ...(ignored.length > 0 && {
      ignoredBecause: grouped(ignored.map((one) => ({ ...one, what: one.reason }))),
    }),
    ...(ambiguous.length > 0 && { ambiguous: grouped(ambiguous) }),
  };
}

function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)].slice(0, MAX_IDS);
}

function isPlain(eventId: string | null): eventId is string {
  return eventId !== null && PLAIN_ID.test(eventId);
}

type Groupable = Pick<SubmitResult, 'integration' | 'eventId'> & Pick<Group, 'what' | 'fix'>;

function grouped(results: readonly Groupable[]): Group[] {
  const groups = new Map<string, Group & { count: number; eventIds: string[] }>();
  for (const { integration, what, eventId, fix } of results) {
    const key = `${integration} ${what}`;
    const group = groups.get(key) ?? {
      integration,
      what,
      count: 0,
      eventIds: [],
      ...(fix !== undefined && { fix }),
    };
    groups.set(key, group);
    group.count += 1;
    if (isPlain(eventId) && group.eventIds.length < MAX_IDS) group.eventIds.push(eventId);
  }
  return [...groups.values()];
}

/** An unforeseen error without its message, which may repeat what was read: its name and where it came from. */
export function loggableError(error: unknown): { readonly name: string; readonly frames: readonly string[] } {
  if (!(error instanceof Error)) return { name: typeof error, frames: [] };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { name: error.name, frames: frames.map((frame) => frame.trim()) };
}
