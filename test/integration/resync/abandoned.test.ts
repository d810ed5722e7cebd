import { afterEach, expect, it, jest } from '@jest/globals';
import { NativeConnection } from '@temporalio/worker';
import { Resyncs } from '../../../client/resyncs';
import { createOfferingReaders } from '../../../worker/reader';
import { temporaryFolders } from '../../support/temporary-folder';
import { until } from '../../support/until';
import { type Harness, ID_KEY } from '../support/harness';
import { HOLDS, people, startResyncHarness, writeExport, writes } from '../support/resync-runs';

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

it('a run whose worker has gone for good with its disk is begun anew by another, and comes to its end', async () => {
  harness = await startResyncHarness();
  const [source, first, second] = [await folder(), await folder(), await folder()];
  const told = people(20, { enabled: false, before: HOLDS.optIn });
  await writeExport(harness, source, told);
  const resyncs = new Resyncs(harness.temporal, harness.config.temporal.taskQueue);
  const [integration = ''] = harness.config.integrations.keys();
  const run = Resyncs.newRun(Date.now());
  const stopFirst = await offerToRead(first);
  await resyncs.start({
    integration,
    run,
    source: { kind: 'files', paths: [source] },
    planOnly: false,
    rate: 1,
    abandonedAfterMs: 2_000,
  });
  await until('some are written', () => writes(harness).length >= 3, 60_000);
  await stopFirst();
  const stopSecond = await offerToRead(second);
  const [listed] = await resyncs.running(integration);
  if (!listed) throw new Error('the run is not listed');
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
  for (const { email } of told) expect(harness.simulator.contact({ email })).toMatchObject(HOLDS.optOut);
});
