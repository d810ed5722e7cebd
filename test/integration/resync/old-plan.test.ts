import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { DIFFERING_FILES } from '../../../resync/submit';
import { temporaryFolders } from '../../support/temporary-folder';
import type { Harness } from '../support/harness';
import {
  contactCalls,
  HOLDS,
  heldAfter,
  people,
  Run,
  startResyncHarness,
  type Told,
  writeExport,
  writes,
} from '../support/resync-runs';

// A run takes some seconds alone, and longer beside other tests.
jest.setTimeout(180_000);

const folder = temporaryFolders();
let harness: Harness;
afterEach(() => harness.close());

const HOUR_MS = 3_600_000;

/** As if the plan had been made an hour ago. */
async function makeOld({ root, run }: Run): Promise<void> {
  for (const name of DIFFERING_FILES) {
    const path = join(root, run, name);
    const text = await readFile(path, 'utf8');
    await writeFile(
      path,
      text.replace(/"seenAt":(\d+)/g, (_, at: string) => `"seenAt":${Number(at) - HOUR_MS}`),
    );
  }
}

describe('what was compared an hour before it is submitted', () => {
  it('costs a call more for twenty contacts, and is as Brevo is by now', async () => {
    harness = await startResyncHarness();
    const { simulator } = harness;
    const [root, source] = [await folder(), await folder()];
    const optOuts = people(50, { enabled: false, before: HOLDS.optIn });
    const unknown = people(20, { enabled: true });
    await writeExport(harness, source, [...optOuts, ...unknown]);
    const plan = await Run.start(harness, root, source, { planOnly: true });
    await plan.end();
    await makeOld(plan);

    // Meanwhile one was deleted, one unsubscribed, and one created.
    const [deleted, unsubscribed, created] = [optOuts[0], optOuts[1], unknown[0]] as [Told, Told, Told];
    await fetch(`${simulator.url}/contacts/${encodeURIComponent(deleted.email)}?identifierType=email_id`, {
      method: 'DELETE',
      headers: { 'api-key': 'another' },
    });
    simulator.unsubscribe({ email: unsubscribed.email });
    simulator.seedContact({ email: created.email, ...HOLDS.optIn });
    simulator.clearCalls();
    const run = await Run.start(harness, root, undefined, { planOf: plan.run });
    expect(await run.end()).toMatchObject({ state: 'completed', counts: { submitted: 70, done: 70 } });

    for (const { email, enabled } of [...optOuts, ...unknown]) {
      expect(simulator.contact({ email })).toMatchObject(heldAfter(enabled));
    }
    const looks = contactCalls(harness).filter(({ method }) => method === 'GET');
    const named = looks.filter(({ operation }) => operation === 'getContactInfo');
    // Fifty are read again in three calls; the deleted one and the created one are looked up by themselves.
    expect(looks.length - named.length).toBe(3);
    expect(named.length).toBeLessThanOrEqual(2);
    expect(writes(harness).length).toBeLessThanOrEqual(71);
  });
});
