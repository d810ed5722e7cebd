import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { temporaryFolders } from '../../support/temporary-folder';
import { until } from '../../support/until';
import { eventCreated, type Harness, someone } from '../support/harness';
import {
  HOLDS,
  people,
  Run,
  type RunOptions,
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

const WITHDRAWALS = 40;

/** Many withdrawals that Brevo does not know. */
async function prepared() {
  harness = await startResyncHarness();
  const [root, source] = [await folder(), await folder()];
  const told = people(WITHDRAWALS, { enabled: false, before: HOLDS.optIn });
  await writeExport(harness, source, told);
  const start = (options?: RunOptions) => Run.start(harness, root, source, options);
  return { root, source, told, start };
}

function expectAllWithdrawn(told: readonly Told[]): void {
  for (const { email } of told) expect(harness.simulator.contact({ email })).toMatchObject(HOLDS.optOut);
}

const written = (count: number) =>
  until(`${count} contacts are written`, () => writes(harness).length >= count, 60_000);

describe('a resync that is under way', () => {
  it('writes nothing while it is paused, and goes on where it was', async () => {
    const { told, start } = await prepared();
    const run = await start({ rate: 2 });
    await written(3);
    await run.command('pause');
    await run.untilIdle();
    const before = writes(harness).length;
    expect(before).toBeLessThan(WITHDRAWALS);
    await run.setRate(null);
    await harness.client.submitAndWait(eventCreated(someone(), true));
    expect(await run.status()).toMatchObject({ state: 'paused', counts: { submitted: before } });
    expect(writes(harness)).toHaveLength(before + 1);
    await run.command('resume');
    expect(await run.end()).toMatchObject({
      state: 'completed',
      counts: { submitted: WITHDRAWALS, done: WITHDRAWALS },
    });
    expect(writes(harness)).toHaveLength(WITHDRAWALS + 1);
    expectAllWithdrawn(told);
  });

  it('ends when it is cancelled, leaves nothing on disk, and takes no orders after that', async () => {
    const { start } = await prepared();
    const run = await start({ rate: 2 });
    await written(3);
    await run.command('cancel');
    const { state, counts } = await run.end();
    expect(state).toBe('cancelled');
    expect(counts.submitted).toBe(writes(harness).length);
    expect(counts.submitted).toBeLessThan(WITHDRAWALS);
    expect(await run.leftOnDisk()).toEqual([]);
    for (const command of ['pause', 'resume', 'cancel'] as const)
      await expect(run.command(command)).rejects.toThrow();
    await expect(run.setRate(5)).rejects.toThrow();
  });

  it('can be cancelled while nothing reads for it', async () => {
    const { start } = await prepared();
    const run = await start({ withoutReader: true });
    const doing = async () => {
      const { raw } = await harness.temporal.workflow.getHandle(run.workflowId).describe();
      return raw.pendingActivities?.map(({ activityType }) => activityType?.name).join();
    };
    await until('it looks for another run', async () => (await doing()) === 'claimIntegration');
    await run.command('cancel');
    await until('it gives that up', async () => (await doing()) === 'tidyUp');
    await run.startReader();
    expect(await run.end()).toMatchObject({ state: 'cancelled', phase: 'reading' });
  });

  it('keeps to its rate, also to another one that it is given', async () => {
    const { told, start } = await prepared();
    const run = await start({ rate: 2 });
    await written(1);
    const at = Date.now();
    await written(5);
    expect(Date.now() - at).toBeGreaterThan(1_500);
    await expect(run.setRate(0)).rejects.toThrow();
    await run.setRate(500);
    expect(await run.end()).toMatchObject({ state: 'completed', rate: 500 });
    expectAllWithdrawn(told);
  });

  it('refuses another one of the same integration', async () => {
    const { root, told, start } = await prepared();
    const plan = await start({ planOnly: true });
    await plan.end();
    const first = await Run.start(harness, root, undefined, { planOf: plan.run, rate: 1 });
    await written(1);
    const second = await Run.start(harness, root, undefined, { planOf: plan.run });
    expect(await second.end()).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining(first.run),
      counts: { submitted: 0 },
    });
    await first.setRate(null);
    expect(await first.end()).toMatchObject({ state: 'completed', counts: { submitted: WITHDRAWALS } });
    expectAllWithdrawn(told);
  });

  it('goes on after the worker of workflows was away', async () => {
    const { told, start } = await prepared();
    const run = await start({ rate: 20 });
    await written(3);
    await harness.stopWorker();
    await harness.startWorker();
    expect(await run.end()).toMatchObject({ state: 'completed', counts: { submitted: WITHDRAWALS } });
    expectAllWithdrawn(told);
  });

  it('goes on in a new run of its workflow when its history gets long', async () => {
    const { told, start } = await prepared();
    const run = await start({ rate: 0.5 });
    const runId = async () => (await harness.temporal.workflow.getHandle(run.workflowId).describe()).runId;
    const first = await runId();
    await written(1);
    let changes = 0;
    await until(
      'the workflow continued as new',
      async () => {
        changes += 1;
        await run.setRate(changes % 2 === 0 ? 0.5 : 0.6);
        return (await runId()) !== first;
      },
      90_000,
    );
    await run.setRate(null);
    expect(await run.end()).toMatchObject({
      state: 'completed',
      counts: { read: WITHDRAWALS, submitted: WITHDRAWALS, done: WITHDRAWALS },
    });
    expect(writes(harness)).toHaveLength(WITHDRAWALS);
    expectAllWithdrawn(told);
  });
});

describe('a resync whose Brevo key is revoked', () => {
  const REVOKED = { kind: 'status', status: 401 } as const;

  /** Looks again at once, which it would do by itself after a while. */
  async function tryAgain(run: Run): Promise<void> {
    await run.command('pause');
    await run.command('resume');
  }

  it('waits before it reads Brevo, says so, and goes on with a key that works', async () => {
    const { told, start } = await prepared();
    harness.simulator.setFaults(REVOKED);
    const run = await start();
    await run.until('the run waits', ({ waiting, trouble }) => (waiting ?? trouble) !== undefined);
    expect(await run.status()).toMatchObject({ phase: 'comparing', waiting: expect.stringMatching(/key/i) });
    harness.simulator.setFaults();
    await tryAgain(run);
    expect(await run.end()).toMatchObject({ state: 'completed', counts: { done: WITHDRAWALS } });
    expectAllWithdrawn(told);
  });

  it('waits while it submits, and goes on with a key that works', async () => {
    const { told, start } = await prepared();
    const run = await start({ rate: 20 });
    await written(3);
    harness.simulator.setFaults(REVOKED);
    await run.until('the run waits', ({ waiting }) => waiting !== undefined);
    const { counts } = await run.status();
    expect(counts.submitted).toBeLessThan(WITHDRAWALS);
    harness.simulator.setFaults();
    await tryAgain(run);
    expect(await run.end()).toMatchObject({
      state: 'completed',
      counts: { submitted: WITHDRAWALS, done: WITHDRAWALS, held: 0 },
    });
    await until(
      'those that were held are written',
      () => told.every(({ email }) => harness.simulator.contact({ email })?.emailBlacklisted),
      60_000,
    );
    expectAllWithdrawn(told);
  });
});
