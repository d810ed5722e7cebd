import { expect } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { outcomeSinks } from '../../../worker/outcomes';
import { SLOTS } from '../../oracle/consents';
import type { Delivery, Json } from '../../oracle/delivery';
import { consistentHistory } from '../../oracle/histories';
import { withinLimits } from '../../oracle/limits';
import { inForceByOracle } from '../../oracle/oracle';
import type { Random } from '../../oracle/random';
import { until } from '../../support/until';
import { storyOf } from '../support/asking';
import { type Harness, someone, startHarness } from '../support/harness';

const PATHS = [...new Set(SLOTS.map(({ path }) => path))];
const FLAG = 'EMAIL_CAMPAIGNS_SUBSCRIBED';
const FLAG_PATH = 'consents_purposes_newsletter_enabled';
const attributeOf = (path: string): string => `STORM_${PATHS.indexOf(path)}`;

const DAY = 86_400;

/** A person, and all that Didomi sends about them. */
export interface StormyContact {
  readonly email: string;
  /** In the order of arrival. */
  readonly messages: readonly Json[];
}

/** Every path of the generated histories is mapped; workflows leave the cache all the time, and replay. */
export function startStormHarness(maxCachedWorkflows: number): Promise<Harness> {
  const attributes = Object.fromEntries(
    SLOTS.map(({ path, values }) => [attributeOf(path), typeof values[0] === 'boolean' ? 'boolean' : 'text']),
  );
  return startHarness({
    integration: {
      config: {
        api_key: 'xkeysib-storm',
        properties: [
          ...PATHS.map((path) => ({ id: attributeOf(path), value: path })),
          { id: FLAG, value: FLAG_PATH },
        ],
      },
    },
    options: { regulations: ['gdpr', 'cpra'] },
    simulator: { attributes },
    requestsPerSecond: 1000,
    workflowWorker: { maxCachedWorkflows },
  });
}

/** As many messages about one new person, shuffled and filled up with doubles. */
export function stormyContact(random: Random, signals: number): StormyContact {
  const email = someone();
  const history = consistentHistory(random, {
    acts: [signals, signals],
    slots: SLOTS.length,
    organizationUserId: email,
    begin: Math.floor(Date.now() / 1000) - 400 * DAY,
    receiptMatters: false,
  });
  const accepted = withinLimits(history.map(asReceived)).filter((one) => inForceByOracle([one]).size > 0);
  const different = random.shuffled(accepted).slice(0, signals);
  const doubles = Array.from({ length: signals - different.length }, () => random.pick(nonEmpty(different)));
  return { email, messages: random.shuffled([...different, ...doubles]).map(({ message }) => message) };
}

function nonEmpty<T>([first, ...others]: readonly T[]): [T, ...T[]] {
  if (first === undefined) throw new Error('nothing to choose from');
  return [first, ...others];
}

/** What is made of these messages does not depend on when they are received. */
function asReceived({ message }: Pick<Delivery, 'message'>): Delivery {
  return { message, receivedAt: Date.now(), paths: PATHS, regulations: ['gdpr', 'cpra'] };
}

/** Each message by itself, as a webhook brings it; `lanes` of them at once. */
export async function submitAll(harness: Harness, messages: readonly Json[], lanes: number): Promise<void> {
  const queue = [...messages];
  const lane = async () => {
    for (let message = queue.shift(); message; message = queue.shift()) {
      const results = await harness.client.submit(message);
      expect(results).toEqual([expect.objectContaining({ status: 'accepted' })]);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Nothing that was submitted waits any more. */
export async function settled(harness: Harness, { email }: StormyContact): Promise<void> {
  await until(
    'every event has its outcome',
    async () => {
      const { events, incomplete } = await storyOf(harness, email);
      return incomplete === undefined && events.every(({ outcome }) => outcome !== undefined);
    },
    240_000,
  );
}

/** The worker has got somewhere: the contact's workflow goes on in a new run, or nothing more is to come. */
export async function progress(
  harness: Harness,
  { email }: StormyContact,
  over: () => boolean,
): Promise<void> {
  const runId = async () => (await storyOf(harness, email)).runId;
  const before = await runId();
  await until('the workflow continues as new', async () => over() || (await runId()) !== before, 60_000);
}

/** Brevo holds what the oracle says, and the workflow says so too. */
export async function expectAsTheOracleSays(harness: Harness, contact: StormyContact): Promise<void> {
  const expected = inForceByOracle(contact.messages.map((message) => asReceived({ message })));
  const { inForce } = await storyOf(harness, contact.email);
  const told = inForce.filter(({ id }) => id !== FLAG).map(({ path, value, at }) => [path, value, at]);
  expect(told.sort()).toEqual(
    [...expected].map(([path, { value, at }]) => [path, value, at === undefined ? null : isoOf(at)]).sort(),
  );
  const held = harness.simulator.contact({ email: contact.email });
  const values = [...expected.keys()].map((path) => [path, held?.attributes[attributeOf(path)] ?? '']);
  expect(values).toEqual([...expected].map(([path, { value }]) => [path, value]));
  const subscribed = expected.get(FLAG_PATH)?.value;
  if (subscribed !== undefined) expect(held?.emailBlacklisted).toBe(!subscribed);
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** One run of a contact's workflow: its history, how long that is, and how many signals came in it. */
export interface Run {
  readonly workflowId: string;
  readonly history: History;
  readonly events: number;
  readonly signals: number;
}

/** All runs of a contact's workflow, from the last to the first. */
export async function runsOf(harness: Harness, { email }: StormyContact): Promise<Run[]> {
  const { workflowId } = await storyOf(harness, email);
  const { runId } = await harness.temporal.workflow.getHandle(workflowId).describe();
  return runsUpTo(harness, workflowId, runId);
}

async function runsUpTo(harness: Harness, workflowId: string, runId: string): Promise<Run[]> {
  const history = await harness.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  const events = history.events ?? [];
  const signals = events.filter((event) => event.workflowExecutionSignaledEventAttributes).length;
  const before = events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  const run = { workflowId, history, events: events.length, signals };
  return before ? [run, ...(await runsUpTo(harness, workflowId, before))] : [run];
}

/** The workflow code takes the same steps again: whatever worker goes on with these runs can do so. */
export async function expectToReplay(runs: readonly Run[]): Promise<void> {
  const workflowBundle = { codePath: process.env.TEST_WORKFLOW_BUNDLE ?? '' };
  for await (const { error } of Worker.runReplayHistories({ workflowBundle, sinks: outcomeSinks() }, runs)) {
    expect(error).toBeUndefined();
  }
}
