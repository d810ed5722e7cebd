import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Random } from '../../oracle/random';
import { SEED } from '../../support/seed';
import type { Harness } from '../support/harness';
import {
  expectAsTheOracleSays,
  expectToReplay,
  progress,
  runsOf,
  settled,
  startStormHarness,
  stormyContact,
  submitAll,
} from './stormy-contacts';

const SIGNALS = Math.max(200, Math.round(1_000 * Number(process.env.STORM_SCALE ?? 1)));
/** As many events into one run's history, and the test server suggests a new run. */
const SUGGESTED_HISTORY = 150;
const LONGEST_HISTORY = 2_000;

describe(`${SIGNALS} messages about one contact, shuffled and doubled (seed ${SEED})`, () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startStormHarness(2);
  });
  afterAll(() => harness.close());

  it('end in Brevo as the oracle says, over new runs and worker restarts, while they come without a pause, and none is lost', async () => {
    const contact = stormyContact(new Random(SEED), SIGNALS);
    let over = false;
    const submitted = submitAll(harness, contact.messages, 2).finally(() => {
      over = true;
    });
    while (!over) {
      await harness.stopWorker();
      await harness.startWorker();
      await progress(harness, contact, () => over);
    }
    await submitted;
    await settled(harness, contact);

    await expectAsTheOracleSays(harness, contact);
    const runs = await runsOf(harness, contact);
    expect(runs.reduce((sum, { signals }) => sum + signals, 0)).toBe(SIGNALS);
    expect(runs.length).toBeGreaterThanOrEqual(SIGNALS / SUGGESTED_HISTORY / 4);
    const longest = Math.max(...runs.map(({ events }) => events));
    expect(longest).toBeLessThan(LONGEST_HISTORY);
    await expectToReplay(runs);
    process.stderr.write(`1 contact: ${runs.length} runs, at most ${longest} events\n`);
  }, 600_000);
});
