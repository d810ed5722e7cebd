import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { NativeConnection } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { isNightly } from '../../../client/resync-figures';
import { ResyncSchedules } from '../../../client/resync-schedules';
import { Resyncs } from '../../../client/resyncs';
import { ResyncMetrics } from '../../../metrics/resync-metrics';
import { summaryOf } from '../../../resync/report';
import { createOfferingReaders } from '../../../worker/reader';
import { temporaryFolders } from '../../support/temporary-folder';
import { until } from '../../support/until';
import { type Harness, ID_KEY } from '../support/harness';
import { HOLDS, people, startResyncHarness, type Told, writeExport, writes } from '../support/resync-runs';

// A run takes some seconds alone, and longer beside other tests.
jest.setTimeout(180_000);

const folder = temporaryFolders();
let harness: Harness;
afterEach(() => harness.close());

/** A service's worker that offers to read, with a disk of its own. @returns what stops it */
async function offerToRead(root: string): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS ?? '' });
  const readers = await createOfferingReaders({
    config: harness.config,
    connection,
    namespace: 'default',
    brevoApiUrl: harness.simulator.url,
    root,
    temporal: harness.temporal,
    idKey: ID_KEY,
  });
  const running = readers.map((reader) => reader.run());
  return async () => {
    for (const reader of readers) reader.shutdown();
    await Promise.all(running);
    await connection.close();
  };
}

/** Withdrawals that Brevo does not know, in an export. */
async function prepared(count: number) {
  harness = await startResyncHarness();
  const source = await folder();
  const told = people(count, { enabled: false, before: HOLDS.optIn });
  await writeExport(harness, source, told);
  const [integration = ''] = harness.config.integrations.keys();
  return { told, integration, files: { kind: 'files', paths: [source] } as const };
}

/** The metrics of resyncs, as lines. */
async function metrics(): Promise<string[]> {
  const registry = new Registry();
  await new ResyncMetrics(registry, harness.config, harness.temporal).refresh();
  const text = await registry.metrics();
  return text.split('\n').map((line) => line.replace(`integration="default"`, '').replace('{,', '{'));
}

function expectAllWithdrawn(told: readonly Told[]): void {
  for (const { email } of told) expect(harness.simulator.contact({ email })).toMatchObject(HOLDS.optOut);
}

describe('a run that the workers of the service read', () => {
  it('is started, followed and cancelled by a program', async () => {
    const { told, files } = await prepared(20);
    const stop = await offerToRead(await folder());
    const cancelled = await harness.client.startResync({ source: files, rate: 1 });
    await until('some are written', () => writes(harness).length >= 2, 60_000);
    await expect(harness.client.startResync({ source: files })).rejects.toThrow(cancelled.run);
    await cancelled.cancel();
    expect(await cancelled.end()).toMatchObject({ state: 'cancelled' });

    const run = await harness.client.startResync({ source: files });
    const seen: string[] = [];
    for await (const { phase, state } of run.progress({ everyMs: 100 })) seen.push(`${phase} ${state}`);
    expect(seen.at(-1)).toBe('ended completed');
    await run.end();
    await stop();
    expectAllWithdrawn(told);
  });

  it('is begun anew by another worker when its own has gone for good with its disk', async () => {
    const { told, integration, files } = await prepared(20);
    const resyncs = new Resyncs(harness.temporal, harness.config.temporal.taskQueue);
    const run = Resyncs.newRun(Date.now());
    const stopFirst = await offerToRead(await folder());
    await resyncs.start({
      integration,
      run,
      source: files,
      planOnly: false,
      rate: 1,
      abandonedAfterMs: 2_000,
    });
    await until('some are written', () => writes(harness).length >= 3, 60_000);
    await stopFirst();
    const stopSecond = await offerToRead(await folder());
    const listed = await resyncs.find(run);
    await until(
      'it is begun anew',
      async () => (await resyncs.status(listed)).notes?.join().includes('begun anew') === true,
      60_000,
    );
    await resyncs.setRate(listed, null);
    const { state, counts } = await resyncs.end(listed);
    await stopSecond();
    expect(state).toBe('completed');
    expect(counts.submitted).toBeLessThan(20);
    expectAllWithdrawn(told);
  });

  it('is begun by a schedule, and tells the drift of the night, also when Temporal has forgotten it', async () => {
    const { told, integration, files } = await prepared(5);
    const root = await folder();
    const stop = await offerToRead(root);
    const { taskQueue } = harness.config.temporal;
    const schedules = new ResyncSchedules(harness.temporal, taskQueue);
    expect(await metrics()).toContain('consent_sync_resync_running{} 0');
    const id = await schedules.create(
      { integration, source: files, planOnly: false },
      { hour: 3, minute: 0 },
    );
    await harness.temporal.schedule.getHandle(id).trigger();
    const resyncs = new Resyncs(harness.temporal, taskQueue);
    const nightly = async () => (await resyncs.list()).find((one) => one.integration === integration);
    await until('it is listed', async () => (await nightly()) !== undefined, 60_000);
    await schedules.delete(integration);
    const listed = await nightly();
    expect(await metrics()).toContain('consent_sync_resync_running{} 1');
    if (!listed) throw new Error('it is not listed any more');
    const ended = await resyncs.end(listed);
    await stop();
    expect(isNightly(ended.run)).toBe(true);
    expect(ended).toMatchObject({ state: 'completed', drift: { differing: 5, guarded: 0 } });
    await until('its metrics tell how it ended', async () => {
      return (await metrics()).includes('consent_sync_resync_running{} 0');
    });
    const endedAt = (ended.endedAt ?? 0) / 1000;
    expect(await metrics()).toEqual(
      expect.arrayContaining([
        'consent_sync_resync_last_failed{} 0',
        `consent_sync_resync_last_completed_timestamp_seconds{} ${endedAt}`,
        'consent_sync_resync_contacts{count="done"} 5',
        `consent_sync_drift_contacts{side="brevo"} ${ended.drift?.brevo}`,
      ]),
    );
    expect(await summaryOf(root, ended.run)).toMatchObject({ run: ended.run, drift: ended.drift });
    expectAllWithdrawn(told);
  });
});
