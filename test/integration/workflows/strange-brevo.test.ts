import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Fault } from '../../../simulator';
import { startTlsServer, trustTestAuthority } from '../../support/tls-server';
import { until } from '../../support/until';
import { callsOf, outcomeOf, workflowOf } from '../support/asking';
import { eventCreated, type Harness, inSeconds, someone, startHarness } from '../support/harness';

const API_KEY = 'xkeysib-test';

let harness: Harness;
let elsewhere: Server;
let strayCalls = 0;
beforeAll(async () => {
  elsewhere = createServer((_request, response) => {
    strayCalls += 1;
    response.end();
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await harness.close();
  jest.restoreAllMocks();
});
afterAll(() => new Promise((resolve) => elsewhere.close(resolve)));

/** What an operator reads in Temporal's UI of the call that is tried again and again. */
async function lastFailure(email: string): Promise<string> {
  let message = '';
  await until('a call has failed', async () => {
    const workflow = await workflowOf(harness, email).catch(() => undefined);
    if (!workflow) return false;
    const { raw } = await workflow.describe();
    message = raw.pendingActivities?.[0]?.lastFailure?.message ?? '';
    return message !== '';
  });
  return message;
}

interface Strange {
  readonly what: string;
  /** Which of the calls for the contact is answered so. */
  readonly of: 'look' | 'change' | 'create';
  readonly fault: (contact: { readonly id: number; readonly email: string }) => Fault;
  /** What the operator reads. */
  readonly says: RegExp;
}

const body = (status: number, what: unknown, headers?: Record<string, string>) => (): Fault => ({
  kind: 'status',
  status,
  body: what,
  ...(headers && { headers }),
});
const HTML = '<html><head><title>Welcome to nginx</title></head><body>key xkeysib-test</body></html>';
const REFUSED_IN_OK = { code: 'unauthorized', message: 'Key not found' };
const contact = (changes: object) => ({
  id: 1,
  emailBlacklisted: false,
  attributes: {},
  statistics: {},
  ...changes,
});
const redirect = (status: 301 | 302 | 307 | 308) => (): Fault => ({
  kind: 'redirect',
  status,
  location: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/v3/contacts`,
});

const STRANGE: readonly Strange[] = [
  { what: 'an HTML page', of: 'look', fault: body(200, HTML), says: /200.*not JSON.*Welcome to nginx/ },
  { what: 'an HTML page', of: 'change', fault: body(200, HTML), says: /answered 200.*204/ },
  {
    what: 'an error in a 200',
    of: 'look',
    fault: body(200, REFUSED_IN_OK),
    says: /200.*error \(unauthorized\)/,
  },
  {
    what: 'an error in a 200',
    of: 'change',
    fault: body(200, REFUSED_IN_OK),
    says: /200.*error \(unauthorized\)/,
  },
  {
    what: 'an error in a 201',
    of: 'create',
    fault: body(201, REFUSED_IN_OK),
    says: /201.*error \(unauthorized\)/,
  },
  { what: '200 for 204', of: 'change', fault: body(200, {}), says: /answered 200.*204/ },
  { what: '202 for 204', of: 'change', fault: body(202, { processId: 3 }), says: /answered 202.*204/ },
  { what: '204 for a contact', of: 'look', fault: body(204, undefined), says: /answered 204.*200/ },
  { what: '201 without id', of: 'create', fault: body(201, {}), says: /answered 201.*id is not/ },
  { what: '204 for 201', of: 'create', fault: body(204, undefined), says: /answered 204.*201/ },
  { what: 'no JSON', of: 'look', fault: body(200, '{"id": 47'), says: /not JSON/ },
  { what: 'nothing', of: 'look', fault: body(200, ''), says: /body is empty/ },
  {
    what: 'another person',
    of: 'look',
    fault: () => body(200, contact({ email: 'somebody-else@example.com' }))(),
    says: /another contact than the one/,
  },
  {
    what: 'half a body',
    of: 'look',
    fault: () => ({ kind: 'halfBody' }),
    says: /completely: the connection broke/,
  },
  {
    what: 'half an answer',
    of: 'change',
    fault: () => ({ kind: 'halfBody' }),
    says: /completely: the connection broke/,
  },
  { what: 'a closed connection', of: 'change', fault: () => ({ kind: 'dropBefore' }), says: /ECONNRESET/ },
  {
    what: 'single bytes',
    of: 'look',
    fault: () => ({ kind: 'trickle', everyMs: 200 }),
    says: /within \d+(\.\d+)? s/,
  },
  {
    what: 'single bytes',
    of: 'change',
    fault: () => ({ kind: 'trickle', everyMs: 200 }),
    says: /may have been carried out/,
  },
  {
    what: 'no end of bytes',
    of: 'look',
    fault: () => ({ kind: 'flood', megabytes: 64 }),
    says: /longer than any of Brevo/,
  },
  {
    what: 'a bomb of gzip',
    of: 'look',
    fault: () => ({ kind: 'flood', megabytes: 256, gzip: true }),
    says: /longer than any of Brevo/,
  },
  {
    what: 'what is not gzip',
    of: 'look',
    fault: body(200, '{"id":1}', { 'content-encoding': 'gzip' }),
    says: /cannot be unpacked/,
  },
  {
    what: '301',
    of: 'look',
    fault: redirect(301),
    says: /sends us elsewhere.*301.*BREVO_API_URL|BREVO_API_URL sends us elsewhere/,
  },
  { what: '302', of: 'create', fault: redirect(302), says: /sends us elsewhere/ },
  { what: '307', of: 'change', fault: redirect(307), says: /sends us elsewhere/ },
  { what: '308', of: 'change', fault: redirect(308), says: /sends us elsewhere/ },
  { what: 'no answer', of: 'change', fault: () => ({ kind: 'hang' }), says: /may have been carried out/ },
];

describe('a withdrawal', () => {
  it('survives every strange answer, says what is strange without naming key or person, and ends in force', async () => {
    harness = await startHarness({ brevoTimeoutMs: 4_000 });
    const { simulator } = harness;
    const people = STRANGE.map((strange) => {
      const email = someone();
      const seeded = strange.of !== 'create';
      const { id } = seeded ? simulator.seedContact({ email }) : { id: 0 };
      const match = {
        look: { method: 'GET', path: encodeURIComponent(email) },
        change: { method: 'PUT', path: `^/contacts/${id}\\?` },
        create: { method: 'POST', body: email },
      }[strange.of];
      return { ...strange, email, fault: { ...strange.fault({ id, email }), match } as Fault };
    });
    simulator.setFaults(...people.map(({ fault }) => fault));
    const outcomes = people.map(({ email }) => outcomeOf(harness, eventCreated(email, false)));
    for (const { email, says, what, of } of people) {
      const message = await lastFailure(email);
      expect({ what, of, message }).toMatchObject({ message: expect.stringMatching(says) });
      for (const secret of [API_KEY, email, encodeURIComponent(email), 'somebody-else']) {
        expect(message).not.toContain(secret);
      }
    }
    simulator.setFaults();
    await Promise.all(outcomes);
    for (const { email, what, of } of people) {
      expect({ what, of, ...simulator.contact({ email }) }).toMatchObject({
        what,
        of,
        emailBlacklisted: true,
        attributes: { OPT_EMAIL: false },
      });
    }
    expect(simulator.contacts()).toHaveLength(people.length);
    expect(strayCalls).toBe(0);
  }, 120_000);

  it('gets through to a Brevo that takes three times as long as we first wait, for everything', async () => {
    harness = await startHarness({ brevoTimeoutMs: 400 });
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.setFaults({ kind: 'latency', ms: 1_200 });
    expect(await outcomeOf(harness, eventCreated(email, false))).toMatch(/updated|unchanged/);
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
    const before = callsOf(harness, 'GET').length;
    // The next person's look does not have to learn it again.
    const other = someone();
    harness.simulator.seedContact({ email: other });
    await outcomeOf(harness, eventCreated(other, false));
    const looks = callsOf(harness, 'GET').slice(before);
    expect(looks.filter(({ path }) => path.includes(encodeURIComponent(other)))).toHaveLength(1);
  });

  it('survives a clock that jumps a day ahead and a day back while Brevo is away', async () => {
    harness = await startHarness();
    const email = someone();
    harness.simulator.seedContact({ email });
    harness.simulator.setFaults({ kind: 'status', status: 503 });
    const settled = outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-60) }));
    await lastFailure(email);
    const now = Date.now;
    let offset = 86_400_000;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + offset);
    const calls = harness.simulator.calls().length;
    await until('Brevo is asked again', () => harness.simulator.calls().length > calls);
    offset = -86_400_000;
    harness.simulator.setFaults();
    expect(await settled).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });
});

describe('a Brevo that cannot be reached', () => {
  const at = (port: number) => `https://localhost:${port}/v3`;
  const answerNothing = () => {
    strayCalls += 1;
  };

  it.each<[string, () => Promise<{ url: string; close(): Promise<void> }>, RegExp]>([
    [
      'whose name is not known',
      async () => ({ url: 'https://brevo.invalid/v3', close: async () => {} }),
      /not found in DNS/,
    ],
    [
      'that refuses connections',
      async () => ({ url: 'http://127.0.0.1:1/v3', close: async () => {} }),
      /refuses the connection/,
    ],
    ...(['self-signed', 'expired', 'other-name'] as const).map(
      (certificate): [string, () => Promise<{ url: string; close(): Promise<void> }>, RegExp] => [
        `with a certificate: ${certificate}`,
        async () => {
          const { port, close } = await startTlsServer(certificate, answerNothing);
          return { url: at(port), close };
        },
        { 'self-signed': /signed by nobody/, expired: /has expired/, 'other-name': /for another name/ }[
          certificate
        ],
      ],
    ),
    [
      'that does not speak TLS',
      async () => {
        const server = createTcpServer((socket) =>
          socket
            .on('error', () => undefined)
            .resume()
            .end('SSH-2.0-OpenSSH\r\n'),
        );
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
        return { url: at((server.address() as AddressInfo).port), close };
      },
      /does not agree on TLS/,
    ],
  ])('%s says so, and gets the withdrawal when it can be', async (_, start, says) => {
    trustTestAuthority();
    const { url, close } = await start();
    harness = await startHarness({ brevoApiUrl: url });
    const email = someone();
    const settled = outcomeOf(harness, eventCreated(email, false));
    const message = await lastFailure(email);
    expect(message).toMatch(says);
    expect(message).not.toMatch(/xkeysib|example\.com/);
    await harness.stopWorker();
    await harness.startWorker({ brevoApiUrl: harness.simulator.url });
    await settled;
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
    expect(strayCalls).toBe(0);
    await close();
  });
});
