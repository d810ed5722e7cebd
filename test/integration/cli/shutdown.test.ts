import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../../simulator';
import { until } from '../../support/until';
import { eventCreated, someone } from '../support/harness';
import { commandLines, config, post, sharedTemporal } from './support';

const GRACE_MS = 4_000;

const commandLine = commandLines();
let simulator: Simulator;
let relay: Server;
/** Connections through the relay to the Temporal server of the tests, both ends. */
const relayed = new Set<Socket>();
let frozen = false;

beforeAll(async () => {
  simulator = await startSimulator({ requestsPerSecond: 0 });
  const [host, port] = (process.env.TEST_TEMPORAL_ADDRESS ?? '').split(':');
  relay = createServer((near) => {
    if (frozen) {
      relayed.add(near);
      return;
    }
    const far = connect(Number(port), host);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      relayed.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
});
beforeEach(() => {
  simulator.setFaults();
  frozen = false;
});
afterAll(async () => {
  for (const socket of relayed) socket.destroy();
  relay.close();
  await simulator.close();
});

/** From now on Temporal neither hears nor says anything, and its connections stay. */
function freezeTemporal(): void {
  frozen = true;
  for (const socket of relayed) socket.unpipe().pause();
}

async function started(command: 'ingest' | 'worker' | 'start') {
  const line = await commandLine({
    ...sharedTemporal(),
    TEMPORAL_ADDRESS: `127.0.0.1:${(relay.address() as AddressInfo).port}`,
    BREVO_API_URL: simulator.url,
    SHUTDOWN_GRACE: `${GRACE_MS} ms`,
  });
  await line.write('consent-sync.json', config());
  const running = line.start(command, '--json');
  const [announced] = await running.printed(/^\{.*\}$/m);
  const { webhookUrl } = JSON.parse(announced) as { webhookUrl: string };
  const terminate = async () => {
    const startedAt = performance.now();
    running.child.kill('SIGTERM');
    const { code, stderr } = await running.ended;
    return { code, stderr, ms: performance.now() - startedAt };
  };
  return { ...running, webhookUrl, terminate };
}

/** The grace, and what a busy machine takes to end a process: far less than Brevo or Temporal would be waited for. */
const IN_TIME_MS = GRACE_MS + 10_000;

describe('SIGTERM', () => {
  test('lets a call to Brevo come to its end, which is not made again', async () => {
    const service = await started('start');
    const email = someone();
    simulator.setFaults({ kind: 'latency', ms: 1_500, match: { method: 'POST' } });
    await post(service.webhookUrl, eventCreated(email, false));
    const creates = () => simulator.calls().filter(({ body }) => JSON.stringify(body ?? '').includes(email));
    await until('Brevo is written to', () => creates().length > 0);
    expect(await service.terminate()).toMatchObject({ code: 0 });
    expect(creates()).toMatchObject([{ status: 201 }]);
    expect(simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });

  test('ends a service within the grace while Brevo hangs', async () => {
    const service = await started('start');
    const email = someone();
    simulator.setFaults({ kind: 'hang', match: { method: 'POST' } });
    await post(service.webhookUrl, eventCreated(email, false));
    await until('Brevo is written to', () =>
      simulator.calls().some(({ body }) => JSON.stringify(body ?? '').includes(email)),
    );
    const { code, ms } = await service.terminate();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(IN_TIME_MS);
  });

  test.each(['ingest', 'worker', 'start'] as const)(
    'ends %s within the grace while Temporal hangs, and a request that waits is answered',
    async (command) => {
      const service = await started(command);
      if (command !== 'ingest')
        await until('the worker runs', () => /the worker runs/.test(service.stderr()));
      freezeTemporal();
      const answer = service.webhookUrl
        ? post(service.webhookUrl, eventCreated(someone(), true)).catch(() => undefined)
        : undefined;
      const { code, ms } = await service.terminate();
      expect(code).toBe(0);
      expect(ms).toBeLessThan(IN_TIME_MS);
      const ended = await answer;
      // Or there is none, because the connection was cut: never a 202.
      if (ended) expect(ended.status).toBe(503);
    },
  );

  test('ends a service that is only just starting', async () => {
    const line = await commandLine({ BREVO_API_URL: simulator.url, SHUTDOWN_GRACE: `${GRACE_MS} ms` });
    await line.write('consent-sync.json', config());
    const { child, ended, stderr } = line.start('start');
    await until('it has begun', () => stderr() !== '' || child.exitCode !== null);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });
});
