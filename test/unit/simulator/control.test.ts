import { describe, expect, it } from '@jest/globals';
import { startSimulator } from '../../../simulator';
import { simulatorForTests } from './support';

const { running, call, control } = simulatorForTests({
  attributes: { OPT_POST: 'boolean', TIER: 'category:gold,silver' },
});

describe('seeding contacts', () => {
  it('puts them into the account as they are, and shows their full state', async () => {
    const statistics = {
      unsubscriptions: {
        userUnsubscription: [{ campaignId: null, eventTime: '2020-01-01T00:00:00Z' }],
        adminUnsubscription: [],
      },
    };
    const answer = await control('POST', '/contacts', [
      {
        email: 'Ada@example.com',
        ext_id: 'user-88',
        emailBlacklisted: true,
        attributes: { OPT_EMAIL: true, TIER: '2', SMS: '+33612345678' },
        listIds: [7],
        createdAt: '2020-01-01T00:00:00Z',
        statistics,
      },
      { ext_id: 'user-89' },
    ]);
    expect(answer.status).toBe(201);
    const { contacts, count } = (await control('GET', '/contacts')).json;
    expect(count).toBe(2);
    expect(contacts[0]).toEqual({
      id: 1,
      email: 'ada@example.com',
      ext_id: 'user-88',
      emailBlacklisted: true,
      smsBlacklisted: false,
      whatsappBlacklisted: false,
      attributes: { OPT_EMAIL: true, TIER: 'silver', SMS: '33612345678' },
      listIds: [7],
      listUnsubscribed: [],
      createdAt: '2020-01-01T00:00:00.000Z',
      modifiedAt: '2020-01-01T00:00:00.000Z',
      transactions: [],
      smtpBlacklistSender: [],
      statistics,
    });
    expect((await control('GET', '/contacts?email=ADA%40example.com')).json.count).toBe(1);
    expect((await control('GET', '/contacts?ext_id=user-89')).json.contacts[0].id).toBe(2);
  });

  it.each([
    [
      'an unknown attribute',
      { email: 'ada@example.com', attributes: { NO_SUCH: 1 } },
      /no attribute NO_SUCH/,
    ],
    [
      'a value of the wrong type',
      { email: 'ada@example.com', attributes: { OPT_EMAIL: 'yes' } },
      /OPT_EMAIL/,
    ],
    ['an unknown list', { email: 'ada@example.com', listIds: [8] }, /no list 8\. Lists: 7, 12, 31/],
    ['an address that is none', { email: 'ada' }, /no e-mail address/],
    ['nothing to know it by', {}, /needs an email/],
    ['a misspelt field', { emial: 'ada@example.com' }, /emial/],
  ])('is refused with %s, by a message that says so', async (_what, seed, message) => {
    const answer = await control('POST', '/contacts', seed);
    expect([answer.status, running().contacts()]).toEqual([400, []]);
    expect(answer.json.message).toMatch(message);
  });

  it('is refused for an identifier that is taken', () => {
    running().seedContact({ email: 'ada@example.com' });
    expect(() => running().seedContact({ email: 'ADA@example.com' })).toThrow(
      'another contact has the email',
    );
  });
});

describe('switches', () => {
  it('are read and changed over HTTP', async () => {
    await control('POST', '/switches', { unknownAttribute: '400', readLagMs: 5 });
    expect((await control('GET', '/switches')).json).toMatchObject({ unknownAttribute: '400', readLagMs: 5 });
  });

  it('are refused when unknown, with the ones there are', async () => {
    expect((await control('POST', '/switches', { colour: 'red' })).json.message).toMatch(/unknownAttribute/);
    expect((await control('POST', '/switches', { batch: '500' })).json.message).toBe(
      'Switch batch takes 404 or 405 or 410 or working, not "500".',
    );
    expect((await control('POST', '/switches', { readLagMs: 'long' })).status).toBe(400);
  });
});

describe('the simulator', () => {
  it('goes back to its first state', async () => {
    running().seedContact({ email: 'ada@example.com' });
    running().setFaults({ kind: 'status', status: 500 });
    running().setSwitches({ batch: 'working' });
    await call('GET', '/contacts');
    expect((await control('POST', '/reset')).status).toBe(204);
    expect([running().contacts(), running().calls(), running().faults()]).toEqual([[], [], []]);
    expect((await control('GET', '/switches')).json.batch).toBe('404');
    expect((await call('POST', '/contacts', { email: 'ada@example.com' })).json).toEqual({ id: 1 });
  });

  it('keeps control calls out of the log and takes them without a key', async () => {
    expect((await control('GET', '/calls', undefined, {})).json).toEqual({ calls: [], count: 0 });
    expect((await control('GET', '/nothing')).json.message).toMatch('GET /contacts, POST /contacts');
  });

  it('has the attributes that it was started with, beside its own', async () => {
    const { attributes } = (await call('GET', '/contacts/attributes')).json;
    const names = attributes.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['OPT_POST', 'TIER', 'OPT_EMAIL']));
  });

  it('refuses a type that Brevo does not have', async () => {
    await expect(startSimulator({ attributes: { AGE: 'integer' } })).rejects.toThrow('"integer" is no type');
  });

  it('says so when its port is taken', async () => {
    await expect(startSimulator({ port: running().port })).rejects.toThrow(/the port is taken/);
  });

  it('closes although a call hangs', async () => {
    const simulator = await startSimulator();
    simulator.setFaults({ kind: 'hang' });
    const hanging = fetch(`${simulator.url}/account`, { headers: { 'api-key': 'any' } }).catch(String);
    while (simulator.calls().length === 0) await new Promise(setImmediate);
    await simulator.close();
    expect(await hanging).toMatch('fetch failed');
  });
});

describe('batch updates', () => {
  it.each(['404', '405', '410'] as const)('answer %s, when that is set', async (batch) => {
    running().setSwitches({ batch });
    expect((await call('POST', '/contacts/batch', { contacts: [] })).status).toBe(Number(batch));
  });

  it('update all contacts or none when they still work', async () => {
    running().setSwitches({ batch: 'working' });
    running().seedContact({ email: 'ada@example.com' });
    const known = { email: 'ada@example.com', emailBlacklisted: true };
    const failed = await call('POST', '/contacts/batch', {
      contacts: [known, { id: 8 }, { sms: '+33612345678' }],
    });
    expect([failed.status, failed.json.message]).toEqual([404, 'No contact found for indexes 1,2']);
    expect(running().contact({ id: 1 })?.emailBlacklisted).toBe(false);
    expect((await call('POST', '/contacts/batch', { contacts: [known] })).status).toBe(204);
    expect(running().contact({ id: 1 })?.emailBlacklisted).toBe(true);
  });
});

describe('whoever watches the calls', () => {
  it('is told of each before it is carried out and before it is answered, and the call waits', async () => {
    running().seedContact({ email: 'ada@example.com' });
    const told: string[] = [];
    running().onCall(async ({ operation, committedStatus }, moment) => {
      if (moment === 'before') running().unsubscribe({ email: 'ada@example.com' });
      await new Promise((resolve) => setTimeout(resolve, 5));
      told.push(`${moment} ${operation} ${committedStatus}`);
    });
    const contact = await call('GET', '/contacts/ada%40example.com?identifierType=email_id');
    expect(contact.json).toMatchObject({ emailBlacklisted: true });
    expect(told).toEqual(['before getContactInfo undefined', 'after getContactInfo undefined']);
  });

  it('is told nothing of calls that a fault refuses, and nothing after a reset', async () => {
    const told: string[] = [];
    const watch = () => running().onCall((_, moment) => void told.push(moment));
    watch();
    running().setFaults({ kind: 'status', status: 503, times: 1 });
    await call('GET', '/contacts');
    running().reset();
    await call('GET', '/contacts');
    expect(told).toEqual([]);
    watch();
    await call('GET', '/contacts');
    expect(told).toEqual(['before', 'after']);
  });
});
