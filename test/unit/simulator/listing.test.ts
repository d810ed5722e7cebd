import { beforeEach, describe, expect, it } from '@jest/globals';
import { simulatorForTests } from './support';

const { running, call } = simulatorForTests();
const ids = async (query: string) => {
  const { json } = await call('GET', `/contacts?${query}`);
  return json.contacts.map(({ id }: { id: number }) => id);
};

describe('an empty account', () => {
  it('lists no contacts and counts 0', async () => {
    expect((await call('GET', '/contacts')).json).toEqual({ contacts: [], count: 0 });
  });
});

describe('listing contacts', () => {
  beforeEach(() => {
    for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) {
      running().seedContact({
        email: `${name}@example.com`,
        createdAt: `2026-10-0${index + 1}T10:00:00Z`,
        modifiedAt: `2026-10-1${9 - index}T10:00:00Z`,
        listIds: index < 2 ? [7] : [12],
        attributes: {
          TOPICS: index < 2 ? ['sport', 'news'] : ['news'],
          FREQUENCY: 'weekly',
          OPT_EMAIL: index > 0,
        },
      });
    }
  });

  it('goes by creation, the newest first, whatever was modified', async () => {
    expect(await ids('')).toEqual([4, 3, 2, 1]);
    expect(await ids('sort=asc')).toEqual([1, 2, 3, 4]);
  });

  it('pages in both directions', async () => {
    expect(await ids('limit=3')).toEqual([4, 3, 2]);
    expect(await ids('limit=3&offset=3')).toEqual([1]);
    expect(await ids('limit=3&offset=3&sort=asc')).toEqual([4]);
    expect(await ids('limit=3&offset=9')).toEqual([]);
    expect((await call('GET', '/contacts?limit=0')).json).toEqual({ contacts: [], count: 4 });
  });

  it('shows no statistics', async () => {
    running().unsubscribe({ id: 1 });
    const { json } = await call('GET', '/contacts?ids=1');
    expect(json.contacts[0]).not.toHaveProperty('statistics');
    expect(json.contacts[0].emailBlacklisted).toBe(true);
  });

  it('finds by ids, lists, times and attributes', async () => {
    expect(await ids('ids=2&ids=4')).toEqual([4, 2]);
    expect(await ids('listIds=7')).toEqual([2, 1]);
    expect(await ids('listIds=7&listIds=12')).toEqual([4, 3, 2, 1]);
    expect(await ids('createdSince=2026-10-03T00%3A00%3A00Z')).toEqual([4, 3]);
    expect(await ids(`modifiedSince=${encodeURIComponent('2026-10-18T10:00:00.000+00:00')}`)).toEqual([2, 1]);
    expect(await ids(`filter=${encodeURIComponent('equals(EMAIL,"A@example.com")')}`)).toEqual([1]);
    expect(await ids(`filter=${encodeURIComponent('equals(OPT_EMAIL, false)')}`)).toEqual([1]);
    expect(await ids(`filter=${encodeURIComponent('equals(TOPICS,"news, sport")')}`)).toEqual([2, 1]);
    expect(await ids(`filter=${encodeURIComponent('equals(FREQUENCY,"2")')}&limit=1`)).toEqual([4]);
    expect(await ids(`filter=${encodeURIComponent('equals(FREQUENCY,"daily")')}`)).toEqual([]);
  });

  it('returns our own writes to a search by modification', async () => {
    await call('PUT', '/contacts/3', { attributes: { FIRSTNAME: 'C' } });
    const since = new Date(Date.now() - 60_000).toISOString();
    expect(await ids(`modifiedSince=${encodeURIComponent(since)}`)).toEqual([3]);
  });

  it.each([
    ['a limit above 1000', 'limit=1001', 'out_of_range'],
    ['a limit that is no number', 'limit=many', 'invalid_parameter'],
    ['a negative offset', 'offset=-1', 'invalid_parameter'],
    ['an unknown order', 'sort=newest', 'invalid_parameter'],
    [
      'more than 20 ids',
      Array.from({ length: 21 }, (_, id) => `ids=${id + 1}`).join('&'),
      'invalid_parameter',
    ],
    ['an id that is no number', 'ids=x', 'invalid_parameter'],
    ['a list and a segment at once', 'listIds=7&segmentId=1', 'invalid_parameter'],
    ['another operator than equals', 'filter=contains(FIRSTNAME,"A")', 'invalid_parameter'],
    ['a filter on an unknown attribute', 'filter=equals(NO_SUCH,"A")', 'invalid_parameter'],
    ['a time with an unencoded plus', 'modifiedSince=2026-10-30T18:02:55.004+01:00', 'invalid_parameter'],
  ])('refuses %s', async (_what, query, code) => {
    const answer = await call('GET', `/contacts?${query}`);
    expect([answer.status, answer.json.code]).toEqual([400, code]);
  });

  it('answers an empty segment with an empty page or with 524 in plain text', async () => {
    expect((await call('GET', '/contacts?segmentId=3')).json).toEqual({ contacts: [], count: 0 });
    running().setSwitches({ emptySegment: '524' });
    const answer = await call('GET', '/contacts?segmentId=3');
    expect([answer.status, answer.text]).toEqual([524, 'error code: 524']);
  });
});

describe('the shape of a contact', () => {
  it('has listUnsubscribed as null, absent or empty when no list was left', async () => {
    running().seedContact({ email: 'ada@example.com' });
    const shown = async () => (await call('GET', '/contacts/1')).json;
    expect(await shown()).toMatchObject({ listUnsubscribed: null });
    running().setSwitches({ noListUnsubscribed: 'absent' });
    expect(await shown()).not.toHaveProperty('listUnsubscribed');
    running().setSwitches({ noListUnsubscribed: 'empty' });
    expect(await shown()).toMatchObject({ listUnsubscribed: [] });
  });

  it('has consentGroups where they are on only, and EXT_ID among the attributes unless hidden', async () => {
    running().seedContact({ email: 'ada@example.com', ext_id: 'user-88' });
    const before = (await call('GET', '/contacts/1')).json;
    expect([before.consentGroups, before.attributes]).toEqual([undefined, { EXT_ID: 'user-88' }]);
    running().setSwitches({ consentGroups: 'on', extIdInAttributes: 'hidden' });
    const after = (await call('GET', '/contacts/1')).json;
    expect([after.consentGroups, after.attributes]).toEqual([[], {}]);
  });
});

describe('reads that lag behind writes', () => {
  let clock = 0;
  const lagging = simulatorForTests({ switches: { readLagMs: 1000 }, now: () => clock });
  beforeEach(() => {
    clock = 1_800_000_000_000;
  });
  const byEmail = () => lagging.call('GET', '/contacts/ada%40example.com?identifierType=email_id');

  it('miss a new contact by e-mail and in listings, but not by id', async () => {
    await lagging.call('POST', '/contacts', { email: 'ada@example.com' });
    expect((await byEmail()).status).toBe(404);
    expect((await lagging.call('GET', '/contacts')).json.count).toBe(0);
    expect((await lagging.call('GET', '/contacts/1')).status).toBe(200);
    expect((await lagging.call('POST', '/contacts', { email: 'ada@example.com' })).status).toBe(400);
    clock += 1000;
    expect((await byEmail()).status).toBe(200);
    expect((await lagging.call('GET', '/contacts')).json.count).toBe(1);
  });

  it('show the earlier state of a changed contact', async () => {
    lagging.running().seedContact({ email: 'ada@example.com' });
    clock += 2000;
    await lagging.call('PUT', '/contacts/1', { emailBlacklisted: true });
    expect((await byEmail()).json.emailBlacklisted).toBe(false);
    expect((await lagging.call('GET', '/contacts/1')).json.emailBlacklisted).toBe(true);
    clock += 1000;
    expect((await byEmail()).json.emailBlacklisted).toBe(true);
  });
});
