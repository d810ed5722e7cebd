import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { until } from '../../support/until';
import { CLIENT, issuingTo } from './oauth-support';
import { ingestForTests, message } from './support';

const ingest = ingestForTests();
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection that says something, and nothing after it. */
function connection(url: string, text = ''): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname, () => text && socket.write(text));
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

const isOpen = (socket: Socket) => !socket.destroyed && socket.readyState === 'open';

/** A client whose submissions wait until they are let go. */
function waiting() {
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const state = { submitted: 0 };
  const submit = async () => {
    state.submitted += 1;
    await gate;
    return [];
  };
  return { state, client: { submit }, letGo: () => letGo() };
}

describe('more connections than are kept', () => {
  test('cost those that have been silent for the longest time, and probes get in', async () => {
    const { url, get } = await ingest({ limits: { connections: 5 } });
    const silent = Array.from({ length: 5 }, () => connection(url));
    await until('they are open', () => silent.every(isOpen));
    for (let at = 0; at < 3; at += 1) {
      const answer = await get('/health/live', { headers: { connection: 'close' } });
      expect(answer.status).toBe(200);
    }
    await until('the first one is closed', () => silent[0]?.destroyed === true);
    expect(silent.at(-1)?.destroyed).toBe(false);
  });

  test('let probes in also where each has begun a request whose body does not come', async () => {
    const { url, get } = await ingest({
      ...issuingTo([CLIENT]),
      limits: { connections: 5, closeGraceMs: 100 },
    });
    // Each is told to go on once its request is being read.
    const head = 'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n';
    const slow = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const socket = connection(url, head);
        await once(socket, 'data');
        return socket;
      }),
    );
    for (let at = 0; at < 3; at += 1) {
      const answer = await get('/health/live', { headers: { connection: 'close' } });
      expect(answer.status).toBe(200);
    }
    await until('the first one is closed', () => slow[0]?.destroyed === true);
    expect(slow.at(-1)?.destroyed).toBe(false);
  });

  test('cost one that was answered before its body came', async () => {
    const { url, get } = await ingest({ limits: { connections: 2, closeGraceMs: 100 } });
    const early = connection(url, 'POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n');
    await once(early, 'data');
    early.write('body');
    const silent = connection(url);
    await until('it is open', () => isOpen(silent));
    expect((await get('/health/live', { headers: { connection: 'close' } })).status).toBe(200);
    await until('the answered one is closed', () => early.destroyed);
    expect(isOpen(silent)).toBe(true);
  });

  test('do not cost one whose request is being worked on', async () => {
    const { state, client, letGo } = waiting();
    const { url, post } = await ingest({ client, limits: { connections: 3 } });
    const first = post(message({}));
    await until('it is worked on', () => state.submitted === 1);
    const silent = Array.from({ length: 8 }, () => connection(url, 'POST /webhooks/didomi HTTP/1.1\r\n'));
    await until('most are closed again', () => silent.filter(({ destroyed }) => destroyed).length >= 5);
    letGo();
    expect((await first).status).toBe(202);
  });
});

describe('while too much is under way', () => {
  test('probes are answered, and a webhook is told when to come again', async () => {
    const { state, client, letGo } = waiting();
    const { get, post } = await ingest({ client, limits: { inFlight: { requests: 1, bytes: 1_000 } } });
    const first = post(message({}));
    await until('it is worked on', () => state.submitted === 1);
    const second = await post(message({}));
    expect({ status: second.status, after: second.headers.get('retry-after') }).toEqual({
      status: 429,
      after: '1',
    });
    for (const path of ['/health/live', '/health/ready']) expect((await get(path)).status).toBe(200);
    letGo();
    expect((await first).status).toBe(202);
  });

  test('a body of unknown length counts as it comes, and is refused once it is too much', async () => {
    const { state, client, letGo } = waiting();
    const { url, post } = await ingest({ client, limits: { inFlight: { requests: 10, bytes: 1_000 } } });
    const first = post(message({}));
    await until('it is worked on', () => state.submitted === 1);
    const headers =
      'POST /webhooks/didomi HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    let answer = '';
    const chunked = connection(url, `${headers}10\r\n${' '.repeat(16)}\r\n`);
    chunked.on('data', (data) => {
      answer += data.toString();
    });
    await once(chunked, 'connect');
    chunked.write(`400\r\n${' '.repeat(1_024)}\r\n0\r\n\r\n`);
    await until('it is answered', () => answer !== '');
    expect(answer).toMatch(/^HTTP\/1.1 429 /);
    letGo();
    expect((await first).status).toBe(202);
  });
});

describe('a large array', () => {
  test('leaves the process time for others while it is read', async () => {
    const { post, get, signals } = await ingest();
    const many = Array.from({ length: 1_500 }, (_, index) =>
      message({ id: `event-${index}`, user: `user-${index}@example.com` }),
    );
    let done = false;
    const answer = post(many).then((given) => {
      done = true;
      return given;
    });
    let probes = 0;
    while (!done) {
      expect((await get('/health/live')).status).toBe(200);
      if (signals.length === 0) probes += 1;
    }
    expect(await answer).toMatchObject({ status: 202, json: { accepted: 1_500 } });
    expect(probes).toBeGreaterThan(2);
  });

  test('with a bad element near its end is refused, and nothing of it is taken', async () => {
    const { post, signals } = await ingest();
    const many: object[] = Array.from({ length: 1_500 }, (_, index) => message({ id: `event-${index}` }));
    many[1_499] = { type: 'event.created' };
    expect(await post(many)).toMatchObject({ status: 400, json: { index: 1_499 } });
    expect(signals).toEqual([]);
  });
});
