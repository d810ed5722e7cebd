import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { RateBudget } from '../../../brevo/budget';
import { BrevoClient } from '../../../brevo/client';
import { BrevoRefusedError, BrevoUnavailableError } from '../../../brevo/errors';
import { ADA, failingBrevo, HTML, json } from './failing-brevo';
import { API_KEY, contactBody, errorOf, type StubAnswer, StubBrevo } from './stub-brevo';

const { stub, get, put, post } = failingBrevo();

describe('a success that is none', () => {
  it.each<[string, StubAnswer]>([
    ['an HTML page', { status: 200, body: HTML }],
    ['no body', { status: 200 }],
    ['an empty object', { status: 200, body: {} }],
    ['an error', { status: 200, body: { code: 'internal', message: 'sorry' } }],
    ['a contact whose flag is a text', { status: 200, body: contactBody({ emailBlacklisted: 'false' }) }],
    ['a contact without id', { status: 200, body: contactBody({ id: undefined }) }],
    ['another status', { status: 206, body: contactBody() }],
    ['no content', { status: 204 }],
  ])('is not believed: a contact answered with %s', async (_, answer) => {
    stub().answer(answer);
    expect(await errorOf(get())).toMatchObject({ name: 'BrevoUnavailableError', mayHaveHappened: false });
  });

  it.each<[string, StubAnswer]>([
    ['an HTML page', { status: 200, body: HTML }],
    ['an error', { status: 200, body: { code: 'internal', message: 'sorry' } }],
    ['200 and nothing', { status: 200 }],
  ])('is not believed: a change answered with %s', async (_, answer) => {
    stub().answer(answer);
    expect(await errorOf(put())).toMatchObject({ name: 'BrevoUnavailableError', mayHaveHappened: true });
  });

  it.each<[string, StubAnswer]>([
    ['no id', { status: 201, body: {} }],
    ['204, which updates give', { status: 204 }],
    ['an id that is none', { status: 201, body: { id: '0' } }],
  ])('is not believed: a creation answered with %s', async (_, answer) => {
    stub().answer(answer);
    expect(await errorOf(post())).toMatchObject({ name: 'BrevoUnavailableError', mayHaveHappened: true });
  });

  it('is not believed: half a body', async () => {
    stub().handler = (_request, response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('{"id": 4711, "email": "ada@exam', () => response.destroy());
      return undefined;
    };
    expect(await errorOf(get())).toBeInstanceOf(BrevoUnavailableError);
  });

  it('never quotes a contact in its message', async () => {
    stub().answer({ status: 200, body: contactBody({ id: 'x', attributes: { LASTNAME: 'Lovelace' } }) });
    expect(inspect(await errorOf(get()), { depth: 10 })).not.toContain('Lovelace');
    stub().answer({ status: 200, body: '{"id": 4711, "attributes": {"LASTNAME": "Lovelace"' });
    expect(inspect(await errorOf(get()), { depth: 10 })).not.toContain('Lovelace');
  });
});

describe('no answer', () => {
  function clientAt(baseUrl: string, timeoutMs = 5_000): BrevoClient {
    return new BrevoClient({
      apiKey: API_KEY,
      baseUrl,
      timeoutMs,
      budget: new RateBudget({ requestsPerSecond: 1_000 }),
    });
  }
  const change = (client: BrevoClient) => client.updateContact(ADA, { emailBlacklisted: true });

  it('from a closed port leaves no doubt that nothing happened', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const failure = await errorOf(change(clientAt(`http://127.0.0.1:${port}/v3`)));
    expect(failure).toMatchObject({
      name: 'BrevoUnavailableError',
      code: 'ECONNREFUSED',
      mayHaveHappened: false,
    });
  });

  it('from a host that does not exist leaves no doubt either', async () => {
    const failure = await errorOf(change(clientAt('http://brevo.invalid/v3')));
    expect(failure).toMatchObject({ name: 'BrevoUnavailableError', mayHaveHappened: false });
  });

  it('from a server without TLS where TLS is expected leaves no doubt either', async () => {
    const failure = await errorOf(change(clientAt(stub().baseUrl.replace('http:', 'https:'))));
    expect(failure).toMatchObject({ name: 'BrevoUnavailableError', mayHaveHappened: false });
  });

  it('from a connection that breaks may have happened', async () => {
    stub().handler = (_request, response) => {
      response.destroy();
      return undefined;
    };
    expect(await errorOf(put())).toMatchObject({
      name: 'BrevoUnavailableError',
      code: 'ECONNRESET',
      mayHaveHappened: true,
    });
    expect(await errorOf(get())).toMatchObject({ mayHaveHappened: false });
  });

  it('in time may have happened, also when single bytes still trickle', async () => {
    let trickle: NodeJS.Timeout | undefined;
    stub().handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      trickle = setInterval(() => response.write(' '), 10);
      return undefined;
    };
    const failure = await errorOf(change(clientAt(stub().baseUrl, 150)));
    clearInterval(trickle);
    expect(failure).toMatchObject({
      name: 'BrevoUnavailableError',
      code: 'ETIMEDOUT',
      mayHaveHappened: true,
    });
  });

  it('to a read is waited for no longer when the caller gives up, whose reason comes out', async () => {
    const controller = new AbortController();
    const reason = new Error('a newer choice came in');
    stub().handler = () => {
      controller.abort(reason);
      return undefined;
    };
    expect(await errorOf(stub().client().getContact(ADA, { signal: controller.signal }))).toBe(reason);
  });

  it('is not even asked for when the caller has given up before', async () => {
    const signal = AbortSignal.abort(new Error('cancelled'));
    expect(await errorOf(stub().client().getContact(ADA, { signal }))).toBe(signal.reason);
    const write = stub().client().updateContact(ADA, { emailBlacklisted: true }, { signal });
    expect(await errorOf(write)).toBe(signal.reason);
    expect(stub().requests).toHaveLength(0);
  });
});

describe('a write that the caller gives up', () => {
  it('comes to its end once it has begun, so that it is known how it ended', async () => {
    for (const answer of [{ status: 204 }, json(400, 'invalid_parameter', 'no')]) {
      const controller = new AbortController();
      stub().handler = () => {
        controller.abort(new Error('a newer choice came in'));
        return answer;
      };
      const write = stub()
        .client()
        .updateContact(ADA, { emailBlacklisted: true }, { signal: controller.signal });
      if (answer.status === 204) await write;
      else expect(await errorOf(write)).toBeInstanceOf(BrevoRefusedError);
    }
  });

  it('is not made when it still waits for its turn', async () => {
    const budget = new RateBudget({ requestsPerSecond: 0.2 });
    const client = stub().answer({ status: 204 }).client({ budget });
    await client.updateContact(ADA, { emailBlacklisted: true });
    const controller = new AbortController();
    const write = client.updateContact(ADA, { emailBlacklisted: true }, { signal: controller.signal });
    const reason = new Error('a newer choice came in');
    controller.abort(reason);
    expect(await errorOf(write)).toBe(reason);
    expect(stub().requests).toHaveLength(1);
  });
});

describe('a redirect', () => {
  it('is not followed: key and identifier go to Brevo alone', async () => {
    const elsewhere = await StubBrevo.start();
    stub().answer({ status: 307, headers: { location: `${elsewhere.baseUrl}/contacts` } });
    await errorOf(put());
    expect(elsewhere.requests).toHaveLength(0);
    await elsewhere.close();
  });
});
