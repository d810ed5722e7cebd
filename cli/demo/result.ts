import type { SimContact } from '../../simulator';
import type { ConsentSyncStatus } from '../../workflows/story';
import { type Difference, differences } from './comparison';
import type { Answered } from './delivery';
import { expectedContacts } from './expectation';
import type { CallCounts } from './observation';
import type { Script } from './script';

/** Counts by a name, and within it by integration. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What a demo came to. */
export interface DemoResult {
  /** Brevo holds what it should, and everything is settled. */
  readonly ok: boolean;
  /** Webhook messages sent. */
  readonly events: number;
  /** Answers of ingestion, one a message and integration. */
  readonly accepted: number;
  readonly ignored: number;
  /** By outcome: accepted events. */
  readonly outcomes: Counts;
  /** By reason: ignored events. */
  readonly ignoredBecause: Counts;
  /** By outcome: contacts. */
  readonly contacts: Counts;
  readonly brevoCalls: CallCounts;
  readonly seconds: number;
  readonly seed: number;
  /** Workflow ids of contacts for which something is still open. */
  readonly unsettled: readonly string[];
  /** Contacts that were compared. */
  readonly compared: number;
  readonly differences: readonly Difference[];
}

interface Happened {
  readonly script: Script;
  readonly answers: readonly Answered[];
  /** By workflow id. */
  readonly stories: ReadonlyMap<string, ConsentSyncStatus>;
  readonly held: readonly SimContact[];
  readonly calls: CallCounts;
  readonly seconds: number;
}

export function resultOf({ script, answers, stories, held, calls, seconds }: Happened): DemoResult {
  const expected = expectedContacts(script);
  const found = differences(expected, held);
  const outcomes = tally(
    answers.flatMap(({ message, result }) => {
      if (result.status !== 'accepted') return [];
      const event = stories
        .get(result.workflowId)
        ?.events.find(({ eventId, type }) => eventId === result.eventId && type === message.type);
      return [[event?.outcome ?? 'unsettled', result.integration] as const];
    }),
  );
  const unsettled = [...stories].flatMap(([id, story]) => (isSettled(story) ? [] : [id]));
  const accepted = answers.filter(({ result }) => result.status === 'accepted').length;
  return {
    ok: found.length === 0 && unsettled.length === 0,
    events: script.messages,
    accepted,
    ignored: answers.length - accepted,
    outcomes,
    ignoredBecause: tally(
      answers.flatMap(({ result }) =>
        result.status === 'ignored' ? [[result.reason, result.integration] as const] : [],
      ),
    ),
    contacts: tally(
      [...stories.values()].map((story) => [story.outcome ?? 'unsettled', story.integration] as const),
    ),
    brevoCalls: calls,
    seconds,
    seed: script.seed,
    unsettled,
    compared: expected.length,
    differences: found,
  };
}

/** Nothing is held, and every event has its outcome. */
export function isSettled({ events, held }: ConsentSyncStatus): boolean {
  return held === undefined && events.every(({ outcome }) => outcome !== undefined && outcome !== 'held');
}

/** As `demo --json` prints it. */
export function asJson(result: DemoResult): object {
  const { outcomes, ignoredBecause, contacts, brevoCalls, seconds } = result;
  return {
    ...result,
    outcomes: totals(outcomes),
    ignoredBecause: totals(ignoredBecause),
    contacts: totals(contacts),
    brevoCalls: brevoCalls.all,
    seconds: Math.round(seconds),
  };
}

export function totals(counts: Counts): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts).map(([name, byIntegration]) => [name, sum(byIntegration)]),
  );
}

export function sum(byIntegration: Readonly<Record<string, number>>): number {
  return Object.values(byIntegration).reduce((all, count) => all + count, 0);
}

function tally(pairs: readonly (readonly [name: string, integration: string])[]): Counts {
  const counts: Record<string, Record<string, number>> = {};
  for (const [name, integration] of pairs) {
    const byIntegration = counts[name] ?? {};
    counts[name] = byIntegration;
    byIntegration[integration] = (byIntegration[integration] ?? 0) + 1;
  }
  return counts;
}
