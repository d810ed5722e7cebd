import { beforeEach, describe, expect, it } from '@jest/globals';
import { simulatorForTests } from './support';

let clock = 0;
const { running, call, control } = simulatorForTests({ now: () => clock });
beforeEach(() => {
  clock = Date.parse('2026-11-20T12:00:00Z');
  running().seedContact({ email: 'ada@example.com', createdAt: '2026-01-01T00:00:00Z' });
});
const details = async (query = '') => (await call('GET', `/contacts/ada%40example.com${query}`)).json;

describe('a recipient who unsubscribes in a campaign', () => {
  it('is blacklisted, with the time in the statistics and a moved modifiedAt', async () => {
    const answer = await control('POST', '/unsubscribe', {
      email: 'ada@example.com',
      at: '2026-11-19T08:00:00Z',
    });
    expect(answer.status).toBe(200);
    expect(await details()).toMatchObject({
      emailBlacklisted: true,
      modifiedAt: '2026-11-20T13:00:00.000+01:00',
      statistics: {
        unsubscriptions: {
          userUnsubscription: [{ campaignId: 77, eventTime: '2026-11-19T09:00:00.000+01:00' }],
          adminUnsubscription: [],
        },
      },
    });
  });

  it('from one list is not blacklisted, but has left that list', async () => {
    running().unsubscribe({ email: 'ada@example.com', listId: 7 });
    expect(await details()).toMatchObject({ emailBlacklisted: false, listUnsubscribed: [7] });
  });

  it('may have done so without a campaign', async () => {
    running().unsubscribe({ email: 'ada@example.com', campaignId: null });
    expect((await details()).statistics.unsubscriptions.userUnsubscription[0].campaignId).toBeNull();
  });

  it('keeps the unsubscription in the statistics when an opt-in clears the blacklist', async () => {
    running().unsubscribe({ id: 1 });
    await call('PUT', '/contacts/1', { emailBlacklisted: false });
    const contact = await details();
    expect(contact.emailBlacklisted).toBe(false);
    expect(contact.statistics.unsubscriptions.userUnsubscription).toHaveLength(1);
  });
});

describe('other reasons for the blacklist', () => {
  it('an administrator leaves an adminUnsubscription without a campaign', async () => {
    running().unsubscribe({ id: 1, kind: 'adminUnsubscription' });
    const { emailBlacklisted, statistics } = await details();
    expect(emailBlacklisted).toBe(true);
    expect(statistics.unsubscriptions.adminUnsubscription).toEqual([
      { eventTime: '2026-11-20T13:00:00.000+01:00' },
    ]);
  });

  it('a complaint and a hard bounce blacklist, a soft bounce does not', async () => {
    running().unsubscribe({ id: 1, kind: 'softBounce' });
    expect(await details()).toMatchObject({ emailBlacklisted: false, statistics: { softBounces: [{}] } });
    running().unsubscribe({ id: 1, kind: 'complaint' });
    expect(await details()).toMatchObject({
      emailBlacklisted: true,
      statistics: { complaints: [{ campaignId: 77, eventTime: '2026-11-20T13:00:00.000+01:00' }] },
    });
    running().unsubscribe({ id: 1, kind: 'hardBounce' });
    expect((await details()).statistics.hardBounces).toHaveLength(1);
  });

  it('blacklisting by the API leaves an adminUnsubscription once, or no trace, whichever is set', async () => {
    await call('PUT', '/contacts/1', { emailBlacklisted: true });
    await call('PUT', '/contacts/1', { emailBlacklisted: true });
    expect((await details()).statistics.unsubscriptions.adminUnsubscription).toHaveLength(1);
    running().setSwitches({ apiBlacklisting: 'leaves_no_trace' });
    await call('POST', '/contacts', { email: 'bob@example.com', emailBlacklisted: true });
    expect((await call('GET', '/contacts/bob%40example.com')).json).toMatchObject({
      emailBlacklisted: true,
      statistics: {},
    });
  });
});

describe('the statistics of a contact', () => {
  it('are {} without history', async () => {
    expect((await details()).statistics).toEqual({});
  });

  it('cover 90 days unless dates say otherwise', async () => {
    running().unsubscribe({ id: 1, at: '2026-08-21T12:00:00Z' });
    expect((await details()).statistics).toEqual({});
    const wider = await details('?startDate=2026-08-21&endDate=2026-08-21');
    expect(wider.statistics.unsubscriptions.userUnsubscription).toHaveLength(1);
    const later = await details('?startDate=2026-08-22&endDate=2026-11-20');
    expect(later.statistics).toEqual({});
  });

  it('keep clicks whose links were clicked within the dates', async () => {
    const link = { count: 1, ip: '192.0.2.9', url: 'https://example.com' };
    running().seedContact({
      email: 'bob@example.com',
      statistics: {
        clicked: [
          { campaignId: 1, links: [{ ...link, eventTime: '2026-11-01T00:00:00Z' }] },
          { campaignId: 2, links: [{ ...link, eventTime: '2025-11-01T00:00:00Z' }] },
        ],
      },
    });
    const { statistics } = (await call('GET', '/contacts/2')).json;
    expect(statistics.clicked.map(({ campaignId }: { campaignId: number }) => campaignId)).toEqual([1]);
  });

  it.each([
    ['one date alone', 'startDate=2026-11-01'],
    ['dates that are none', 'startDate=1.11.2026&endDate=2026-11-02'],
    ['a start after the end', 'startDate=2026-11-02&endDate=2026-11-01'],
    ['an end in the future', 'startDate=2026-11-02&endDate=2026-11-21'],
  ])('refuse %s', async (_what, query) => {
    expect((await call('GET', `/contacts/1?${query}`)).status).toBe(400);
  });

  it('limit the span to 90 days in campaignStats, and on the contact when that is set', async () => {
    const dates = '?startDate=2026-08-01&endDate=2026-11-20';
    expect((await call('GET', `/contacts/1/campaignStats${dates}`)).status).toBe(400);
    expect((await call('GET', `/contacts/1${dates}`)).status).toBe(200);
    running().setSwitches({ statisticsMaxDays: 90 });
    expect((await call('GET', `/contacts/1${dates}`)).status).toBe(400);
  });
});
