import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { codecServer } from '../../../cli/codec-server/application';
import { jsonOf } from '../../../cli/codec-server/payload-json';
import { EncryptionCodec } from '../../../encryption/payload-codec';
import { keys } from '../encryption/keys';

const UI = 'https://temporal.example.com';
const TOKEN = 'a-token-of-enough-characters';
const codec = new EncryptionCodec({ ...keys('now'), acceptUnencrypted: true });
const plain = defaultPayloadConverter.toPayload({ email: 'ana@example.com' }) as Payload;

let app: FastifyInstance;
let logged: string[];
afterEach(() => app.close());

function start(token?: string): void {
  logged = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  app = codecServer({ codec, access: { token, origins: new Set([UI]) }, logger });
}

async function encrypted(by = codec): Promise<object> {
  return jsonOf(await by.encode([plain]));
}

interface Answer {
  readonly statusCode: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** Over HTTP, with headers that `fetch` does not let one choose. */
async function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<Answer> {
  if (!app.server.listening) await app.listen({ port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const asking = request({ port, method, path, headers }, (answer) => {
      const { statusCode } = answer;
      text(answer).then((read) => resolve({ statusCode, headers: answer.headers, body: read }), reject);
    });
    asking.on('error', reject).end(body);
  });
}

function ask(payload: object | string, headers: Record<string, string> = {}, path = '/decode') {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return send('POST', path, { 'content-type': 'application/json', ...headers }, body);
}

describe('the codec server', () => {
  it('decodes what is encrypted, and leaves alone what is not', async () => {
    start();
    const both = jsonOf([...(await codec.encode([plain])), plain]);
    const { statusCode, body, headers } = await ask(both);
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toEqual(jsonOf([plain, plain]));
    expect(headers['cache-control']).toBe('no-store');
  });

  it('takes null for bytes that there are none of, beside what it decodes', async () => {
    start();
    const [encrypted] = jsonOf(await codec.encode([plain])).payloads;
    const { statusCode, body } = await ask({
      payloads: [{ metadata: { encoding: btoa('binary/null') }, data: null }, encrypted],
    });
    expect(statusCode).toBe(200);
    expect(JSON.parse(body).payloads).toEqual([
      { metadata: { encoding: btoa('binary/null') }, data: '' },
      jsonOf([plain]).payloads[0],
    ]);
  });

  it('shows the rest where a key is missing, and logs the id of that key', async () => {
    start();
    const other = new EncryptionCodec(keys('gone'));
    const [lost] = await other.encode([plain]);
    const [own] = await codec.encode([plain]);
    const asked = jsonOf([lost as Payload, own as Payload]);
    const { body } = await ask(asked);
    expect(JSON.parse(body).payloads).toEqual([asked.payloads[0], jsonOf([plain]).payloads[0]]);
    expect(logged.join()).toContain('gone');
    expect(logged.join()).not.toContain('ana@example.com');
  });

  it('does not encode, save the nothing that a query has as its arguments', async () => {
    start();
    expect((await ask(jsonOf([plain]), {}, '/encode')).statusCode).toBe(403);
    for (const nothing of [{}, { payloads: [] }]) {
      expect(await ask(nothing, {}, '/encode')).toMatchObject({ statusCode: 200, body: '{"payloads":[]}' });
    }
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['something else', '{"a":1}'],
    ['payloads that are none', '{"payloads":[1]}'],
    ['bytes that are none', '{"payloads":[{"data":7}]}'],
    ['a list', '[]'],
    ['a prototype', '{"__proto__":{"payloads":[]}}'],
  ])('refuses %s with 400', async (_name, body) => {
    start();
    const { statusCode, headers } = await ask(body);
    expect(statusCode).toBe(400);
    expect(headers['content-type']).toContain('application/problem+json');
  });

  it('refuses a body that is far too large, and one that a form has sent', async () => {
    start();
    expect((await ask('x'.repeat(17 * 1_048_576))).statusCode).toBe(413);
    expect((await ask(await encrypted(), { 'content-type': 'text/plain' })).statusCode).toBe(415);
  });

  it('tells that it lives', async () => {
    start(TOKEN);
    expect((await send('GET', '/health')).statusCode).toBe(200);
  });
});

describe('with a token', () => {
  it.each([
    ['none', undefined, 401],
    ['another one', `Bearer ${TOKEN}x`, 401],
    ['a part of it', `Bearer ${TOKEN.slice(0, -1)}`, 401],
    ['it in another way', `Basic ${TOKEN}`, 401],
    ['it', `Bearer ${TOKEN}`, 200],
  ])('who sends %s', async (_name, authorization, status) => {
    start(TOKEN);
    const { statusCode } = await ask(await encrypted(), authorization === undefined ? {} : { authorization });
    expect(statusCode).toBe(status);
    expect(logged.join()).not.toContain(TOKEN.slice(0, 8));
  });

  it('may be spoken to under any name', async () => {
    start(TOKEN);
    const headers = { host: 'codec.example.com', authorization: `Bearer ${TOKEN}` };
    expect((await ask(await encrypted(), headers)).statusCode).toBe(200);
  });
});

describe('without a token', () => {
  it.each([
    ['127.0.0.1:8088', 200],
    ['localhost:8088', 200],
    ['[::1]:8088', 200],
    ['evil.example:8088', 403],
    ['127.0.0.1.evil.example', 403],
  ])('is spoken to as this machine only: %s', async (host, status) => {
    start();
    expect((await ask(await encrypted(), { host })).statusCode).toBe(status);
  });
});

describe('a page', () => {
  it('on the list may ask, and send what the Temporal UI sends', async () => {
    start(TOKEN);
    const asked = await send('OPTIONS', '/decode', {
      origin: UI,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-namespace',
    });
    expect(asked.statusCode).toBe(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': UI,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'authorization,content-type,x-namespace',
      vary: 'Origin',
    });
    const answer = await ask(await encrypted(), { origin: UI, authorization: `Bearer ${TOKEN}` });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe(UI);
  });

  it.each(['https://evil.example', 'https://temporal.example.com.evil.example', 'null', `${UI}/`])(
    'that is not on it may not: %s',
    async (origin) => {
      start();
      const answer = await ask(await encrypted(), { origin });
      expect(answer.statusCode).toBe(403);
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      expect(answer.body).not.toContain('payloads');
    },
  );
});
