import { describe, expect, it, test } from '@jest/globals';
import {
  BrevoDuplicateError,
  type BrevoError,
  BrevoHeldError,
  BrevoNotFoundError,
  BrevoRateLimitedError,
  BrevoRefusedError,
  BrevoUnavailableError,
} from '../../../brevo/errors';
import { ADA, failingBrevo, HTML, json } from './failing-brevo';
import { errorOf, type StubAnswer } from './stub-brevo';

const { stub, get, put, post } = failingBrevo();

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
    stub().answer(answer);
    const failure = await errorOf(put());
    expect(failure).toBeInstanceOf(error);
    expect(failure).toMatchObject({ call: 'PUT /contacts/{identifier}', status: answer.status, ...fields });
    expect((failure as Error).name).toBe(error.name);
    expect((failure as Error).message.length).toBeLessThanOrEqual(300);
    expect(stub().requests).toHaveLength(1);
  });
});

describe('an unknown contact', () => {
  it('is null when looked up and BrevoNotFoundError when changed', async () => {
    stub().answer(json(404, 'document_not_found', 'Contact does not exist'));
    expect(await get()).toBeNull();
    expect(await errorOf(put())).toBeInstanceOf(BrevoNotFoundError);
  });

  it('is recognised without a code', async () => {
    stub().answer(json(404, undefined, 'Contact does not exist'));
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
      stub().answer(answer);
      for (const call of [get, put, post]) {
        const failure = await errorOf(call());
        expect(failure).toBeInstanceOf(BrevoUnavailableError);
        expect((failure as Error).message).toContain('BREVO_API_URL');
      }
    },
  );

  it('is not what an unknown list is called', async () => {
    stub().answer(json(404, 'document_not_found', 'List ID does not exist'));
    expect(
      await errorOf(
        stub()
          .client()
          .createContact({ identifier: ADA, listIds: [7] }),
      ),
    ).toBeInstanceOf(BrevoRefusedError);
    expect(await stub().client().getList(7)).toBeNull();
  });
});

describe('the wait after a rate limit', () => {
  const retryAfter = async (headers: Record<string, string>) => {
    stub().answer({ status: 429, headers });
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
