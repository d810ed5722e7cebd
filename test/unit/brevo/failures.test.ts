import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { RateBudget } from '../../../brevo/budget';
import { BrevoClient } from '../../../brevo/client';
import {
  BrevoDuplicateError,
  BrevoError,
  BrevoHeldError,
  BrevoNotFoundError,
  BrevoRateLimitedError,
  BrevoRefusedError,
  BrevoUnavailableError,
} from '../../../brevo/errors';
import type { Identifier } from '../../../consent/identifier';
import { API_KEY, contactBody, errorOf, type StubAnswer, StubBrevo } from './stub-brevo';

const ADA: Identifier = { kind: 'email', value: 'ada@example.com' };
const HTML =
  '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>ada@example.com</body></html>';

let stub: StubBrevo;
beforeAll(async () => {
  stub = await StubBrevo.start();
});
afterAll(() => stub.close());
beforeEach(() => {
  stub.requests.length = 0;
});

const get = () => stub.client().getContact(ADA);
const put = () => stub.client().updateContact(ADA, { emailBlacklisted: true });
const post = () => stub.client().createContact({ identifier: ADA });

function json(status: number, code: string | undefined, message: string, more: object = {}): StubAnswer {
  return {
    status,
    body: { ...(code && { code }), message, ...more },
    headers: { 'sib-request-id': 'req-1' },
  };
}

type ErrorClass = abstract new (...args: never[]) => BrevoError;
interface Row {
  readonly name: string;
  readonly answer: StubAnswer;
  readonly error: ErrorClass;
  readonly fields?: Record<string, unknown>;
}

/** Each row of Brevo's errors, in the order of their status. */
const ROWS: Row[] = [
  {
    name: 'a bad value',
    answer: json(400, 'invalid_parameter', 'Invalid email address'),
    error: BrevoRefusedError,
    fields: { status: 400, code: 'invalid_parameter', requestId: 'req-1' },
  },
  {
    name: 'a bad phone number',
    answer: json(400, 'invalid_parameter', 'Invalid phone number'),
    error: BrevoRefusedError,
  },
  {
    name: 'no identifier',
    answer: json(400, 'missing_parameter', 'Please provide Email or SMS'),
    error: BrevoRefusedError,
  },
  {
    name: 'a duplicate in the spelling before 2026-05',
    answer: json(
      400,
      'duplicate_parameter',
      'Unable to create contact, email is already associated with another Contact',
      { metadata: { duplicate_identifiers: ['email'] } },
    ),
    error: BrevoDuplicateError,
    fields: { identifiers: ['email'] },
  },
  {
    name: 'a duplicate in the spelling since 2026-05',
    answer: json(
      400,
      'invalid_parameter',
      'Unable to create contact, email is already associate with another Contact',
      { metadata: { duplicate_identifiers: ['EMAIL'] } },
    ),
    error: BrevoDuplicateError,
    fields: { identifiers: ['email'] },
  },
  {
    name: 'a duplicate that only the metadata names',
    answer: json(400, 'invalid_parameter', 'Nein', {
      metadata: { duplicate_identifiers: ['SMS', 'EXT_ID'] },
    }),
    error: BrevoDuplicateError,
    fields: { identifiers: ['sms', 'ext_id'] },
  },
  {
    name: 'a duplicate in the old wording without metadata',
    answer: json(400, 'invalid_parameter', 'Contact already exist'),
    error: BrevoDuplicateError,
    fields: { identifiers: [] },
  },
  {
    name: 'empty duplicate metadata',
    answer: json(400, 'invalid_parameter', 'Invalid', { metadata: { duplicate_identifiers: [] } }),
    error: BrevoRefusedError,
  },
  {
    name: 'a transactional attribute',
    answer: json(400, 'invalid_parameter', 'Transactional attribute as primary Key is missing'),
    error: BrevoRefusedError,
  },
  { name: 'out of range', answer: json(400, 'out_of_range', 'limit is too large'), error: BrevoRefusedError },
  {
    name: 'an operation on the account',
    answer: json(400, 'account_in_process', 'busy'),
    error: BrevoUnavailableError,
    fields: { mayHaveHappened: false },
  },
  { name: 'a 400 without body', answer: { status: 400 }, error: BrevoRefusedError },
  {
    name: 'a missing key',
    answer: json(401, 'unauthorized', 'authentication not found in headers'),
    error: BrevoHeldError,
    fields: { reason: 'key' },
  },
  {
    name: 'a wrong key',
    answer: json(401, 'unauthorized', 'Key not found'),
    error: BrevoHeldError,
    fields: { reason: 'key', status: 401 },
  },
  {
    name: 'a blocked IP address',
    answer: json(
      401,
      'unauthorized',
      'We have detected you are using an unrecognised IP address 203.0.113.77. Add it in https://app.brevo.com/security/authorised_ips',
    ),
    error: BrevoHeldError,
    fields: { reason: 'ip' },
  },
  {
    name: 'an IP address "not verified"',
    answer: json(401, 'unauthorized', 'Unauthorized: not verified'),
    error: BrevoHeldError,
    fields: { reason: 'ip' },
  },
  {
    name: 'an "IP not authorized"',
    answer: json(401, 'unauthorized', 'IP not authorized'),
    error: BrevoHeldError,
    fields: { reason: 'ip' },
  },
  { name: 'a 401 without body', answer: { status: 401 }, error: BrevoHeldError, fields: { reason: 'key' } },
  {
    name: 'no credits',
    answer: json(402, 'not_enough_credits', 'buy'),
    error: BrevoHeldError,
    fields: { reason: 'credits' },
  },
  {
    name: 'no permission',
    answer: json(403, 'permission_denied', 'no'),
    error: BrevoHeldError,
    fields: { reason: 'permission' },
  },
  {
    name: 'a pending account',
    answer: json(403, 'account_under_validation', 'soon'),
    error: BrevoHeldError,
    fields: { reason: 'permission' },
  },
  {
    name: 'a feature that is off',
    answer: json(403, 'CONSENT_GROUP_NOT_ENABLED', 'off'),
    error: BrevoHeldError,
    fields: { code: 'CONSENT_GROUP_NOT_ENABLED' },
  },
  { name: 'a wrong verb', answer: json(405, 'method_not_allowed', 'no'), error: BrevoRefusedError },
  { name: 'not acceptable', answer: json(406, 'not_acceptable', 'no'), error: BrevoRefusedError },
  { name: 'a timeout in front of Brevo', answer: { status: 408 }, error: BrevoUnavailableError },
  { name: 'a conflict', answer: json(409, 'conflict', 'no'), error: BrevoRefusedError },
  { name: 'a body that is too large', answer: { status: 413, body: HTML }, error: BrevoRefusedError },
  {
    name: 'an unprocessable entity',
    answer: json(422, 'unprocessable_entity', 'no'),
    error: BrevoRefusedError,
  },
  {
    name: 'too early',
    answer: json(425, 'too_early', 'wait'),
    error: BrevoUnavailableError,
    fields: { mayHaveHappened: false },
  },
  {
    name: 'a rate limit',
    answer: { ...json(429, 'too_many_requests', 'slow'), headers: { 'x-sib-ratelimit-reset': '2' } },
    error: BrevoRateLimitedError,
  },
  { name: 'a rate limit in HTML', answer: { status: 429, body: HTML }, error: BrevoRateLimitedError },
  {
    name: 'an empty server error',
    answer: { status: 500, body: {} },
    error: BrevoUnavailableError,
    fields: { mayHaveHappened: true },
  },
  {
    name: 'a gateway error in HTML',
    answer: { status: 502, body: HTML },
    error: BrevoUnavailableError,
    fields: { mayHaveHappened: true },
  },
  { name: 'an unavailable service', answer: { status: 503 }, error: BrevoUnavailableError },
  { name: 'a gateway timeout', answer: { status: 504 }, error: BrevoUnavailableError },
  {
    name: "Cloudflare's 524",
    answer: { status: 524, body: 'error code: 524', headers: { 'cf-ray': '8a-FRA' } },
    error: BrevoUnavailableError,
    fields: { requestId: '8a-FRA' },
  },
  {
    name: 'a redirect',
    answer: { status: 302, headers: { location: 'https://elsewhere.example/' } },
    error: BrevoUnavailableError,
    fields: { mayHaveHappened: false },
  },
];

describe('a change that Brevo answers with', () => {
  test.each(ROWS)('$name becomes what happens next', async ({ answer, error, fields }) => {
    stub.answer(answer);
    const failure = await errorOf(put());
    expect(failure).toBeInstanceOf(error);
    expect(failure).toMatchObject({ call: 'PUT /contacts/{identifier}', status: answer.status, ...fields });
    expect((failure as Error).name).toBe(error.name);
    expect((failure as Error).message.length).toBeLessThanOrEqual(300);
    expect(stub.requests).toHaveLength(1);
  });
});

describe('an unknown contact', () => {
  it('is null when looked up and BrevoNotFoundError when changed', async () => {
    stub.answer(json(404, 'document_not_found', 'Contact does not exist'));
    expect(await get()).toBeNull();
    expect(await errorOf(put())).toBeInstanceOf(BrevoNotFoundError);
  });

  it('is recognised without a code', async () => {
    stub.answer(json(404, undefined, 'Contact does not exist'));
    expect(await get()).toBeNull();
  });

  it.each([
    ['an HTML page', { status: 404, body: HTML }],
    ['nothing', { status: 404 }],
    [
      "a router's JSON",
      {
        status: 404,
        body: {
          message: 'Route GET:/contacts/ada%40example.com not found',
          error: 'Not Found',
          statusCode: 404,
        },
      },
    ],
    ["a gateway's JSON", { status: 404, body: { message: 'no Route matched with those values' } }],
    ['another code', { status: 404, body: { code: 'not_found', message: 'Contact API is not here' } }],
  ])(
    'is not concluded from a 404 with %s: a wrong address must not look like unknown contacts',
    async (_, answer) => {
      stub.answer(answer);
      for (const call of [get, put, post]) {
        const failure = await errorOf(call());
        expect(failure).toBeInstanceOf(BrevoUnavailableError);
        expect((failure as Error).message).toContain('BREVO_API_URL');
      }
    },
  );

  it('is not what an unknown list is called', async () => {
    stub.answer(json(404, 'document_not_found', 'List ID does not exist'));
    expect(await errorOf(stub.client().createContact({ identifier: ADA, listIds: [7] }))).toBeInstanceOf(
      BrevoRefusedError,
    );
    expect(await stub.client().getList(7)).toBeNull();
  });
});

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
    stub.answer(answer);
    expect(await errorOf(get())).toMatchObject({ name: 'BrevoUnavailableError', mayHaveHappened: false });
  });

  it.each<[string, StubAnswer]>([
    ['an HTML page', { status: 200, body: HTML }],
    ['an error', { status: 200, body: { code: 'internal', message: 'sorry' } }],
    ['200 and nothing', { status: 200 }],
  ])('is not believed: a change answered with %s', async (_, answer) => {
    stub.answer(answer);
    expect(await errorOf(put())).toMatchObject({ name: 'BrevoUnavailableError', mayHaveHappened: true });
  });

  it.each<[string, StubAnswer]>([
    ['no id', { status: 201, body: {} }],
    ['204, which updates give', { status: 204 }],
    ['an id that is none', { status: 201, body: { id: '0' } }],
  ])('is not believed: a creation answered with %s', async (_, answer) => {
    stub.answer(answer);
    expect(await errorOf(post())).toMatchObject({ name: 'BrevoUnavailableError', mayHaveHappened: true });
  });

  it('is not believed: half a body', async () => {
    stub.handler = (_request, response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('{"id": 4711, "email": "ada@exam', () => response.destroy());
      return undefined;
    };
    expect(await errorOf(get())).toBeInstanceOf(BrevoUnavailableError);
  });

  it('never quotes a contact in its message', async () => {
    stub.answer({ status: 200, body: contactBody({ id: 'x', attributes: { LASTNAME: 'Lovelace' } }) });
    expect(inspect(await errorOf(get()), { depth: 10 })).not.toContain('Lovelace');
    stub.answer({ status: 200, body: '{"id": 4711, "attributes": {"LASTNAME": "Lovelace"' });
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
    const failure = await errorOf(change(clientAt(stub.baseUrl.replace('http:', 'https:'))));
    expect(failure).toMatchObject({ name: 'BrevoUnavailableError', mayHaveHappened: false });
  });

  it('from a connection that breaks may have happened', async () => {
    stub.handler = (_request, response) => {
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
    stub.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      trickle = setInterval(() => response.write(' '), 10);
      return undefined;
    };
    const failure = await errorOf(change(clientAt(stub.baseUrl, 150)));
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
    stub.handler = () => {
      controller.abort(reason);
      return undefined;
    };
    expect(await errorOf(stub.client().getContact(ADA, { signal: controller.signal }))).toBe(reason);
  });

  it('is not even asked for when the caller has given up before', async () => {
    const signal = AbortSignal.abort(new Error('cancelled'));
    expect(await errorOf(stub.client().getContact(ADA, { signal }))).toBe(signal.reason);
    const write = stub.client().updateContact(ADA, { emailBlacklisted: true }, { signal });
    expect(await errorOf(write)).toBe(signal.reason);
    expect(stub.requests).toHaveLength(0);
  });
});

describe('a write that the caller gives up', () => {
  it('comes to its end once it has begun, so that it is known how it ended', async () => {
    for (const answer of [{ status: 204 }, json(400, 'invalid_parameter', 'no')]) {
      const controller = new AbortController();
      stub.handler = () => {
        controller.abort(new Error('a newer choice came in'));
        return answer;
      };
      const write = stub
        .client()
        .updateContact(ADA, { emailBlacklisted: true }, { signal: controller.signal });
      if (answer.status === 204) await write;
      else expect(await errorOf(write)).toBeInstanceOf(BrevoRefusedError);
    }
  });

  it('is not made when it still waits for its turn', async () => {
    const budget = new RateBudget({ requestsPerSecond: 0.2 });
    const client = stub.answer({ status: 204 }).client({ budget });
    await client.updateContact(ADA, { emailBlacklisted: true });
    const controller = new AbortController();
    const write = client.updateContact(ADA, { emailBlacklisted: true }, { signal: controller.signal });
    const reason = new Error('a newer choice came in');
    controller.abort(reason);
    expect(await errorOf(write)).toBe(reason);
    expect(stub.requests).toHaveLength(1);
  });
});

describe('a redirect', () => {
  it('is not followed: key and identifier go to Brevo alone', async () => {
    const elsewhere = await StubBrevo.start();
    stub.answer({ status: 307, headers: { location: `${elsewhere.baseUrl}/contacts` } });
    await errorOf(put());
    expect(elsewhere.requests).toHaveLength(0);
    await elsewhere.close();
  });
});

describe('the wait after a rate limit', () => {
  const retryAfter = async (headers: Record<string, string>) => {
    stub.answer({ status: 429, headers });
    const failure = await errorOf(get());
    expect(failure).toBeInstanceOf(BrevoRateLimitedError);
    return (failure as BrevoRateLimitedError).retryAfterMs;
  };

  it.each([
    ['what the header says, in seconds', { 'x-sib-ratelimit-reset': '2' }, 2_000, 2_400],
    ['a second when no header says', {}, 1_000, 1_200],
    ['a second when the header is nonsense', { 'x-sib-ratelimit-reset': 'soon' }, 1_000, 1_200],
    ['at least 100 ms', { 'x-sib-ratelimit-reset': '0' }, 100, 120],
    ['at most a minute, also for an hourly bucket', { 'x-sib-ratelimit-reset': '3000' }, 60_000, 60_000],
    ["what Cloudflare's Retry-After says without Brevo's header", { 'retry-after': '7' }, 7_000, 8_400],
  ])('is %s', async (_, headers, least, most) => {
    const wait = await retryAfter(headers as Record<string, string>);
    expect(wait).toBeGreaterThanOrEqual(least);
    expect(wait).toBeLessThanOrEqual(most);
  });
});

describe('no error shows', () => {
  const PERSON = 'grace.hopper+news@example.com';
  const echo = `Bad ${PERSON} / ${encodeURIComponent(PERSON)} / ${PERSON.toUpperCase()} / 'other@example.org' / +33 6 12 34 56 78 / 4930123456 / key ${API_KEY}`;
  const private_ = [/hopper/i, /other@/, /12 34/, /123456/, /secret/];

  it.each([400, 401, 402, 403, 404, 409, 422, 425, 429, 500, 503, 200])(
    'the identifier, another address, a number or the key, though Brevo says them (%d)',
    async (status) => {
      const identifier: Identifier = { kind: 'email', value: PERSON };
      const bodies = [
        { code: 'invalid_parameter', message: echo },
        { code: PERSON, message: echo },
        echo,
        `<html><title>${echo}</title></html>`,
      ];
      for (const body of bodies) {
        stub.answer({ status, body, headers: { 'sib-request-id': PERSON } });
        const client = stub.client();
        const failures = [
          await errorOf(client.updateContact(identifier, { attributes: { NAME: 'Grace' } })),
          await errorOf(stub.client().createContact({ identifier })),
        ];
        for (const failure of failures) {
          expect(failure).toBeInstanceOf(BrevoError);
          const shown = `${inspect(failure, { depth: 10, showHidden: true })} ${JSON.stringify(failure)}`;
          for (const secret of private_) expect(shown).not.toMatch(secret);
        }
      }
    },
  );

  it.each([400, 402, 403, 422, 500, 200])(
    'what was sent where the code or the id of the request repeats it (%d)',
    async (status) => {
      const identifier: Identifier = { kind: 'ext_id', value: 'grace.hopper' };
      for (const told of [
        API_KEY,
        'xkeysib-of-another-account',
        'grace.hopper',
        'err_grace.hopper',
        'Lovelace',
      ]) {
        stub.answer({ status, body: { code: told, message: 'No' }, headers: { 'sib-request-id': told } });
        const failure = await errorOf(
          stub.client().updateContact(identifier, { attributes: { NAME: 'Lovelace' } }),
        );
        expect(failure).toBeInstanceOf(BrevoError);
        const shown = inspect(failure, { depth: 10, showHidden: true });
        for (const secret of [/hopper/i, /lovelace/i, /xkeysib/i, ...private_])
          expect(shown).not.toMatch(secret);
      }
    },
  );

  it('them when the network fails either', async () => {
    stub.handler = (_request, response) => {
      response.destroy();
      return undefined;
    };
    const client = stub.client();
    const failure = await errorOf(
      client.updateContact({ kind: 'email', value: PERSON }, { attributes: { NAME: 'Grace' } }),
    );
    const shown = inspect(failure, { depth: 10, showHidden: true });
    for (const secret of [...private_, /Grace/, /api-key/]) expect(shown).not.toMatch(secret);
    expect((failure as Error).cause).toBeUndefined();
    expect(inspect(client, { depth: 20 })).not.toContain(API_KEY);
  });

  it.each(['Frédéric-Ünal', 'Ada', 'xyz'])('an attribute text that we sent: %s', async (text) => {
    const message = `attribute FIRSTNAME cannot be ${text}`;
    stub.answer({ status: 400, body: { code: 'invalid_parameter', message } });
    const attributes = { FIRSTNAME: text, TOPICS: ['news', text] };
    for (const failure of [
      await errorOf(stub.client().updateContact(ADA, { attributes })),
      await errorOf(stub.client().createContact({ identifier: ADA, attributes })),
    ]) {
      expect((failure as Error).message).toContain('attribute FIRSTNAME cannot be «…»');
    }
  });

  it('what the caller names as private, though it is not sent', async () => {
    const message = 'ext_id shop-customer-ada is taken';
    stub.answer({ status: 400, body: { code: 'invalid_parameter', message } });
    const contact: Identifier = { kind: 'contact_id', value: '4711' };
    const failure = await errorOf(
      stub.client().updateContact(contact, {}, { secrets: ['shop-customer-ada'] }),
    );
    expect((failure as Error).message).toContain('ext_id «…» is taken');
  });

  it('a word less for an attribute of two letters, which is a word of Brevo more often', async () => {
    stub.answer({ status: 400, body: { code: 'invalid_parameter', message: 'it is no date' } });
    const failure = await errorOf(stub.client().updateContact(ADA, { attributes: { ANSWER: 'no' } }));
    expect((failure as Error).message).toContain('it is no date');
  });

  it('a short contact id where it stands for itself, and leaves other numbers readable', async () => {
    stub.answer({ status: 400, body: { code: 'invalid_parameter', message: 'contact 4 has 40 lists' } });
    const failure = await errorOf(stub.client().updateContact({ kind: 'contact_id', value: '4' }, {}));
    expect((failure as Error).message).toContain('contact «…» has 40 lists');
  });

  it('nothing of an HTML page but its title, while our own blocked IP address stays readable', async () => {
    stub.answer({ status: 502, body: HTML });
    expect(((await errorOf(put())) as Error).message).toMatch(/502 Bad Gateway$/);
    stub.answer(json(401, 'unauthorized', 'unrecognised IP address 203.0.113.77 (2026-11-05)'));
    expect(((await errorOf(put())) as Error).message).toContain('203.0.113.77');
  });
});
