import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Random } from '../../oracle/random';
import { SEED } from '../../support/seed';
import { storyOf } from '../support/asking';
import type { Harness } from '../support/harness';
import {
  continuedAsNew,
  expectAsTheOracleSays,
  runsOf,
  settled,
  startStormHarness,
  stormyContact,
  submitAll,
} from './stormy-contacts';

const SIGNALS = Math.max(200, Math.round(1_000 * Number(process.env.STORM_SCALE ?? 1)));
/** More than the test server lets into one run before it suggests a new one. */
const BLOCK = 200;
const LONGEST_HISTORY = 2_000;

describe(`${SIGNALS} messages about one contact, shuffled and doubled (seed ${SEED})`, () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startStormHarness(2);
  });
  afterAll(() => harness.close());

  it('end in Brevo as the oracle says, over new runs and worker restarts, and none is lost', async () => {
    const contact = stormyContact(new Random(SEED), SIGNALS);
    let run = '';
    for (let from = 0; from < SIGNALS; from += BLOCK) {
      const submitted = submitAll(harness, contact.messages.slice(from, from + BLOCK), 4);
      await harness.stopWorker();
      await harness.startWorker();
      await submitted;
      // The next block meets a new run.
      await continuedAsNew(harness, contact, run);
      run = (await storyOf(harness, contact.email)).runId;
    }
    await settled(harness, contact);

    await expectAsTheOracleSays(harness, contact);
    const runs = await runsOf(harness, contact);
    expect(runs.reduce((sum, { signals }) => sum + signals, 0)).toBe(SIGNALS);
    expect(runs.filter(({ signals }) => signals > 0).length).toBeGreaterThan(SIGNALS / BLOCK - 2);
    const longest = Math.max(...runs.map(({ events }) => events));
    expect(longest).toBeLessThan(LONGEST_HISTORY);
    process.stderr.write(`1 contact: ${runs.length} runs, at most ${longest} events\n`);
  }, 300_000);
});
