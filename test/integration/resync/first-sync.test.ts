import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { historyToJson } from '../../support/history-json';
import { temporaryFolders } from '../../support/temporary-folder';
import type { Harness, HarnessOptions } from '../support/harness';
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

/** Ten of each kind. */
function everyKind(): Told[] {
  return [
    ...people(10, { enabled: true, before: HOLDS.optIn }),
    ...people(10, { enabled: false, before: HOLDS.optIn }),
    ...people(10, { enabled: true, before: { ...HOLDS.optIn, attributes: { OPT_EMAIL: false } } }),
    ...people(10, { enabled: true, chosen: true, before: HOLDS.optOut }),
    ...people(10, { enabled: true }),
    ...people(10, { enabled: false }),
  ];
}

const held = ({ email }: Told) => harness.simulator.contact({ email });

async function prepared(told: readonly Told[], options: HarnessOptions = {}) {
  harness = await startResyncHarness(options);
  const [root, source] = [await folder(), await folder()];
  await writeExport(harness, source, told);
  return { root, source };
}

describe('a first sync', () => {
  it('ends with Brevo as the source says, and a second one writes nothing', async () => {
    const told = everyKind();
    const { root, source } = await prepared(told);
    const run = await Run.start(harness, root, source);
    const { state, phase, counts } = await run.end();
    expect({ state, phase }).toEqual({ state: 'completed', phase: 'ended' });
    expect(counts).toMatchObject({
      read: 60,
      broken: 0,
      compared: 60,
      differing: 50,
      submitted: 50,
      done: 50,
      skipped: 0,
      guarded: 0,
      rejected: 0,
      held: 0,
    });
    for (const one of told) expect(held(one)).toMatchObject(heldAfter(one.enabled));
    expect(await run.leftOnDisk()).toEqual([]);

    harness.simulator.clearCalls();
    const again = await (await Run.start(harness, root, source)).end();
    expect(again.counts).toMatchObject({ compared: 60, differing: 0, submitted: 0 });
    expect(contactCalls(harness).map(({ operation }) => operation)).toEqual(['getContacts', 'getContacts']);
  });

  it('looks up a few, where an account is much larger', async () => {
    const told = people(1, { enabled: false, before: HOLDS.optIn });
    const { root, source } = await prepared(told);
    const { counts, plan } = await (await Run.start(harness, root, source)).end();
    expect(plan?.way).toContain('look-ups');
    expect(counts).toMatchObject({ done: 1 });
    expect(told.map(held)).toMatchObject([HOLDS.optOut]);
  });

  it('creates nobody where the integration does not, and says so', async () => {
    const unknown = people(10, { enabled: false });
    const known = people(10, { enabled: false, before: HOLDS.optIn });
    const { root, source } = await prepared([...unknown, ...known], { integration: { upsert_mode: false } });
    const run = await Run.start(harness, root, source);
    const { counts } = await run.end();
    expect(counts).toMatchObject({ skipped: 10, done: 10 });
    expect(unknown.map(held)).toEqual(unknown.map(() => undefined));
    for (const one of known) expect(held(one)).toMatchObject(HOLDS.optOut);
    expect(await run.report()).toEqual(
      unknown.map(() => ({
        contactKey: expect.any(String),
        outcome: 'skipped',
        reason: 'unknown_to_brevo',
      })),
    );
  });

  it('keeps the choices in the ledger, and does nothing the next time', async () => {
    const told = everyKind();
    const { root, source } = await prepared(told, {
      simulator: { attributes: { CONSENT_LEDGER: 'text' } },
      options: { ledger_attribute: 'CONSENT_LEDGER' },
    });
    const { state, counts } = await (await Run.start(harness, root, source)).end();
    expect(state).toBe('completed');
    expect(counts.submitted).toBe(counts.done);
    for (const one of told) expect(held(one)).toMatchObject(heldAfter(one.enabled));
    harness.simulator.clearCalls();
    const again = await (await Run.start(harness, root, source)).end();
    expect(again.counts).toMatchObject({ compared: 60, submitted: 0 });
    expect(writes(harness)).toEqual([]);
  });

  it('asks Brevo once for those who unsubscribed there after they had opted in, and never again', async () => {
    const told = people(3, { enabled: true, chosen: true, before: HOLDS.optIn });
    const { root, source } = await prepared([...told, ...people(20, { enabled: true, before: HOLDS.optIn })]);
    for (const { email } of told) harness.simulator.unsubscribe({ email });
    const first = await (await Run.start(harness, root, source)).end();
    expect(first).toMatchObject({ counts: { guarded: 3 }, drift: { differing: 3, brevo: 3, guarded: 3 } });
    harness.simulator.clearCalls();
    const run = await Run.start(harness, root, source);
    expect(await run.end()).toMatchObject({ counts: { guarded: 3, submitted: 0 }, drift: { differing: 0 } });
    expect(contactCalls(harness).map(({ operation }) => operation)).toEqual(['getContacts', 'getContacts']);
    expect(new Set((await run.report()).map(({ reason }) => reason))).toEqual(
      new Set(['later_unsubscription']),
    );
    for (const one of told) expect(held(one)).toMatchObject({ emailBlacklisted: true });
  });

  it('counts lines that it does not understand, keeps where they stand, and names nobody in its history', async () => {
    harness = await startResyncHarness();
    const [root, source] = [await folder(), await folder()];
    const told = everyKind();
    const alsoLines = [
      { user: 'nobody' },
      { user: { id: 'x', consents: 7, organization_user_id: 'secret@example.com' } },
    ];
    await writeExport(harness, source, told, { alsoLines });
    const run = await Run.start(harness, root, source);
    const { state, counts } = await run.end();
    expect({ state, broken: counts.broken, done: counts.done }).toEqual({
      state: 'completed',
      broken: 2,
      done: 50,
    });
    expect(await run.broken()).toEqual(
      [31, 32].map((line) => ({
        file: expect.stringContaining('b.json.gz'),
        line,
        reason: expect.any(String),
      })),
    );
    const handle = harness.temporal.workflow.getHandle(run.workflowId);
    const history = historyToJson(await handle.fetchHistory());
    const decoded = JSON.stringify(history).replace(/"data":"([^"]*)"/g, (_, data: string) =>
      Buffer.from(data, 'base64').toString('utf8'),
    );
    const kept = await readFile(join(root, 'reports', run.run, 'broken.ndjson'), 'utf8');
    expect(decoded).toContain(run.run);
    for (const text of [decoded, kept, JSON.stringify(await run.status())])
      expect(text).not.toMatch(/@example\.com/i);
  });
});
