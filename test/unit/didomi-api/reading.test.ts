import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DidomiApi } from '../../../didomi/api/didomi-api';
import { DidomiRefusedError, DidomiUnavailableError } from '../../../didomi/api/errors';
import { snapshotsOf } from '../../../didomi/api/snapshots';
import { type DidomiCall, type DidomiSimulator, startDidomiSimulator } from '../../../simulator/didomi';
import { errorOf, eventBody, KEY, SECRET, StubDidomi, userBody } from './stub-didomi';

const GDPR = { regulations: ['gdpr'] };
const BOTH = { regulations: ['gdpr', 'cpra'] };

describe('Didomi', () => {
  let simulator: DidomiSimulator;
  let api: DidomiApi;
  beforeAll(async () => {
    const credentials = { apiKey: KEY, apiSecret: SECRET };
    simulator = await startDidomiSimulator({ organizationId: 'acme', ...credentials });
    api = new DidomiApi({ organizationId: 'acme', ...credentials, apiUrl: `${simulator.url}/` });
  });
  beforeEach(() => simulator.reset());
  afterAll(async () => {
    api.close();
    await simulator.close();
  });

  const say = (
    user: string,
    organizationUserId: string,
    purpose: string,
    enabled: boolean,
    rest: object = {},
  ) =>
    simulator.createEvents({
      user: { id: user, organization_user_id: organizationUserId },
      consents: { purposes: [{ id: purpose, enabled }] },
      ...rest,
    });

  it('tells of all users who share an organization_user_id, and of nobody else', async () => {
    say('u-1', 'ana@example.com', 'newsletter', true);
    say('u-2', 'ana@example.com', 'profiling', false);
    say('u-3', 'bob@example.com', 'newsletter', true);
    expect(await api.usersOf('ana@example.com', GDPR)).toMatchObject([
      {
        regulation: 'gdpr',
        user: { id: 'u-1', consents: { purposes: [{ id: 'newsletter', enabled: true }] } },
      },
      {
        regulation: 'gdpr',
        user: { id: 'u-2', consents: { purposes: [{ id: 'profiling', enabled: false }] } },
      },
    ]);
    expect(await api.usersOf('nobody', GDPR)).toEqual([]);
  });

  it.each(['absent', 'shown'] as const)(
    'tells regulations apart, its records naming theirs or not (%s)',
    async (recordRegulation) => {
      simulator.setSwitches({ recordRegulation });
      say('u-1', 'ana', 'newsletter', false);
      say('u-1', 'ana', 'newsletter', true, { regulation: 'cpra' });
      const told = (await api.usersOf('ana', BOTH)).map(({ regulation, user }) => [
        regulation,
        user.consents?.purposes?.[0]?.enabled,
      ]);
      expect(told).toEqual([
        ['gdpr', false],
        ['cpra', true],
      ]);
      expect(await api.usersOf('ana', { regulations: ['cpra'] })).toHaveLength(1);
    },
  );

  it('tells of more users than one page holds', async () => {
    for (let index = 0; index < 205; index += 1) say(`u-${index}`, 'shared', 'newsletter', true);
    const records = await api.usersOf('shared', GDPR);
    expect(new Set(records.map(({ user }) => user.id)).size).toBe(205);
    const answered = ({ operation, status }: DidomiCall) => operation === 'listUsers' && status === 200;
    expect(simulator.calls().filter(answered)).toHaveLength(3);
  });

  it.each(['cursor', 'none'] as const)(
    'tells of the confirmed events of a person or a user, in pages or not (%s)',
    async (eventPaging) => {
      simulator.setSwitches({ eventPaging });
      for (let index = 0; index < 101; index += 1)
        say('u-1', 'ana', 'newsletter', true, { id: `e-${index}` });
      say('u-2', 'ana', 'newsletter', true, { id: 'e-u2', regulation: 'cpra' });
      say('u-1', 'ana', 'newsletter', true, { id: 'pending', status: 'pending_approval' });
      const events = await api.eventsOf({ organizationUserId: 'ana' }, BOTH);
      expect(events).toHaveLength(102);
      expect(events.at(-1)).toMatchObject({
        regulation: 'cpra',
        event: { id: 'e-u2', created_at: expect.any(Number) },
      });
      expect(await api.eventsOf({ userId: 'u-2' }, BOTH)).toHaveLength(1);
    },
  );

  it('tells of one event, also a pending one, until it is deleted', async () => {
    say('u-1', 'ana', 'newsletter', true, { id: 'e-1', status: 'pending_approval', regulation: 'cpra' });
    expect(await api.event('e-1')).toMatchObject({
      regulation: 'cpra',
      event: { id: 'e-1', status: 'pending_approval', user: { organization_user_id: 'ana' } },
    });
    simulator.deleteEvent('e-1');
    expect(await api.event('e-1')).toBeNull();
  });

  it('tells, once an event is deleted, what the others add up to, which becomes a snapshot', async () => {
    say('u-1', 'ana', 'newsletter', false, { id: 'e-1', created_at: '2026-03-01T00:00:00Z' });
    say('u-1', 'ana', 'newsletter', true, { id: 'e-2', created_at: '2026-03-02T00:00:00Z' });
    simulator.deleteEvent('e-2');
    const path = 'consents_purposes_newsletter_enabled';
    const { statements } = snapshotsOf(await api.usersOf('ana', GDPR), [path], Date.now());
    expect(statements).toEqual([
      { path, regulation: 'gdpr', user: 'u-1', snapshot: { value: false, asOf: expect.any(Number) } },
    ]);
    simulator.deleteEvent('e-1');
    expect(snapshotsOf(await api.usersOf('ana', GDPR), [path], Date.now()).statements).toEqual([]);
  });

  it('tells of all users page by page', async () => {
    for (let index = 0; index < 150; index += 1) say(`u-${index}`, `person-${index}`, 'newsletter', true);
    const first = await api.pageOfUsers({ regulation: 'gdpr' });
    expect([first.users.length, first.unreadable]).toEqual([100, []]);
    const second = await api.pageOfUsers({ regulation: 'gdpr', cursor: first.cursor ?? '' });
    expect([second.users.length, second.cursor]).toEqual([50, null]);
    expect((await api.pageOfUsers({ regulation: 'cpra' })).users).toEqual([]);
  });

  it('is asked for any id as it is, encoded once', async () => {
    const id = fc
      .oneof(
        fc.emailAddress(),
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'binary' }),
        fc.constantFrom('a/../b', '%41', 'a+b&c=d', '?#', 'x\u0000y'),
      )
      .filter((text) => text.trim() !== '' && text !== '.' && text !== '..');
    await fc.assert(
      fc.asyncProperty(id, id, async (organizationUserId, eventId) => {
        simulator.reset();
        say('u-1', organizationUserId, 'newsletter', true, { id: eventId });
        say('u-2', 'somebody else', 'newsletter', true);
        expect(await api.usersOf(organizationUserId, GDPR)).toMatchObject([{ user: { id: 'u-1' } }]);
        expect(await api.eventsOf({ organizationUserId }, GDPR)).toMatchObject([{ event: { id: eventId } }]);
        expect((await api.event(eventId))?.event.id).toBe(eventId);
      }),
      { numRuns: 40 },
    );
  });
});

describe('an answer', () => {
  let stub: StubDidomi;
  beforeAll(async () => {
    stub = await StubDidomi.start();
  });
  beforeEach(() => stub.reset());
  afterAll(() => stub.close());

  const users = (...data: unknown[]) => stub.answer({ body: { data, limit: 100, cursor: null } });
  const read = () => stub.api().usersOf('ana@example.com', GDPR);

  it('is asked for with the organization, the person, the regulation and the token', async () => {
    users();
    await stub.api().usersOf('ana+b@example.com', BOTH);
    expect(stub.requests).toEqual([
      'POST /v1/sessions',
      'GET /v1/consents/users?organization_id=acme&organization_user_id=ana%2Bb%40example.com&regulation=gdpr',
      'GET /v1/consents/users?organization_id=acme&organization_user_id=ana%2Bb%40example.com&regulation=cpra',
    ]);
    expect(stub.authorizations).toEqual([
      undefined,
      ...Array(2).fill('Bearer header.payload-89ab.signature'),
    ]);
  });

  it('may hold fields that nobody knows, and spell an address differently', async () => {
    users(userBody({ organization_user_id: ' Ana@Example.com', invented: { deep: [1] } }));
    expect(await read()).toMatchObject([
      { user: { version: 5, updated_at: Date.parse('2026-04-01T07:00:01Z') } },
    ]);
  });

  it('about somebody else is not believed: the filter may not have been understood', async () => {
    for (const other of ['bob@example.com', null, '']) {
      users(userBody(), userBody({ organization_user_id: other }));
      const failure = await errorOf(read());
      expect(failure).toBeInstanceOf(DidomiUnavailableError);
      expect((failure as Error).message).toContain('data[1].organization_user_id');
    }
    users(eventBody({ user: { id: 'other', organization_user_id: 'bob' } }));
    expect(await errorOf(stub.api().eventsOf({ organizationUserId: 'ana' }, GDPR))).toBeInstanceOf(
      DidomiUnavailableError,
    );
    expect(await errorOf(stub.api().eventsOf({ userId: 'u-1' }, GDPR))).toBeInstanceOf(
      DidomiUnavailableError,
    );
    stub.answer({ body: eventBody({ id: 'e-2' }) });
    expect(await errorOf(stub.api().event('e-1'))).toBeInstanceOf(DidomiUnavailableError);
  });

  it('about another regulation is not believed', async () => {
    users(userBody({ regulation: 'GDPR' }));
    expect(await read()).toMatchObject([{ regulation: 'gdpr' }]);
    users(userBody({ regulation: 'cpra' }));
    expect(await errorOf(read())).toMatchObject({
      name: 'DidomiRecordError',
      message: expect.stringContaining('data[0].regulation'),
    });
  });

  it('of which one record is not understood is not taken in part', async () => {
    users(userBody(), userBody({ updated_at: 'yesterday' }));
    expect(await errorOf(read())).toMatchObject({
      name: 'DidomiRecordError',
      message: expect.stringContaining('data[1].updated_at'),
    });
  });

  it('with a page of all users is read as far as it is understood, and says what is not', async () => {
    users(userBody(), userBody({ consents: 'none' }), 7, userBody({ id: 'u-2' }));
    const page = await stub.api().pageOfUsers({ regulation: 'gdpr' });
    expect(page.users.map(({ user }) => user.id)).toEqual(['c2a1b0d4-2002', 'u-2']);
    expect(page.unreadable).toEqual([
      expect.stringContaining('data[1].consents'),
      expect.stringContaining('data[2]'),
    ]);
  });

  it('whose pages never end is given up', async () => {
    stub.answer({ body: { data: [], limit: 100, cursor: 'again' } });
    expect(await errorOf(read())).toBeInstanceOf(DidomiUnavailableError);
    expect(stub.requests.length).toBeLessThan(200);
    expect(stub.requests.at(-1)).toMatch(/&\$cursor=again$/);
  });

  it('is not asked for where nobody is named: that would be everybody', async () => {
    const api = stub.api();
    for (const nobody of ['', '  ', '\ud800']) {
      expect(await errorOf(api.usersOf(nobody, GDPR))).toBeInstanceOf(DidomiRefusedError);
      expect(await errorOf(api.eventsOf({ userId: nobody }, GDPR))).toBeInstanceOf(DidomiRefusedError);
      expect(await errorOf(api.event(nobody))).toBeInstanceOf(DidomiRefusedError);
    }
    expect(await errorOf(api.event('..'))).toBeInstanceOf(DidomiRefusedError);
    expect(stub.requests).toEqual([]);
  });
});
