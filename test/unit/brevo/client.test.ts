import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RateBudget } from '../../../brevo/budget';
import { BrevoClient } from '../../../brevo/client';
import { BrevoHeldError, BrevoRateLimitedError, BrevoRefusedError } from '../../../brevo/errors';
import { HeldGate } from '../../../brevo/held-gate';
import type { Identifier } from '../../../consent/identifier';
import { sharedStub } from './shared-stub';
import { API_KEY, contactBody, errorOf, StubBrevo } from './stub-brevo';

const ADA: Identifier = { kind: 'email', value: 'ada@example.com' };
const DAY_MS = 86_400_000;

const stub = sharedStub();
beforeEach(() => {
  stub().answer({ body: contactBody() });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('an identifier', () => {
  it.each<[Identifier, string]>([
    [{ kind: 'email', value: 'a+b@example.com' }, '/v3/contacts/a%2Bb%40example.com?identifierType=email_id'],
    [
      { kind: 'email', value: 'zoë@exämple.de' },
      '/v3/contacts/zo%C3%AB%40ex%C3%A4mple.de?identifierType=email_id',
    ],
    [{ kind: 'ext_id', value: 'x/y' }, '/v3/contacts/x%2Fy?identifierType=ext_id'],
    [{ kind: 'ext_id', value: '%41' }, '/v3/contacts/%2541?identifierType=ext_id'],
    [{ kind: 'ext_id', value: '0042' }, '/v3/contacts/0042?identifierType=ext_id'],
    [{ kind: 'ext_id', value: 'a?b#c&d=e f' }, '/v3/contacts/a%3Fb%23c%26d%3De%20f?identifierType=ext_id'],
    [{ kind: 'ext_id', value: '../account' }, '/v3/contacts/..%2Faccount?identifierType=ext_id'],
    [
      { kind: 'ext_id', value: 'a\\b|"<>`{}' },
      '/v3/contacts/a%5Cb%7C%22%3C%3E%60%7B%7D?identifierType=ext_id',
    ],
    [
      { kind: 'ext_id', value: '用户🙂' },
      '/v3/contacts/%E7%94%A8%E6%88%B7%F0%9F%99%82?identifierType=ext_id',
    ],
    [{ kind: 'phone', value: '33612345678' }, '/v3/contacts/33612345678?identifierType=phone_id'],
    [{ kind: 'contact_id', value: '4711' }, '/v3/contacts/4711?identifierType=contact_id'],
  ])('is encoded once and sent with its type: %j', async (identifier, url) => {
    const { kind, value } = identifier;
    stub().answer({ status: 200, body: contactBody(kind === 'email' ? { email: value } : {}) });
    await stub().client().getContact(identifier);
    stub().answer({ status: 204 });
    await stub().client().updateContact(identifier, {});
    expect(stub().requests.map((request) => `${request.method} ${request.url}`)).toEqual([
      `GET ${url}`,
      `PUT ${url}`,
    ]);
    expect(decodeURIComponent(stub().requests[0]?.url.split(/[/?]/)[3] ?? '')).toBe(identifier.value);
  });

  it.each(['.', '..', '', '\ud800'])(
    'that no address can hold is refused without a call: %j',
    async (value) => {
      expect(await errorOf(stub().client().updateContact({ kind: 'ext_id', value }, {}))).toBeInstanceOf(
        BrevoRefusedError,
      );
      expect(stub().requests).toHaveLength(0);
    },
  );
});

describe('every call', () => {
  it('carries the key in its header and says who calls', async () => {
    await stub().client({ userAgent: 'consent-sync/0.1.0' }).getContact(ADA);
    expect(stub().requests[0]?.headers).toMatchObject({
      'api-key': API_KEY,
      accept: 'application/json',
      'user-agent': 'consent-sync/0.1.0',
    });
  });

  it('goes through the proxy that the environment names, except to this machine', async () => {
    const proxy = await StubBrevo.start();
    proxy.answer({ body: contactBody({ id: 1 }) });
    const before = process.env.http_proxy;
    process.env.http_proxy = new URL(proxy.baseUrl).origin;
    try {
      expect(await stub().client({ baseUrl: 'http://brevo.invalid/v3' }).getContact(ADA)).toMatchObject({
        id: 1,
      });
      expect(await stub().client().getContact(ADA)).toMatchObject({ id: 4711 });
      expect(proxy.requests).toHaveLength(1);
    } finally {
      if (before === undefined) delete process.env.http_proxy;
      else process.env.http_proxy = before;
      await proxy.close();
    }
  });

  it('keeps its connection for the next', async () => {
    const client = stub().client();
    for (let i = 0; i < 3; i++) await client.getContact(ADA);
    expect(stub().requests.map(({ headers }) => headers.connection)).toEqual([
      'keep-alive',
      'keep-alive',
      'keep-alive',
    ]);
  });

  it('copes with a slash at the end of the base URL', async () => {
    await stub()
      .client({ baseUrl: `${stub().baseUrl}/` })
      .getContact(ADA);
    expect(stub().requests[0]?.url).toMatch(/^\/v3\/contacts\//);
  });

  it('needs a key that a header can hold, and says so without showing it', () => {
    const budget = new RateBudget({ requestsPerSecond: 10 });
    for (const apiKey of ['', 'secret\nkey', 'secret key', 'secrét']) {
      expect(() => new BrevoClient({ apiKey, baseUrl: stub().baseUrl, budget })).toThrow(
        /API key is empty or holds/,
      );
    }
  });

  it('waits for its turn, and hands back a wait that is too long', async () => {
    const budget = new RateBudget({ requestsPerSecond: 0.1 });
    const client = stub().client({ budget });
    await client.getContact(ADA);
    const failure = await errorOf(client.getContact(ADA, { maxWaitMs: 100 }));
    expect(failure).toBeInstanceOf(BrevoRateLimitedError);
    expect((failure as BrevoRateLimitedError).retryAfterMs).toBeGreaterThan(9_000);
    expect(stub().requests).toHaveLength(1);
  });

  it('stops calling an account that Brevo does not serve, whoever asks', async () => {
    stub().answer({ status: 401, body: { code: 'unauthorized', message: 'Key not found' } });
    const gate = new HeldGate();
    const first = await errorOf(stub().client({ gate }).getContact(ADA));
    expect(first).toBeInstanceOf(BrevoHeldError);
    for (let i = 0; i < 5; i++)
      expect(await errorOf(stub().client({ gate }).updateContact(ADA, {}))).toMatchObject({
        message: (first as Error).message,
        status: 401,
        asked: false,
      });
    expect(stub().requests).toHaveLength(1);
  });

  it('about contacts slows down with what Brevo says of its limit; one about the account does not', async () => {
    const headers = {
      'x-sib-ratelimit-limit': '100',
      'x-sib-ratelimit-remaining': '0',
      'x-sib-ratelimit-reset': '3000',
    };
    const client = stub().client();
    stub().answer({ headers, body: { email: 'owner@example.com', companyName: 'Acme' } });
    await client.getAccount();
    stub().answer({ headers, body: contactBody() });
    await client.getContact(ADA);
    expect(await errorOf(client.getContact(ADA))).toBeInstanceOf(BrevoRateLimitedError);
  });
});

describe('a contact that is looked up', () => {
  it('has what is needed of it, in types that can be used', async () => {
    const contact = await stub().client().getContact(ADA);
    expect(contact).toEqual({
      id: 4711,
      emailBlacklisted: false,
      attributes: { FIRSTNAME: 'Ada', OPT_EMAIL: true },
      createdAt: new Date('2026-03-02T08:14:07.120Z'),
      modifiedAt: new Date('2026-10-30T17:02:55.004Z'),
      unsubscriptions: [],
    });
  });

  it('may have an attribute of any name', async () => {
    const attributes = '{"__proto__": 1, "constructor": false, "TOPICS": ["news"]}';
    stub().answer({
      body: JSON.stringify(contactBody()).replace(/"attributes":\{.*?\}/, `"attributes":${attributes}`),
    });
    const contact = await stub().client().getContact(ADA);
    expect(Object.getPrototypeOf(contact?.attributes)).toBeNull();
    expect(contact?.attributes).toMatchObject({ TOPICS: ['news'] });
    expect(contact?.attributes.constructor).toBe(false);
    expect(contact?.attributes.toString).toBeUndefined();
  });

  it('may be written the way PHP writes what is empty', async () => {
    stub().answer({ body: contactBody({ attributes: [], statistics: [], modifiedAt: null }) });
    expect(await stub().client().getContact(ADA)).toMatchObject({
      id: 4711,
      unsubscriptions: [],
    });
    stub().answer({ body: contactBody({ statistics: { unsubscriptions: [], complaints: null } }) });
    expect(await stub().client().getContact(ADA)).toMatchObject({ unsubscriptions: [] });
  });

  it('may come without statistics and attributes where it has none', async () => {
    const { statistics: _, attributes: __, ...body } = contactBody({});
    stub().answer({ body });
    expect(await stub().client().getContact(ADA)).toMatchObject({ attributes: {}, unsubscriptions: [] });
  });

  it('shows every unsubscription and complaint at its time, whatever the zone', async () => {
    stub().answer({
      body: contactBody({
        statistics: {
          unsubscriptions: {
            userUnsubscription: [
              { campaignId: null, eventTime: '2026-10-30T18:02:54.900+01:00' },
              { campaignId: 7, eventTime: '2026-10-30T18:02:54Z', ip: '192.0.2.9' },
            ],
            adminUnsubscription: [{ eventTime: '2026-10-30T18:02:54+0200' }],
          },
          complaints: [{ campaignId: 7, eventTime: '2026-11-01T00:00:00-05:00' }],
        },
      }),
    });
    const contact = await stub().client().getContact(ADA);
    expect(contact?.unsubscriptions).toEqual([
      { by: 'user', at: Date.parse('2026-10-30T17:02:54.900Z') },
      { by: 'user', at: Date.parse('2026-10-30T18:02:54Z') },
      { by: 'admin', at: Date.parse('2026-10-30T16:02:54Z') },
      { by: 'complaint', at: Date.parse('2026-11-01T05:00:00Z') },
    ]);
  });

  it('takes a time without zone for the latest that it can be', async () => {
    const eventTime = '2026-10-30 18:02:54';
    stub().answer({ body: contactBody({ statistics: { complaints: [{ eventTime }] } }) });
    expect((await stub().client().getContact(ADA))?.unsubscriptions).toEqual([
      { by: 'complaint', at: Date.parse('2026-10-31T06:02:54Z') },
    ]);
  });

  it.each([
    ['a word', [{ eventTime: 'recently' }]],
    ['an impossible day', [{ eventTime: '2026-13-45T00:00:00Z' }]],
    ['a number', [{ eventTime: 1793379774 }]],
    ['nothing', [{ campaignId: 7 }]],
    ['a bare entry', ['unsubscribed']],
    ['no list at all', 'yes'],
  ])(
    'never loses an unsubscription whose time is %s: it counts as later than any choice',
    async (_, entries) => {
      stub().answer({
        body: contactBody({
          statistics: { unsubscriptions: { userUnsubscription: entries }, complaints: entries },
        }),
      });
      const contact = await stub().client().getContact(ADA);
      expect(contact?.unsubscriptions).toEqual([{ by: 'user' }, { by: 'complaint' }]);
    },
  );
});

describe('statistics since a choice', () => {
  const NOW = new Date('2026-11-05T23:30:00Z');
  beforeEach(() => {
    jest.useFakeTimers({
      now: NOW,
      doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout', 'performance', 'queueMicrotask'],
    });
  });

  it.each([0, 1, 84])(
    '%d days old come from the 90 days that Brevo tells unasked, up to this moment in any zone',
    async (days) => {
      await stub()
        .client()
        .getContact(ADA, { statisticsSince: new Date(NOW.getTime() - days * DAY_MS) });
      expect(stub().requests.map(({ url }) => url)).toEqual([
        '/v3/contacts/ada%40example.com?identifierType=email_id',
      ]);
    },
  );

  it('that is older are asked for too, from the day before to one that has begun in every zone', async () => {
    const complaint = (eventTime: string) => ({
      body: contactBody({ statistics: { complaints: [{ eventTime }] } }),
    });
    stub().handler = ({ url }) =>
      complaint(url.includes('startDate') ? '2026-02-01T00:00:00Z' : '2026-11-05T23:00:00Z');
    const contact = await stub()
      .client()
      .getContact(ADA, { statisticsSince: new Date('2026-01-31T00:10:00Z') });
    expect(stub().requests[0]?.url).toBe(
      '/v3/contacts/ada%40example.com?identifierType=email_id&startDate=2026-01-30&endDate=2026-11-04',
    );
    expect(stub().requests[1]?.url).toBe('/v3/contacts/ada%40example.com?identifierType=email_id');
    expect(contact?.unsubscriptions.map(({ at }) => at)).toEqual([
      Date.parse('2026-02-01T00:00:00Z'),
      Date.parse('2026-11-05T23:00:00Z'),
    ]);
  });

  it('that is older are null for a contact that is gone by the second answer', async () => {
    stub().handler = ({ url }) =>
      url.includes('startDate')
        ? { body: contactBody() }
        : { status: 404, body: { code: 'document_not_found', message: 'Contact does not exist' } };
    expect(
      await stub()
        .client()
        .getContact(ADA, { statisticsSince: new Date(0) }),
    ).toBeNull();
  });
});

describe('a new contact', () => {
  const create = async (contact: Parameters<BrevoClient['createContact']>[0]) => {
    stub().answer({ status: 201, body: { id: 4712 } });
    expect(await stub().client().createContact(contact)).toEqual({ id: 4712 });
    return stub().requests[0]?.body;
  };

  it('gets everything in one call, and neither updateEnabled nor forceMerge', async () => {
    expect(
      await create({
        identifier: ADA,
        attributes: { OPT_EMAIL: false },
        emailBlacklisted: true,
        listIds: [7],
      }),
    ).toEqual({
      email: 'ada@example.com',
      attributes: { OPT_EMAIL: false },
      emailBlacklisted: true,
      listIds: [7],
    });
  });

  it('is sent no blacklist flag and no list when there is nothing to say about them', async () => {
    expect(await create({ identifier: ADA, attributes: {}, listIds: [] })).toEqual({
      email: 'ada@example.com',
    });
  });

  it('is named by ext_id or by its phone number where that is its identifier', async () => {
    expect(await create({ identifier: { kind: 'ext_id', value: '0042' } })).toEqual({ ext_id: '0042' });
    stub().requests.length = 0;
    expect(
      await create({ identifier: { kind: 'phone', value: '33612345678' }, attributes: { OPT_SMS: true } }),
    ).toEqual({
      attributes: { OPT_SMS: true, SMS: '+33612345678' },
    });
  });

  it('cannot be named by contact id', async () => {
    const failure = await errorOf(
      stub()
        .client()
        .createContact({ identifier: { kind: 'contact_id', value: '4711' } }),
    );
    expect(failure).toBeInstanceOf(TypeError);
    expect(stub().requests).toHaveLength(0);
  });
});

describe('a change', () => {
  it('sends what it says and nothing else', async () => {
    stub().answer({ status: 204 });
    const client = stub().client();
    await client.updateContact(ADA, { emailBlacklisted: false });
    await client.updateContact(ADA, { attributes: { OPT_EMAIL: false, TOPICS: [] } });
    expect(stub().requests.map(({ body }) => body)).toEqual([
      { emailBlacklisted: false },
      { attributes: { OPT_EMAIL: false, TOPICS: [] } },
    ]);
  });
});

describe('the account', () => {
  it('describes its attributes, with ids of categories also where they are no numbers', async () => {
    stub().answer({
      body: {
        attributes: [
          { name: 'OPT_EMAIL', category: 'normal', type: 'boolean' },
          {
            name: 'LANGUAGE',
            category: 'category',
            enumeration: [{ value: 0, valueStr: 'en', label: 'English' }],
          },
          { name: 'SCORE', category: 'calculated', calculatedValue: 'COUNT[ID]' },
        ],
      },
    });
    expect(await stub().client().listAttributes()).toEqual([
      { name: 'OPT_EMAIL', category: 'normal', type: 'boolean' },
      {
        name: 'LANGUAGE',
        category: 'category',
        enumeration: [{ value: '0', valueStr: 'en', label: 'English' }],
      },
      { name: 'SCORE', category: 'calculated' },
    ]);
  });

  it('tells its name and its lists', async () => {
    stub().answer({ body: { email: 'owner@example.com', companyName: 'Acme', plan: [] } });
    expect(await stub().client().getAccount()).toMatchObject({ companyName: 'Acme' });
    stub().answer({ body: { id: 7, name: 'Newsletter', folderId: 1 } });
    expect(await stub().client().getList(7)).toEqual({ id: 7, name: 'Newsletter' });
  });
});
