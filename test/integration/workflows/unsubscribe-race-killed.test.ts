import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { ConsentSyncClient } from '../../../client';
import { loadConfig } from '../../../config';
import { type SimCall, type Simulator, startSimulator } from '../../../simulator';
import { until } from '../../support/until';
import { commandLines, config, ID_KEY, sharedTemporal } from '../cli/support';
import { eventCreated, inSeconds, someone } from '../support/harness';

const commandLine = commandLines();
let simulator: Simulator;
let connection: Connection;
beforeAll(async () => {
  simulator = await startSimulator({ requestsPerSecond: 0 });
  connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS ?? '' });
});
beforeEach(() => simulator.reset());
afterAll(async () => {
  await connection.close();
  await simulator.close();
});

/** A worker process that can be killed, and a client of its task queue. */
async function workerProcess() {
  const settings = config();
  const line = await commandLine({ ...sharedTemporal(), BREVO_API_URL: simulator.url });
  await line.write('consent-sync.json', settings);
  const client = new ConsentSyncClient(loadConfig({ object: settings }), ID_KEY, new Client({ connection }));
  return { client, start: () => line.start('worker') };
}

const isLookOfClearing = ({ operation, identifierType }: SimCall) =>
  operation === 'getContactInfo' && identifierType === 'contact_id';
const sends = (flag: boolean) => (call: SimCall) =>
  call.operation === 'updateContact' &&
  JSON.stringify(call.body ?? '').includes(`"emailBlacklisted":${flag}`);

describe('a worker that is killed while it takes a contact off the blacklist', () => {
  it.each([
    ['between its look and its write', isLookOfClearing],
    ['after its write, before its second look', sends(false)],
    ['after it put the unsubscription back', sends(true)],
  ] as const)(
    '%s, undoes no unsubscription that comes meanwhile',
    async (_, isTheCall) => {
      const email = someone();
      simulator.seedContact({ email, emailBlacklisted: true });
      const { client, start } = await workerProcess();
      const first = start();
      let killed = false;
      simulator.onCall((call, moment) => {
        if (moment === 'before' && sends(false)(call)) simulator.unsubscribe({ email });
        if (moment !== 'after' || killed || !isTheCall(call)) return;
        killed = true;
        first.child.kill('SIGKILL');
        simulator.unsubscribe({ email });
      });
      const settled = client.submitAndWait(eventCreated(email, true, { at: inSeconds(-30) }));
      await until('the worker is killed', () => killed, 30_000);
      await first.ended;
      start();
      const [result] = await settled;
      expect(result).toMatchObject({ outcome: 'guarded' });
      expect(simulator.contact({ email })).toMatchObject({
        emailBlacklisted: true,
        attributes: { OPT_EMAIL: true },
      });
    },
    90_000,
  );
});
