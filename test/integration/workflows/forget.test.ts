import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { Keys } from '../../../client/keys';
import type { Identifier } from '../../../consent/identifier';
import { identifierOf } from '../../../consent/identifier';
import { bucketOf } from '../../../resync/buckets';
import { contactWorkflowId, forgetWorkflowId } from '../../../workflows/forget/contract';
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

/** Each test waits for Temporal most of the time: they run at once, with a service of its own each. */
function test(name: string, act: (harness: Harness) => Promise<void>, start = startHarness): void {
  it.concurrent(name, async () => {
    const harness = await start({ options: { on_user_deleted: 'forget' } });
    await act(harness).finally(() => harness.close());
  });
}

describe('forgetting a contact', () => {
  test('deletes what is open and what has ended, under any spelling, until an event comes later', async (harness) => {
    const email = someone();
    const short = await startHarness({ options: { remember: '1 second' } });
    await short.client.submitAndWait(eventCreated(email, true));
    await until('its workflow has ended', async () => !(await storyOf(short, email)).open);
    await short.close();
    await harness.client.submitAndWait(eventCreated(email, false));
    await until('both are listed', async () => (await held(harness, email)).length === 2);

    const [forgotten] = await harness.client.forget(` ${email.toUpperCase()} `);
    expect(forgotten).toMatchObject({ deleted: 2, left: 0, failures: 0 });
    expect(await held(harness, email)).toEqual([]);
    expect(await harness.client.status(email)).toEqual([]);
    expect(await harness.client.forget(email)).toEqual([
      expect.objectContaining({ deleted: 0, left: 0, workflows: 0 }),
    ]);
    const forgetting = harness.temporal.workflow.getHandle(forgetWorkflowId(contactOf(email)));
    expect(JSON.stringify(await forgetting.fetchHistory())).not.toContain(email);

    await harness.client.submitAndWait(eventCreated(email, true));
    expect(await storyOf(harness, email)).toMatchObject({ open: true });
  });

  test('has a withdrawal written first that Brevo refused, unless it is to be dropped', async (harness) => {
    const { client, simulator } = harness;
    const [kept, dropped] = [someone(), someone()];
    for (const email of [kept, dropped]) {
      await client.submitAndWait(eventCreated(email, true, { at: inSeconds(-60) }));
    }
    simulator.setFaults({ kind: 'status', status: 400, match: { method: 'PUT' } });
    for (const email of [kept, dropped]) {
      const [result] = await client.submitAndWait(eventCreated(email, false));
      expect(result).toMatchObject({ outcome: 'rejected' });
    }
    const [waiting, gone] = await Promise.all([
      client.forget(kept),
      client.forget(dropped, { dropsUnwrittenWithdrawals: true }),
    ]);
    const told = { failures: 1, unwrittenWithdrawals: ['OPT_EMAIL', 'EMAIL_CAMPAIGNS_SUBSCRIBED'] };
    expect(waiting).toEqual([expect.objectContaining({ ...told, waits: true, left: 1 })]);
    expect(gone).toEqual([expect.objectContaining({ ...told, deleted: 1, left: 0 })]);
    simulator.setFaults();
    await client.retry(kept);
    await until('it is forgotten', async () => (await held(harness, kept)).length === 0, 90_000);
    expect(simulator.contact({ email: kept })).toMatchObject(HOLDS.optOut);
    expect(simulator.contact({ email: dropped })).toMatchObject(HOLDS.optIn);
  });
});

describe('a contact for which no worker answers', () => {
  test('is not forgotten, as it may owe a withdrawal, until there is one', async (harness) => {
    const email = someone();
    await harness.client.submitAndWait(eventCreated(email, true, { at: inSeconds(-60) }));
    await harness.stopWorker();
    await harness.client.submit(eventCreated(email, false));
    expect(await harness.client.forget(email)).toEqual([
      expect.objectContaining({ waits: true, left: 1, unwrittenWithdrawals: null }),
    ]);
    await harness.startWorker();
    await until('it is forgotten', async () => (await held(harness, email)).length === 0, 60_000);
    expect(harness.simulator.contact({ email })).toMatchObject(HOLDS.optOut);
  });
});

describe('a user that was erased in Didomi', () => {
  test('is forgotten, also when no worker ran when the message came', async (harness) => {
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
    await until(
      'what named the Didomi user is deleted too',
      async () => (await listed(harness, forgetting)).join() === 'RUNNING',
      60_000,
    );
    const history = await harness.temporal.workflow.getHandle(forgetting).fetchHistory();
    expect(JSON.stringify(history)).not.toMatch(/didomi-user/);
    expect(harness.simulator.contact({ email })).toMatchObject(HOLDS.optOut);
  });

  test('is remembered as long as ever where another Didomi user stands for the contact', async (harness) => {
    const email = someone();
    await harness.client.submitAndWait(eventCreated(email, false));
    await harness.client.submit(userDeleted(email, 'another-didomi-user'));
    const forgetting = harness.temporal.workflow.getHandle(forgetWorkflowId(contactOf(email)));
    await until('the forgetting waits', async () => {
      const [pending] = (await forgetting.describe()).raw.pendingActivities ?? [];
      return pending?.activityType?.name === 'awaitEnd' && (pending.attempt ?? 0) > 1;
    });
    await harness.client.submitAndWait(eventCreated(email, true, { at: inSeconds(-3_600) }));
    expect(harness.simulator.contact({ email })).toMatchObject(HOLDS.optOut);
  });
});

describe('a resync that is under way', () => {
  test(
    'does not bring back who was forgotten after it had read of them',
    async (harness) => {
      const folder = await mkdtemp(join(tmpdir(), 'consent-sync-forget-'));
      const [root, source] = [join(folder, 'runs'), join(folder, 'source')];
      const integration = [...harness.config.integrations.keys()][0] ?? '';
      const told = people(12, { enabled: false, before: HOLDS.optIn });
      await writeExport(harness, source, told);
      const plan = await Run.start(harness, root, source, { planOnly: true });
      await plan.end();
      const place = ({ email }: { email: string }) => bucketOf(identifierOf(email, 'auto') as Identifier);
      const last = [...told].sort((a, b) => place(b) - place(a))[0]?.email ?? '';
      const run = await Run.start(harness, root, undefined, { planOf: plan.run, rate: 1 });
      await run.until('it submits', ({ counts }) => counts.submitted > 0);
      expect(await harness.client.forget(last)).toEqual([expect.objectContaining({ deleted: 0 })]);
      await run.setRate(null);
      expect(await run.end()).toMatchObject({
        state: 'completed',
        counts: { submitted: 12, forgotten: 1, done: 11 },
      });
      expect(await held(harness, last, integration)).toEqual([]);
      expect(JSON.stringify(await run.report())).not.toContain(contactOf(last).contactKey);
      await rm(folder, { recursive: true });
    },
    startResyncHarness,
  );
});
