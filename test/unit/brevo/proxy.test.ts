import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RateBudget } from '../../../brevo/budget';
import { BrevoClient } from '../../../brevo/client';
import { BrevoUnavailableError } from '../../../brevo/errors';
import { startTlsServer, type TlsServer, trustTestAuthority } from '../../support/tls-server';
import { API_KEY, contactBody } from './stub-brevo';

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];

let proxy: Server;
const tunnels: Duplex[] = [];
let brevo: TlsServer;
/** Everything that went through the proxy, as it saw it. */
let seen = '';
/** The keys that came to Brevo. */
let keys: unknown[] = [];
const before = { ...process.env };

beforeEach(async () => {
  seen = '';
  keys = [];
  trustTestAuthority();
  brevo = await startTlsServer('good', (request, response) => {
    keys.push(request.headers['api-key']);
    response.end(JSON.stringify(contactBody()));
  });
  proxy = createServer();
  proxy.on('connect', (request, socket) => {
    seen += `${request.method} ${request.url} ${JSON.stringify(request.headers)}`;
    const there = connect(brevo.port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    socket.on('data', (data) => {
      seen += data.toString('latin1');
    });
    socket.pipe(there).pipe(socket);
    for (const end of [socket, there]) {
      tunnels.push(end);
      end.on('error', () => undefined);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  for (const name of PROXY_VARIABLES) delete process.env[name];
  process.env.HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const name of PROXY_VARIABLES) delete process.env[name];
  Object.assign(process.env, before);
  jest.restoreAllMocks();
  await brevo.close();
  for (const tunnel of tunnels.splice(0)) tunnel.destroy();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});

describe('a proxy that the environment names', () => {
  it('carries calls to Brevo, and sees neither key nor person nor path', async () => {
    // Not the name `localhost`, which is never reached through a proxy; the proxy knows where this one is.
    const client = new BrevoClient({
      apiKey: API_KEY,
      baseUrl: 'https://brevo.test/v3',
      budget: new RateBudget({ requestsPerSecond: 100 }),
    });
    expect(await client.getContact({ kind: 'email', value: 'ada@example.com' })).toMatchObject({ id: 4711 });
    expect(keys).toEqual([API_KEY]);
    expect(seen).toContain('CONNECT brevo.test:443');
    for (const secret of [API_KEY, 'ada', 'contacts']) expect(seen).not.toContain(secret);
    client.close();
  });

  it.each([403, 407, 502])(
    'and refuses with %s is not taken for Brevo that refuses the account',
    async (status) => {
      proxy.removeAllListeners('connect');
      proxy.on('connect', (_, socket) => {
        socket.end(`HTTP/1.1 ${status} No\r\ncontent-type: text/html\r\n\r\n<title>Access denied</title>`);
      });
      const client = new BrevoClient({
        apiKey: API_KEY,
        baseUrl: 'https://brevo.test/v3',
        budget: new RateBudget({ requestsPerSecond: 100 }),
      });
      const failure = await client
        .getContact({ kind: 'email', value: 'ada@example.com' })
        .catch((error) => error);
      expect(failure).toBeInstanceOf(BrevoUnavailableError);
      expect(failure).toMatchObject({ code: `PROXY_ANSWERED_${status}`, mayHaveHappened: false });
      expect(failure.message).toContain('a proxy on the way (HTTPS_PROXY) lets nothing through');
      client.close();
    },
  );
});
