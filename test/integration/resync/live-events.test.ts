import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { temporaryFolders } from '../../support/temporary-folder';
import { until } from '../../support/until';
import { eventCreated, type Harness, inSeconds } from '../support/harness';
import {
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

interface Torn extends Told {
  /** What the person chooses while the run lasts. */
  readonly chooses: boolean;
}

/** People who choose otherwise than the export says, or the same; Brevo holds either before, or nothing. */
function torn(each: number): Torn[] {
  const both = [true, false];
  const befores = [{ before: HOLDS.optIn }, { before: HOLDS.optOut }, {}];
  return both.flatMap((enabled) =>
    both.flatMap((chooses) =>
      befores.flatMap((before) =>
        people(each, { enabled, chosen: true, ...before }).map((one) => ({ ...one, chooses })),
      ),
    ),
  );
}

const held = ({ email }: Told) => harness.simulator.contact({ email });

async function choose(people: readonly Torn[]): Promise<void> {
  await harness.client.submitAndWait(people.map(({ email, chooses }) => eventCreated(email, chooses)));
}

async function prepared(told: readonly Told[], daysAgo = 1) {
  harness = await startResyncHarness();
  const [root, source] = [await folder(), await folder()];
  await writeExport(harness, source, told, { daysAgo });
  return { root, source };
}

function expectLatestChoices(told: readonly Torn[], silent: readonly Told[]): void {
  for (const one of told) expect([one, held(one)]).toMatchObject([one, heldAfter(one.chooses)]);
  for (const one of silent) expect([one, held(one)]).toMatchObject([one, heldAfter(one.enabled)]);
}

/** A run that is about to submit, and does so slowly. */
const ALMOST_NEVER = { rate: 0.001 };

describe('what people choose while a resync lasts holds, and what the export says of the others', () => {
  const silent = () => people(10, { enabled: false, before: HOLDS.optIn });

  it('when they choose before the source is read', async () => {
    const [told, others] = [torn(2), silent()];
    const { root, source } = await prepared([...told, ...others]);
    const run = await Run.start(harness, root, source, { withoutReader: true });
    await choose(told);
    await run.startReader();
    expect(await run.end()).toMatchObject({ state: 'completed' });
    expectLatestChoices(told, others);
  });

  it('when they choose after Brevo was read, and before anything was submitted', async () => {
    const [told, others] = [torn(2), silent()];
    const { root, source } = await prepared([...told, ...others]);
    const run = await Run.start(harness, root, source, ALMOST_NEVER);
    await run.until('submitting began', ({ phase }) => phase === 'submitting');
    await choose(told);
    await run.setRate(null);
    expect(await run.end()).toMatchObject({ state: 'completed' });
    expectLatestChoices(told, others);
  });

  it('when they choose while contacts are submitted', async () => {
    const [told, others] = [torn(4), silent()];
    const { root, source } = await prepared([...told, ...others]);
    const run = await Run.start(harness, root, source, { rate: 1 });
    await run.until('submitting began', ({ phase }) => phase === 'submitting');
    for (let first = 0; first < told.length; first += 12) await choose(told.slice(first, first + 12));
    await run.setRate(null);
    expect(await run.end()).toMatchObject({ state: 'completed' });
    expectLatestChoices(told, others);
  });

  it('when a plan is carried out after they chose', async () => {
    const [told, others] = [torn(2), silent()];
    const { root, source } = await prepared([...told, ...others]);
    const plan = await Run.start(harness, root, source, { planOnly: true });
    expect(await plan.end()).toMatchObject({ state: 'completed', phase: 'ended', counts: { submitted: 0 } });
    expect(writes(harness)).toEqual([]);
    await choose(told);
    const run = await Run.start(harness, root, undefined, { planOf: plan.run });
    const { state, counts } = await run.end();
    expect({ state, submitted: counts.submitted }).toEqual({
      state: 'completed',
      submitted: counts.differing,
    });
    expectLatestChoices(told, others);
    expect(await plan.leftOnDisk()).toEqual([]);
  });
});

describe('an opt-in that still waits for Brevo while a resync compares', () => {
  it('loses to a later opt-out of which only the export tells, although Brevo seems to hold that', async () => {
    const [one] = people(1, { enabled: false, chosen: true, before: HOLDS.optOut }) as [Told];
    const { root, source } = await prepared([one]);
    const aboutOne = [{ route: 'getContactInfo' }, { route: 'updateContact' }];
    harness.simulator.setFaults(
      ...aboutOne.map((match) => ({ kind: 'status', status: 403, match }) as const),
    );
    const earlier = inSeconds(-1.5 * 86_400);
    const waiting = await harness.client.submitAndWait(eventCreated(one.email, true, { at: earlier }));
    expect(waiting).toMatchObject([{ outcome: 'held' }]);
    const run = await Run.start(harness, root, source);
    await run.until('it was submitted', ({ counts }) => counts.submitted === 1);
    harness.simulator.setFaults();
    expect(await run.end()).toMatchObject({ state: 'completed', counts: { differing: 1 } });
    await until(
      'nothing waits',
      async () => (await harness.client.status(one.email))[0]?.outcome !== 'held',
      90_000,
    );
    expect(held(one)).toMatchObject(HOLDS.optOut);
  });
});

describe('an export that is older than contacts are remembered', () => {
  it('unsubscribes, and subscribes nobody', async () => {
    const optOuts = people(10, { enabled: false, chosen: true, before: HOLDS.optIn });
    const optIns = [
      ...people(10, { enabled: true, chosen: true, before: HOLDS.optOut }),
      ...people(10, { enabled: true, before: HOLDS.optOut }),
      ...people(10, { enabled: true, before: { ...HOLDS.optOut, emailBlacklisted: false } }),
    ];
    const unknown = people(10, { enabled: true });
    const { root, source } = await prepared([...optOuts, ...optIns, ...unknown], 3);
    const run = await Run.start(harness, root, source);
    const { state, counts } = await run.end();
    expect({ state, done: counts.done, guarded: counts.guarded }).toEqual({
      state: 'completed',
      done: 10,
      guarded: 40,
    });
    for (const one of optOuts) expect(held(one)).toMatchObject(HOLDS.optOut);
    for (const one of optIns) expect(held(one)).toMatchObject({ ...one.before });
    expect(unknown.map(held)).toEqual(unknown.map(() => undefined));
    const report = await run.report();
    expect(report).toHaveLength(40);
    expect(new Set(report.map(({ outcome, reason }) => `${outcome} ${reason}`))).toEqual(
      new Set(['guarded source_too_old']),
    );
  });
});

describe('a plan', () => {
  it('writes nothing, and says what carrying it out does', async () => {
    const told = [
      ...people(10, { enabled: false, before: HOLDS.optIn }),
      ...people(5, { enabled: true, chosen: true, before: HOLDS.optOut }),
      ...people(3, { enabled: true }),
      ...people(2, { enabled: true, before: HOLDS.optIn }),
    ];
    const { root, source } = await prepared(told);
    const plan = await Run.start(harness, root, source, { planOnly: true });
    const { plan: planned } = await plan.end();
    expect(planned).toMatchObject({ create: 3, update: 15, blacklist: 10, unblacklist: 5, unchanged: 2 });
    expect(writes(harness)).toEqual([]);
    // What has come to differ since is none of the plan.
    const later = people(1, { enabled: true, before: HOLDS.optIn });
    await writeExport(harness, source, later);
    harness.simulator.clearCalls();
    const { counts } = await (await Run.start(harness, root, undefined, { planOf: plan.run })).end();
    expect(counts).toMatchObject({ submitted: 18, done: 18 });
    expect(harness.simulator.calls().filter(({ operation }) => operation === 'getContacts')).toEqual([]);
    for (const one of told) expect(held(one)).toMatchObject(heldAfter(one.enabled));
  });
});
