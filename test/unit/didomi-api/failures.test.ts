import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DidomiApiError,
  DidomiHeldError,
  DidomiRateLimitedError,
  DidomiRefusedError,
  DidomiUnavailableError,
} from '../../../didomi/api/errors';
import {
  didomiError,
  errorOf,
  eventBody,
  KEY,
  SECRET,
  type StubAnswer,
  StubDidomi,
  TOKEN,
  userBody,
} from './stub-didomi';

const PERSON = 'grace.hopper+news@example.com';
const READ = { regulations: ['gdpr'] };
const HTML = '<!DOCTYPE html><html><head><title>Bad Gateway</title></head><body>grace.hopper</body></html>';
const NOW = Date.parse('2026-06-01T12:00:00Z');

let stub: StubDidomi;
beforeAll(async () => {
  stub = await StubDidomi.start();
});
beforeEach(() => stub.reset());
afterAll(() => stub.close());

const users = () => stub.api().usersOf(PERSON, READ);
const event = () => stub.api().event('e-1');

type ErrorClass = abstract new (...args: never[]) => DidomiApiError;

describe('a read that Didomi answers with', () => {
  it.each<[string, StubAnswer, ErrorClass]>([
    ['a bad request', didomiError(400, 'BadRequest', 'Bad'), DidomiRefusedError],
    ['a payment that is due', didomiError(402, 'PaymentError', 'Pay'), DidomiHeldError],
    ['no permission', didomiError(403, 'Forbidden', 'No access'), DidomiHeldError],
    ['a firewall', { status: 403, body: HTML }, DidomiHeldError],
    ['nothing there', didomiError(404, 'NotFound', 'Page not found'), DidomiRefusedError],
    ['a wrong address', { status: 404, body: HTML }, DidomiUnavailableError],
    ['a wrong address in plain words', { status: 404, body: 'not found' }, DidomiUnavailableError],
    ['a request timeout', { status: 408 }, DidomiUnavailableError],
    ['a proxy that wants to know us', { status: 407, body: HTML }, DidomiUnavailableError],
    ['a bad request of a proxy', { status: 400, body: HTML }, DidomiUnavailableError],
    ['what it cannot process', didomiError(422, 'Unprocessable', 'No'), DidomiRefusedError],
    ['a used-up budget', didomiError(429, 'TooManyRequests', 'Slow down'), DidomiRateLimitedError],
    ['an error of its own', didomiError(500, 'GeneralError', 'Oops'), DidomiUnavailableError],
    ['a gateway', { status: 502, body: HTML }, DidomiUnavailableError],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://elsewhere.example/' } },
      DidomiUnavailableError,
    ],
  ])('%s becomes what happens next', async (_what, answer, error) => {
    stub.answer(answer);
    const failure = await errorOf(users());
    expect(failure).toBeInstanceOf(error);
    expect(failure).toMatchObject({ call: 'GET /consents/users', status: answer.status, name: error.name });
    expect((failure as Error).message.length).toBeLessThanOrEqual(300);
    expect(stub.requests).toHaveLength(2);
  });

  it.each<[string, StubAnswer, ErrorClass]>([
    ['unknown credentials', didomiError(400, 'BadRequest', 'Invalid'), DidomiHeldError],
    ['unknown credentials in other words', { status: 401 }, DidomiHeldError],
    ['no permission', didomiError(403, 'Forbidden', 'No'), DidomiHeldError],
    ['a used-up budget', { status: 429, headers: { 'retry-after': '3' } }, DidomiRateLimitedError],
    ['a gateway', { status: 503, body: HTML }, DidomiUnavailableError],
    ['a bad request of a proxy', { status: 400, body: HTML }, DidomiUnavailableError],
    ['a wrong address', { status: 404, body: HTML }, DidomiUnavailableError],
    ['a page', { status: 200, body: HTML }, DidomiUnavailableError],
    ['no token', { status: 201, body: { token: TOKEN } }, DidomiUnavailableError],
    [
      'a token that no header can hold',
      { status: 201, body: { access_token: 'a\nb' } },
      DidomiUnavailableError,
    ],
  ])('%s instead of a session becomes what happens next', async (_what, answer, error) => {
    stub.session = answer;
    const failure = await errorOf(users());
    expect(failure).toBeInstanceOf(error);
    expect(failure).toMatchObject({ call: 'POST /sessions' });
    expect(stub.requests).toEqual(['POST /v1/sessions']);
  });

  it("its own 404 says that there is no such event, a wrong address' does not", async () => {
    stub.answer(didomiError(404, 'NotFound', 'No record found'));
    expect(await event()).toBeNull();
    for (const body of [HTML, '', 'no Route matched', { message: 'no Route matched with those values' }]) {
      stub.answer({ status: 404, body });
      expect(await errorOf(event())).toMatchObject({
        name: 'DidomiUnavailableError',
        message: expect.stringContaining('didomi.api_url'),
      });
    }
  });
});

describe('a success that is none', () => {
  it.each<[string, unknown]>([
    ['an HTML page', HTML],
    ['no body', ''],
    ['half a body', '{"data": [{"id": "c2a1b0d4'],
    ['an error', { code: 400, name: 'BadRequest', message: 'sorry' }],
    ['an array', [userBody()]],
    ['an event', eventBody()],
    ['no data', { limit: 100, cursor: null }],
    ['a cursor that is none', { data: [], cursor: {} }],
  ])('is not believed: %s instead of users', async (_what, body) => {
    stub.answer({ body });
    expect(await errorOf(users())).toBeInstanceOf(DidomiUnavailableError);
  });

  it.each<[string, StubAnswer]>([
    ['a list', { body: { data: [eventBody()] } }],
    ['nothing', { status: 204 }],
    ['null', { body: 'null' }],
    ['an event without time', { body: eventBody({ created_at: undefined }) }],
  ])('is not believed: %s instead of an event', async (_what, answer) => {
    stub.answer(answer);
    expect(await errorOf(event())).toBeInstanceOf(DidomiUnavailableError);
  });

  it('is not believed: a body that breaks off', async () => {
    stub.handler = (_request, response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('{"data": [', () => response.destroy());
      return undefined;
    };
    expect(await errorOf(users())).toBeInstanceOf(DidomiUnavailableError);
  });
});

describe('no answer', () => {
  it('from a closed port or a host that does not exist names the network', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    for (const apiUrl of [`http://127.0.0.1:${port}/v1`, 'http://didomi.invalid/v1']) {
      expect(await errorOf(stub.api({ apiUrl }).usersOf(PERSON, READ))).toMatchObject({
        name: 'DidomiUnavailableError',
        message: expect.stringContaining('didomi.api_url'),
      });
    }
  });

  it('in time is not waited for longer, also when single bytes still trickle', async () => {
    let trickle: NodeJS.Timeout | undefined;
    stub.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      trickle = setInterval(() => response.write(' '), 10);
      return undefined;
    };
    const failure = await errorOf(stub.api({ timeoutMs: 150 }).usersOf(PERSON, READ));
    clearInterval(trickle);
    expect(failure).toMatchObject({ name: 'DidomiUnavailableError', code: 'ETIMEDOUT' });
  });

  it('is waited for no longer when the caller gives up, whose reason comes out', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    stub.handler = () => {
      controller.abort(reason);
      return undefined;
    };
    const { signal } = controller;
    expect(await errorOf(stub.api().usersOf(PERSON, { ...READ, signal }))).toBe(reason);
    stub.reset();
    expect(await errorOf(stub.api().event('e-1', { signal }))).toBe(reason);
    expect(stub.requests).not.toContainEqual(expect.stringContaining('GET'));
  });

  it('is sought elsewhere: a redirect would carry the token to where nobody asked for', async () => {
    const elsewhere = await StubDidomi.start();
    stub.answer({ status: 307, headers: { location: `${elsewhere.url}/consents/users` } });
    expect(await errorOf(users())).toBeInstanceOf(DidomiUnavailableError);
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });
});

describe('the wait after a rate limit', () => {
  it.each<[string, Record<string, string>, number]>([
    ['what Retry-After says, in seconds', { 'retry-after': '7' }, 7_000],
    ['what Retry-After says, as a date', { 'retry-after': 'Mon, 01 Jun 2026 12:00:09 GMT' }, 9_000],
    [
      'what RateLimit says where there is no Retry-After',
      { ratelimit: 'limit=100, remaining=0, reset=4' },
      4_000,
    ],
    [
      'what RateLimit says where Retry-After is nonsense',
      { 'retry-after': 'soon', ratelimit: 'limit=100,remaining=0,reset=4' },
      4_000,
    ],
    ['a window of 15 s where no header says', {}, 15_000],
    ['at least 100 ms', { 'retry-after': 'Mon, 01 Jun 2026 11:00:00 GMT' }, 100],
    ['at most 15 minutes', { 'retry-after': '86400' }, 900_000],
  ])('is %s', async (_what, headers, wait) => {
    stub.answer({ status: 429, headers });
    const failure = await errorOf(stub.api({ now: () => NOW }).usersOf(PERSON, READ));
    expect(failure).toMatchObject({ name: 'DidomiRateLimitedError', retryAfterMs: wait });
  });
});

describe('no error shows', () => {
  const echo = `Bad ${PERSON} / ${encodeURIComponent(PERSON)} / ${PERSON.toUpperCase()} / 'other@example.org' / +33 6 12 34 56 78 / key ${KEY} secret ${SECRET} token ${TOKEN}`;
  const private_ = [/hopper/i, /other@/, /12 34/, /0123/, /4567/, /89ab/];

  function expectNoSecret(failure: unknown): void {
    expect(failure).toBeInstanceOf(DidomiApiError);
    const shown = `${inspect(failure, { depth: 10, showHidden: true })} ${JSON.stringify(failure)}`;
    for (const secret of private_) expect(shown).not.toMatch(secret);
    expect((failure as Error).cause).toBeUndefined();
  }

  it.each([400, 401, 402, 403, 404, 409, 422, 429, 500, 503, 200])(
    'credentials, the token or the person, though Didomi says them (%d)',
    async (status) => {
      const bodies = [
        { code: status, name: 'BadRequest', message: echo },
        { code: status, name: PERSON, message: echo },
        echo,
        `<html><title>${echo}</title></html>`,
        { data: [userBody({ updated_at: PERSON, organization_user_id: PERSON })] },
      ];
      for (const body of bodies) {
        stub.session = { status: 201, body: { access_token: TOKEN } };
        stub.answer({ status, body });
        expectNoSecret(await errorOf(stub.api().usersOf(PERSON, READ)));
        expectNoSecret(await errorOf(stub.api().eventsOf({ organizationUserId: PERSON }, READ)));
        stub.session = { status, body };
        expectNoSecret(await errorOf(stub.api().usersOf(PERSON, READ)));
      }
    },
  );

  it('an organization_user_id that is a plain word', async () => {
    stub.answer(didomiError(400, 'Hopper', 'No user HOPPER here, Hopper.'));
    const failure = await errorOf(stub.api().usersOf('hopper', READ));
    expectNoSecret(failure);
    expect((failure as Error).message).toMatch(/No user «…» here, «…»/);
  });

  it('them when the network fails either, and nor does the client itself', async () => {
    stub.handler = (_request, response) => {
      response.destroy();
      return undefined;
    };
    const api = stub.api();
    expectNoSecret(await errorOf(api.usersOf(PERSON, READ)));
    const shown = inspect(api, { depth: 20, showHidden: true });
    for (const secret of private_) expect(shown).not.toMatch(secret);
  });

  it('less than Didomi says in plain words', async () => {
    stub.answer(didomiError(400, 'BadRequest', 'The regulation "gpdr" does not exist (see docs).'));
    expect(await errorOf(users())).toMatchObject({
      message:
        'Didomi refuses GET /consents/users (400 BadRequest). It says: The regulation "gpdr" does not exist (see docs).',
    });
    stub.answer({ status: 502, body: HTML });
    expect(await errorOf(users())).toMatchObject({ message: expect.stringMatching(/It says: Bad Gateway$/) });
  });
});
