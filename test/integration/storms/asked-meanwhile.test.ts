import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Random } from '../../oracle/random';
import { SEED } from '../../support/seed';
import { storyOf } from '../support/asking';
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

const CONTACTS = Math.max(1, Math.round(4 * Number(process.env.STORM_SCALE ?? 1)));
const SIGNALS = 300;
const ASKING = 4;

describe(`${CONTACTS} contacts with ${SIGNALS} messages each, which are looked at all the time (seed ${SEED})`, () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startStormHarness(2);
  });
  afterAll(() => harness.close());

  // A query that finds the workflow on no worker reads signals that no workflow task has taken yet.
  it('end in Brevo as the oracle says over worker restarts, and leave histories that can be replayed', async () => {
    for (let index = 0; index < CONTACTS; index += 1) {
      const contact = stormyContact(new Random(SEED + index), SIGNALS);
      let over = false;
      const submitted = submitAll(harness, contact.messages, 2).finally(() => {
        over = true;
      });
      const asking = Array.from({ length: ASKING }, async () => {
        while (!over) await storyOf(harness, contact.email).catch(() => undefined);
      });
      while (!over) {
        await harness.stopWorker();
        await harness.startWorker();
        await progress(harness, contact, () => over);
      }
      await Promise.all([submitted, ...asking]);
      await settled(harness, contact);

      await expectAsTheOracleSays(harness, contact);
      const runs = await runsOf(harness, contact);
      expect(runs.reduce((sum, { signals }) => sum + signals, 0)).toBe(SIGNALS);
      await expectToReplay(runs);
    }
  }, 600_000);
});
