import type { Client } from '@temporalio/client';
import type { ConsentSyncClient, ContactStory } from '../../client';
import { runsOf } from '../support/runs';
import { pause } from './pause';

/** Asked at once. */
const LANES = 8;
/** Between two questions about one contact, in ms. */
const AGAIN_MS = 1_000;

/** Every event of the contact has its outcome, and nothing waits for Brevo's account. */
export function isSettled({ events, held, incomplete }: ContactStory): boolean {
  if (incomplete !== undefined || held !== undefined) return false;
  return events.every(({ outcome }) => outcome !== undefined && outcome !== 'held');
}

export interface Settled {
  /** By workflow id. */
  readonly stories: ReadonlyMap<string, ContactStory>;
  /** Workflow ids, with what is known of them. */
  readonly stuck: ReadonlyMap<string, string>;
  /** For each workflow in turn, ms until it was seen to be settled. */
  readonly times: readonly number[];
}

/**
 * Waits until all workflows have settled.
 *
 * @param tell told how many have not, now and then
 */
export async function untilSettled(
  client: ConsentSyncClient,
  workflowIds: readonly string[],
  deadlineMs: number,
  tell: (message: string) => void,
): Promise<Settled> {
  const begun = Date.now();
  const stories = new Map<string, ContactStory>();
  const stuck = new Map<string, string>();
  const times: number[] = [];
  let left = [...workflowIds];
  let toldAt = begun;
  while (left.length > 0) {
    stuck.clear();
    const round = [...left];
    left = [];
    const lane = async () => {
      for (let id = round.shift(); id !== undefined; id = round.shift()) {
        const story = await client
          .trace(id)
          .then(([found]) => found)
          .catch(() => undefined);
        if (story && isSettled(story)) {
          stories.set(id, story);
          times.push(Date.now() - begun);
        } else {
          left.push(id);
          stuck.set(id, describe(story));
        }
        if (Date.now() - toldAt > 10_000) {
          toldAt = Date.now();
          tell(
            `${workflowIds.length - stories.size} of ${workflowIds.length} workflows have not settled yet`,
          );
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    if (left.length > 0 && Date.now() - begun > deadlineMs) break;
    if (left.length > 0) await pause(AGAIN_MS);
  }
  return { stories, stuck, times };
}

function describe(story: ContactStory | undefined): string {
  if (!story) return 'there is no such workflow';
  if (story.incomplete !== undefined) return story.incomplete;
  if (story.held) return `held since ${story.held.since}: ${story.held.reason}`;
  const open = story.events.filter(({ outcome }) => outcome === undefined || outcome === 'held').length;
  const last = story.calls.at(-1);
  return `${open} of ${story.events.length} events are open; last call: ${last ? `${last.activity} at ${last.at}, ${last.result}` : 'none'}`;
}

export interface Histories {
  readonly runs: number;
  /** Events of the longest, and signals of all. */
  readonly longest: number;
  readonly events: number;
  /** By workflow id. */
  readonly signals: ReadonlyMap<string, number>;
  /** What a workflow should never come to. */
  readonly failures: readonly string[];
}

/** From so many events on Temporal warns of a history; at five times as many it ends the workflow. */
const LONG_HISTORY = 10_240;

/** Reads what Temporal kept of all workflows. */
export async function readHistories(client: Client, workflowIds: readonly string[]): Promise<Histories> {
  const signals = new Map<string, number>();
  const failures: string[] = [];
  let [runs, longest, all] = [0, 0, 0];
  const queue = [...workflowIds];
  const lane = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      const { status } = await client.workflow.getHandle(id).describe();
      if (status.name !== 'RUNNING' && status.name !== 'COMPLETED') failures.push(`${id}: ${status.name}`);
      for (const { events } of await runsOf(client, id)) {
        const list = events ?? [];
        runs += 1;
        all += list.length;
        longest = Math.max(longest, list.length);
        if (list.length > LONG_HISTORY) failures.push(`${id}: a history of ${list.length} events`);
        const came = list.filter((event) => event.workflowExecutionSignaledEventAttributes).length;
        signals.set(id, (signals.get(id) ?? 0) + came);
        for (const { workflowTaskFailedEventAttributes: failed } of list) {
          if (failed)
            failures.push(`${id}: a workflow task failed: ${failed.failure?.message ?? failed.cause}`);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { runs, longest, events: all, signals, failures };
}
