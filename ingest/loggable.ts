import type { SubmitResult } from '../client';

/**
 * What may be logged of a message. Ids and field names come from callers, so only those are taken that cannot be an
 * e-mail address or the like.
 */

const PLAIN_ID = /^[A-Za-z0-9_-]{1,64}$/;
const PLAIN_FIELD = /^[A-Za-z0-9_.[\]-]{1,160}$/;

/** Event ids named in one group. */
const MAX_IDS = 10;

export function loggableField(field: string): string | undefined {
  return PLAIN_FIELD.test(field) ? field : undefined;
}

interface LoggableResults {
  readonly accepted: number;
  readonly ignored: number;
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
  const ambiguous = results.flatMap((result) =>
    result.status === 'accepted' ? (result.ambiguous ?? []).map((path) => ({ ...result, what: path })) : [],
  );
  return {
    accepted: results.length - ignored.length,
    ignored: ignored.length,
    ...(ignored.length > 0 && {
      ignoredBecause: grouped(ignored.map((one) => ({ ...one, what: one.reason }))),
    }),
    ...(ambiguous.length > 0 && { ambiguous: grouped(ambiguous) }),
  };
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
    if (eventId !== null && PLAIN_ID.test(eventId) && group.eventIds.length < MAX_IDS)
      group.eventIds.push(eventId);
  }
  return [...groups.values()];
}

/** An unforeseen error without its message, which may repeat what was read: its name and where it came from. */
export function loggableError(error: unknown): { readonly name: string; readonly frames: readonly string[] } {
  if (!(error instanceof Error)) return { name: typeof error, frames: [] };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { name: error.name, frames: frames.map((frame) => frame.trim()) };
}
