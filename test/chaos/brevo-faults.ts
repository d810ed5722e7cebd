import type { Fault, Simulator } from '../../simulator';
import type { Random } from '../oracle/random';
import { pause } from './pause';

/** What may befall a call, each for so many ms; what stands here twice comes twice as often. */
const KINDS: readonly [Kind, ...Kind[]] = [
  // The write is done, and its answer gets lost.
  [300, 3_000, () => ({ kind: 'dropAfterCommit', probability: 0.5 })],
  [300, 3_000, () => ({ kind: 'dropAfterCommit', match: { method: 'PUT' } })],
  [300, 2_000, () => ({ kind: 'dropAfterCommit', match: { route: 'createContact' } })],
  [300, 2_000, () => ({ kind: 'status', status: 502, afterCommit: true, probability: 0.5 })],
  [300, 3_000, () => ({ kind: 'latency', ms: [500, 6_000], phase: 'after', probability: 0.4 })],
  [300, 2_000, () => ({ kind: 'halfBody', probability: 0.5 })],
  // The write is done late.
  [300, 3_000, () => ({ kind: 'latency', ms: [500, 6_000], probability: 0.4 })],
  // Nothing is done.
  [300, 2_000, () => ({ kind: 'dropBefore', probability: 0.5 })],
  [300, 2_000, () => ({ kind: 'status', status: 429, resetSeconds: 1, probability: 0.7 })],
  [300, 3_000, () => ({ kind: 'status', status: 500, probability: 0.7 })],
  [300, 3_000, () => ({ kind: 'status', status: 503 })],
  [300, 2_000, () => ({ kind: 'status', status: 524, probability: 0.7 })],
  [300, 2_000, () => ({ kind: 'status', status: 425, probability: 0.7 })],
  [300, 2_000, () => ({ kind: 'errorInOk', probability: 0.5 })],
  [300, 2_000, () => ({ kind: 'redirect', probability: 0.5 })],
  [300, 2_000, () => ({ kind: 'hang', times: 2 })],
  // The account is closed to us.
  [300, 2_500, () => ({ kind: 'status', status: 401 })],
  [300, 2_500, () => ({ kind: 'ipBlocked' })],
  [300, 2_000, () => ({ kind: 'status', status: 403, probability: 0.5 })],
  [300, 2_000, () => ({ kind: 'status', status: 402, match: { route: 'createContact' } })],
];

type Kind = readonly [leastMs: number, mostMs: number, fault: () => Fault];

/** Between two new faults, in ms. */
const EVERY_MS = [300, 3_500] as const;

/** Answers take a while also where nothing is wrong, and a few get lost all the time. */
const ALWAYS: readonly Fault[] = [
  { kind: 'latency', ms: [1, 25] },
  { kind: 'dropAfterCommit', probability: 0.02 },
];

/** Lets a simulated Brevo misbehave in one way after the other until `over`, and in none afterwards. */
export async function misbehave(simulator: Simulator, random: Random, over: AbortSignal): Promise<void> {
  simulator.setFaults(...ALWAYS);
  while (!over.aborted) {
    const [least, most, fault] = random.pick(KINDS);
    simulator.addFaults({
      ...fault(),
      forMs: random.integer(least, most),
      seed: random.integer(1, 1_000_000),
    });
    await pause(random.integer(...EVERY_MS), over);
  }
  simulator.setFaults();
}
