import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Keys } from '../../../client/keys';
import type { Identifier } from '../../../consent/identifier';
import { identifierOf } from '../../../consent/identifier';
import { contactWorkflowId, forgetWorkflowId } from '../../../workflows/forget/contract';
import { temporaryFolders } from '../../support/temporary-folder';
import { until } from '../../support/until';
import { storyOf } from '../support/asking';
import { eventCreated, type Harness, ID_KEY, inSeconds, someone, startHarness } from '../support/harness';
import { HOLDS, people, Run, startResyncHarness, writeExport } from '../support/resync-runs';

jest.setTimeout(180_000);

const keys = new Keys(ID_KEY);
const contactOf = (email: string, integration = 'default') => ({
  integration,
  contactKey: keys.contactKey(identifierOf(email, 'auto') as Identifier),
});
const userDeleted = (email: string, user = 'didomi-user') => ({
  type: 'user.deleted',
  regulation: 'gdpr',
  parameters: { entity: { id: user, version: 3, organization_user_id: email } },
});

/** Runs of a workflow id that Temporal lists. */
async function listed({ temporal }: Harness, workflowId: string): Promise<string[]> {
  const runs: string[] = [];
  for await (const { status } of temporal.workflow.list({ query: `WorkflowId = "${workflowId}"` })) {
    runs.push(status.name);
  }
  return runs;
}
const held = (harness: Harness, email: string, integration?: string) =>
  listed(harness, contactWorkflowId(contactOf(email, integration)));

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({ options: { on_user_deleted: 'forget' } });
});
afterAll(() => harness.close());

describe('forgetting a contact', () => {
  it('deletes what is open and what has ended, under any spelling, and finds nothing the next time', async () => {
    const email = someone();
    const short = await startHarness({
      taskQueue: harness.config.temporal.taskQueue,
      options: { remember: '1 second' },
    });
    try {
      await harness.stopWorker();
      await short.client.submitAndWait(eventCreated(email, true));
      await until('its workflow has ended', async () => !(await storyOf(short, email)).open);
    } finally {
      await harness.startWorker();
      await short.close();
    }
    await harness.client.submitAndWait(eventCreated(email, false));
    await until('both are listed', async () => (await held(harness, email)).length === 2);

    const [forgotten] = await harness.client.forget(` ${email.toUpperCase()} `);
    expect(forgotten).toMatchObject({ deleted: 2, left: 0, failures: 0 });
    expect(await held(harness, email)).toEqual([]);
    expect(await harness.client.status(email)).toEqual([]);
    expect(await harness.client.forget(email)).toEqual([
      expect.objectContaining({ deleted: 0, left: 0, workflows: 0 }),
    ]);
    const tombstone = await harness.temporal.workflow
      .getHandle(forgetWorkflowId(contactOf(email)))
      .fetchHistory();
    expect(JSON.stringify(tombstone)).not.toContain(email);
  });

  it('begins anew with an event that comes later', async () => {
    const email = someone();
    await harness.client.submitAndWait(eventCreated(email, true));
    await harness.client.forget(email);
    await harness.client.submitAndWait(eventCreated(email, false));
    expect(await storyOf(harness, email)).toMatchObject({ open: true, outcome: 'updated' });
    expect(harness.simulator.contact({ email })).toMatchObject(HOLDS.optOut);
  });

  it('leaves a withdrawal that Brevo does not have yet to be written first, unless it is to be dropped', async () => {
    const [kept, dropped] = [someone(), someone()];
    for (const email of [kept, dropped]) {
      await harness.client.submitAndWait(eventCreated(email, true, { at: inSeconds(-60) }));
    }
    harness.simulator.setFaults({ kind: 'status', status: 401 });
    for (const email of [kept, dropped]) {
      const [result] = await harness.client.submitAndWait(eventCreated(email, false));
      expect(result).toMatchObject({ outcome: 'held' });
    }
    const [waiting, gone] = await Promise.all([
      harness.client.forget(kept),
      harness.client.forget(dropped, { dropsUnwrittenWithdrawals: true }),
    ]);
    const unwrittenWithdrawals = ['OPT_EMAIL', 'EMAIL_CAMPAIGNS_SUBSCRIBED'];
    expect(waiting).toEqual([
      expect.objectContaining({ waits: true, left: 1, failures: 1, unwrittenWithdrawals }),
    ]);
    expect(gone).toEqual([
      expect.objectContaining({ deleted: 1, left: 0, failures: 1, unwrittenWithdrawals }),
    ]);
    harness.simulator.setFaults();
    await until(
      'the other one is written, and forgotten',
      async () => (await held(harness, kept)).length === 0,
      90_000,
    );
    expect(harness.simulator.contact({ email: kept })).toMatchObject(HOLDS.optOut);
    expect(harness.simulator.contact({ email: dropped })).toMatchObject(HOLDS.optIn);
  });
});

describe('a user that was erased in Didomi', () => {
  it('is forgotten, without any question to Didomi, also when no worker ran when the message came', async () => {
    const email = someone();
    await harness.client.submitAndWait(eventCreated(email, false));
    await harness.stopWorker();
    const results = await harness.client.submit([userDeleted(email), userDeleted(email)]);
    expect(results.map(({ index, status }) => [index, status])).toEqual([
      [0, 'accepted'],
      [1, 'accepted'],
    ]);
    await harness.startWorker();
    await until('nothing is held', async () => (await held(harness, email)).length === 0, 60_000);
    const forgetting = forgetWorkflowId(contactOf(email));
    await until('what named the Didomi user is deleted too', async () => {
      const runs = await listed(harness, forgetting);
      return runs.length === 1 && runs[0] === 'RUNNING';
    });
    const history = await harness.temporal.workflow.getHandle(forgetting).fetchHistory();
    expect(JSON.stringify(history)).not.toMatch(/didomi-user/);
    expect(harness.simulator.contact({ email })).toMatchObject(HOLDS.optOut);
  });

  it('is remembered as long as ever where another Didomi user stands for the contact', async () => {
    const email = someone();
    await harness.client.submitAndWait(eventCreated(email, false));
    await harness.client.submit(userDeleted(email, 'another-didomi-user'));
    const forgetting = harness.temporal.workflow.getHandle(forgetWorkflowId(contactOf(email)));
    await until('the forgetting waits', async () => {
      const { raw } = await forgetting.describe();
      return (
        raw.pendingActivities?.some(
          ({ activityType, attempt }) => activityType?.name === 'awaitEnd' && (attempt ?? 0) > 1,
        ) ?? false
      );
    });
    await harness.client.submitAndWait(eventCreated(email, true, { at: inSeconds(-3_600) }));
    expect(harness.simulator.contact({ email })).toMatchObject(HOLDS.optOut);
    await forgetting.terminate();
  });
});

describe('a resync that is under way', () => {
  const folder = temporaryFolders();

  it('does not bring back who was forgotten after it had read of them, and nor does a plan', async () => {
    const own = await startResyncHarness();
    try {
      const integration = [...own.config.integrations.keys()][0] ?? '';
      const [root, source] = [await folder(), await folder()];
      const told = people(12, { enabled: false, before: HOLDS.optIn });
      await writeExport(own, source, told);
      const plan = await Run.start(own, root, source, { planOnly: true });
      await plan.end();
      const [first, ...others] = told;
      const email = first?.email ?? '';
      const run = await Run.start(own, root, undefined, { planOf: plan.run, rate: 1 });
      await run.until('it submits', ({ counts }) => counts.submitted > 0);
      const forgotten =
        others.findLast(
          ({ email: one }) =>
            !own.simulator.calls().some(({ path }) => path.includes(encodeURIComponent(one))),
        )?.email ?? email;
      expect(await own.client.forget(forgotten)).toEqual([expect.objectContaining({ deleted: 0 })]);
      await run.setRate(null);
      expect(await run.end()).toMatchObject({
        state: 'completed',
        counts: { submitted: 12, forgotten: 1, done: 11 },
      });
      expect(await held(own, forgotten, integration)).toEqual([]);
      expect(JSON.stringify(await run.report())).not.toContain(contactOf(forgotten).contactKey);
    } finally {
      await own.close();
    }
  });
});
