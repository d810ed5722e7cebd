import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Random } from '../../oracle/random';
import { SEED } from '../../support/seed';
import type { Harness } from '../support/harness';
import {
  expectAsTheOracleSays,
  runsOf,
  settled,
  startStormHarness,
  stormyContact,
  submitAll,
} from './stormy-contacts';

const scale = Number(process.env.STORM_SCALE ?? 1);
const CONTACTS = Math.max(5, Math.round(100 * scale));
const SIGNALS = 100;
const LONGEST_HISTORY = 2_000;

describe(`${SIGNALS} messages about each of ${CONTACTS} contacts, all mixed (seed ${SEED})`, () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startStormHarness(5);
  });
  afterAll(() => harness.close());

  it('end in Brevo as the oracle says, over new runs and worker restarts, and none is lost', async () => {
    const random = new Random(SEED);
    const contacts = Array.from({ length: CONTACTS }, () => stormyContact(random, SIGNALS));
    const mixed = random.shuffled(contacts.flatMap(({ messages }) => messages));
    // An outage: the first half waits for the worker, and the rest comes while it catches up and is restarted.
    await harness.stopWorker();
    await submitAll(harness, mixed.slice(0, mixed.length / 2), 32);
    await harness.startWorker();
    const submitted = submitAll(harness, mixed.slice(mixed.length / 2), 32);
    await harness.stopWorker();
    await harness.startWorker();
    await submitted;

    const histories: number[] = [];
    for (const contact of contacts) {
      await settled(harness, contact);
      await expectAsTheOracleSays(harness, contact);
      const runs = await runsOf(harness, contact);
      expect(runs.reduce((sum, { signals }) => sum + signals, 0)).toBe(SIGNALS);
      histories.push(...runs.map(({ events }) => events));
    }
    expect(Math.max(...histories)).toBeLessThan(LONGEST_HISTORY);
    process.stderr.write(
      `${CONTACTS} contacts: ${histories.length} runs, at most ${Math.max(...histories)} events\n`,
    );
  }, 600_000);
});
