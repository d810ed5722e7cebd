import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { until } from '../../support/until';
import { ingestForTests, message, raw } from './support';

const ingest = ingestForTests();

describe('health', () => {
  test('is live as long as the process answers', async () => {
    const { get } = await ingest({ ready: async () => ['Temporal is away'] });
    const { status, json } = await get('/health/live');
    expect(status).toBe(200);
    expect(json).toEqual({ status: 'live' });
  });

  test('is ready when nothing speaks against it', async () => {
    const { get } = await ingest();
    const { status, json } = await get('/health/ready');
    expect(status).toBe(200);
    expect(json).toEqual({ status: 'ready' });
  });

  test('is not ready for the reasons it gives', async () => {
    const { get } = await ingest({ ready: async () => ['Temporal is away'] });
    const { status, json } = await get('/health/ready');
    expect(status).toBe(503);
    expect(json).toEqual({ status: 'not ready', reasons: ['Temporal is away'] });
  });

  test('is not ready when that cannot be found out', async () => {
    const { get } = await ingest({
      ready: async () => {
        throw new Error('secret');
      },
    });
    const { status, text } = await get('/health/ready');
    expect(status).toBe(503);
    expect(text).not.toContain('secret');
  });
});

describe('a request to nowhere', () => {
  test.each(['/', '/webhooks', '/WEBHOOKS/DIDOMI', '/health', '/__proto__', '/oauth/token'])(
    'is a 404 at %s',
    async (path) => {
      const { get } = await ingest();
      const { status, headers, json } = await get(path, { method: 'POST', body: '{' });
      expect(status).toBe(404);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(json).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404 });
    },
  );

  test.each([
    ['GET', '/webhooks/didomi', 'POST'],
    ['DELETE', '/webhooks/didomi?x=1', 'POST'],
    ['PUT', '/webhooks/didomi', 'POST'],
    ['OPTIONS', '/webhooks/didomi', 'POST'],
    ['PROPFIND', '/webhooks/didomi', 'POST'],
    ['POST', '/health/live', 'GET, HEAD'],
  ])('is a 405 that says what is allowed: %s %s', async (method, path, allow) => {
    const { get } = await ingest();
    const { status, headers, json } = await get(path, { method });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe(allow);
    expect(json).toMatchObject({ title: 'Method Not Allowed', status: 405 });
  });

  test('is answered before its body has come', async () => {
    const { url } = await ingest();
    const headers = 'Host: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 1000';
    expect(await raw(url, `POST /nowhere HTTP/1.1\r\n${headers}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 404 /);
  });

  test('is a problem detail, too, when its address cannot be decoded', async () => {
    const { get, log } = await ingest();
    const { status, headers, text } = await get('/%zz-ana@example.com?token=secret');
    expect(status).toBe(400);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    await until('it is logged', () => log.some((line) => line.status === 400));
    expect(text + JSON.stringify(log)).not.toMatch(/ana@|secret/);
  });
});

test('answers tell nothing about the software, and are not to be cached', async () => {
  const { get, post } = await ingest();
  for (const { headers } of [await get('/health/live'), await post(message({})), await get('/nowhere')]) {
    expect(headers.get('server')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
  }
});

describe('a connection', () => {
  const impatient = {
    limits: { headersMs: 200, requestMs: 400, checkEveryMs: 20 },
  };
  const HEADERS = 'POST /webhooks/didomi HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

  test('that does not speak HTTP is answered with 400, and ended', async () => {
    const { url } = await ingest();
    const answer = await raw(url, '\x16\x03\x01 hello\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json\r\n/);
    expect(answer).not.toContain('hello');
  });

  test('whose headers are too large is answered with 431', async () => {
    const { url } = await ingest();
    expect(await raw(url, `${HEADERS}X: ${'x'.repeat(100_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test.each([
    ['names no host', 400, 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['expects what nobody knows', 417, `${HEADERS}Expect: more\r\nConnection: close\r\n\r\n`],
  ])('that %s is told so in a problem detail', async (_what, status, request) => {
    const { url } = await ingest();
    const [head = '', body = ''] = (await raw(url, request)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toMatch(/^content-type: application\/problem\+json/m);
    expect(body).toContain(`"status":${status},`);
  });

  test.each([
    ['headers', `${HEADERS}X-Slow: `],
    ['a body', `${HEADERS}Content-Length: 100\r\n\r\n{"type"`],
    ['a chunk', `${HEADERS}Transfer-Encoding: chunked\r\n\r\n5\r\n{"a`],
  ])('that does not finish %s is answered with 408, and ended', async (_what, start) => {
    const { url, log } = await ingest(impatient);
    expect(await raw(url, start)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    await until('it is logged', () => log.some(({ status }) => status === 408));
  });

  test('that breaks within a body is logged, and nothing is taken', async () => {
    const { url, log, signals } = await ingest();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(`${HEADERS}Content-Length: 5000\r\n\r\n${JSON.stringify(message({}))}`, () =>
      socket.destroy(),
    );
    await until('it is logged', () =>
      log.some(({ msg }) => msg === 'the caller went away before the answer'),
    );
    expect(signals).toEqual([]);
  });

  test('with rubbish behind a request does not get that for an answer to the request', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let submitted = false;
    const { url } = await ingest({
      client: {
        submit: async () => {
          submitted = true;
          await held;
          return [];
        },
      },
    });
    const answer = await raw(url, `${HEADERS}Content-Length: 2\r\n\r\n{}`, 'RUBBISH\r\n\r\n');
    expect(answer).toBe('');
    await until('the whole request is worked on all the same', () => submitted);
    release();
  });
});

describe('at its end', () => {
  function held() {
    const state = { submitted: false, release: () => {} };
    const until = new Promise<void>((resolve) => {
      state.release = resolve;
    });
    const client = {
      submit: async () => {
        state.submitted = true;
        await until;
        return [];
      },
    };
    return { state, client };
  }

  test('the service lets a running request finish, and takes no new connection', async () => {
    const { state, client } = held();
    const { url, server, post } = await ingest({ client, limits: { closeGraceMs: 600_000 } });
    const agent = new Agent({ keepAlive: true });
    const answer = new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const request = httpRequest(`${url}/webhooks/didomi`, { method: 'POST', agent, headers }, (response) =>
        resolve(response.resume().statusCode),
      );
      request.once('error', reject);
      request.end('{}');
    });
    await until('the request is worked on', () => state.submitted);
    let ended = false;
    const closed = server.close().then(() => {
      ended = true;
    });
    await until('no connection is taken', () =>
      post({}).then(
        () => false,
        () => true,
      ),
    );
    expect(ended).toBe(false);
    state.release();
    expect(await answer).toBe(202);
    await closed;
    agent.destroy();
  });

  test('the service waits for what a caller who went away had sent', async () => {
    const { state, client } = held();
    const { url, server, log } = await ingest({ client });
    const gone = new AbortController();
    const headers = { 'content-type': 'application/json' };
    const answer = fetch(`${url}/webhooks/didomi`, {
      method: 'POST',
      headers,
      body: '{}',
      signal: gone.signal,
    });
    await until('the request is worked on', () => state.submitted);
    gone.abort();
    await expect(answer).rejects.toThrow();
    let ended = false;
    const closed = server.close().then(() => {
      ended = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ended).toBe(false);
    state.release();
    await closed;
    await until('it is logged', () => log.some(({ msg }) => `${msg}`.includes('went away')));
  });

  test('idle connections, and requests that never arrive whole, do not keep the service', async () => {
    const { url, server, get } = await ingest({ limits: { closeGraceMs: 50 } });
    await get('/health/live');
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.once('error', () => {});
    socket.write('POST /webhooks/didomi HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n');
    socket.write('Content-Length: 5\r\n\r\n{');
    await get('/health/live');
    await server.close();
    await ended;
  });

  test('closing twice is closing once', async () => {
    const { server } = await ingest();
    await Promise.all([server.close(), server.close()]);
  });
});

test('on localhost the service answers, and ends', async () => {
  const { url, get, server } = await ingest({ host: 'localhost' });
  expect(url).toMatch(/^http:\/\/localhost:\d+$/);
  expect((await get('/health/live')).status).toBe(200);
  await server.close();
});

test('a taken port is a plain message', async () => {
  const { url } = await ingest();
  const port = Number(new URL(url).port);
  await expect(ingest({ port })).rejects.toThrow(
    `cannot listen on 127.0.0.1, port ${port}: another process listens there already`,
  );
});
