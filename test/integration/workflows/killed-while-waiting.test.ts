import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { ConsentSyncClient } from '../../../client';
import { loadConfig } from '../../../config';
import { type Simulator, startSimulator } from '../../../simulator';
import { type DidomiSimulator, startDidomiSimulator } from '../../../simulator/didomi';
import { until } from '../../support/until';
import { commandLines, config, ID_KEY, sharedTemporal } from '../cli/support';
import { DIDOMI } from '../support/didomi';
import { eventCreated, inSeconds, someone } from '../support/harness';

const commandLine = commandLines();
let simulator: Simulator;
let didomi: DidomiSimulator;
let connection: Connection;
beforeAll(async () => {
  simulator = await startSimulator({ requestsPerSecond: 0 });
  didomi = await startDidomiSimulator({ ...DIDOMI, requestsPer15Seconds: 0 });
  connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS ?? '' });
});
beforeEach(() => {
  simulator.reset();
  didomi.setFaults();
});
afterAll(async () => {
  await connection.close();
  await simulator.close();
  await didomi.close();
});

/** Much less than an activity may take, and enough to find out that its worker has died and to ask again. */
const GOES_ON_WITHIN_MS = 90_000;

/** A worker process that can be killed, and a client of its task queue. */
async function workerProcess() {
  const { organizationId, apiKey, apiSecret } = DIDOMI;
  const settings = {
    ...config(),
    didomi: {
      organization_id: organizationId,
      api_key: apiKey,
      api_secret: apiSecret,
      api_url: didomi.url,
    },
  };
  const line = await commandLine({ ...sharedTemporal(), BREVO_API_URL: simulator.url });
  await line.write('consent-sync.json', settings);
  const client = new ConsentSyncClient(loadConfig({ object: settings }), ID_KEY, new Client({ connection }));
  return { client, start: () => line.start('worker') };
}

describe('a worker that is killed', () => {
  it("while it asks whether Brevo serves a held account again does not keep the contact's withdrawal back", async () => {
    const email = someone();
    simulator.seedContact({ email });
    const { client, start } = await workerProcess();
    simulator.setFaults({ kind: 'status', status: 401 });
    const first = start();
    await client.submit(eventCreated(email, false, { at: inSeconds(-30) }));
    await until('it is held', async () => (await client.status(email))[0]?.held !== undefined, 60_000);
    const calls = simulator.calls().length;
    simulator.setFaults({ kind: 'hang' });
    await until('Brevo is asked again', () => simulator.calls().length > calls, 60_000);
    first.child.kill('SIGKILL');
    await first.ended;

    simulator.setFaults();
    start();
    const isBlacklisted = () => simulator.contact({ email })?.emailBlacklisted === true;
    await until('the withdrawal is in Brevo', isBlacklisted, GOES_ON_WITHIN_MS);
  }, 240_000);

  it('while it asks Didomi what holds after a deletion does not keep the answer back', async () => {
    const email = someone();
    const { client, start } = await workerProcess();
    const first = start();
    const user = { id: 'didomi-user', organization_user_id: email };
    const event = { id: 'opt-in', user, consents: { purposes: [{ id: 'newsletter', enabled: true }] } };
    await client.submitAndWait(didomi.createEvents(event));
    didomi.setFaults({ kind: 'hang' });
    const calls = didomi.calls().length;
    await client.submit(didomi.deleteEvent('opt-in'));
    await until('Didomi is asked', () => didomi.calls().length > calls, 60_000);
    first.child.kill('SIGKILL');
    await first.ended;

    didomi.setFaults();
    start();
    const wasAnswered = async () =>
      (await client.status(email))[0]?.calls.some(({ activity }) => activity === 'readDidomiUser') === true;
    await until('Didomi has answered', wasAnswered, GOES_ON_WITHIN_MS);
  }, 240_000);
});
