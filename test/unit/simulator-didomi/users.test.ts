import { describe, expect, it } from '@jest/globals';
import { choice, simulatorForTests } from './support';

const { running, call } = simulatorForTests({ now: () => Date.parse('2026-06-01T12:00:00Z') });

const shared = { organization_user_id: 'ana@example.com' };
const idsOf = (json: { data: { id: string }[] }) => json.data.map(({ id }) => id);

describe('users', () => {
  it('may share an organization_user_id, each with part of the consents', async () => {
    running().createEvents(
      choice('newsletter', true, { user: { id: 'u-1', ...shared } }),
      choice('profiling', false, { user: { id: 'u-2', ...shared } }),
      choice('newsletter', true, { user: { id: 'u-3', organization_user_id: 'bob' } }),
    );
    const { json } = await call('GET', '/consents/users?organization_user_id=ana%40example.com');
    expect(json).toMatchObject({
      data: [
        { id: 'u-1', consents: { purposes: [{ id: 'newsletter', enabled: true }] } },
        { id: 'u-2', consents: { purposes: [{ id: 'profiling', enabled: false }] } },
      ],
      limit: 100,
      cursor: null,
    });
  });

  it('are one for each organization_user_id once the switch says so', async () => {
    running().setSwitches({ sameOrganizationUserId: 'one_user' });
    running().createEvents(
      choice('newsletter', true, { user: { id: 'u-1', ...shared } }),
      choice('profiling', false, { user: { id: 'u-2', ...shared } }),
    );
    expect(running().users()).toMatchObject([{ user: { id: 'u-1', version: 2 } }]);
  });

  it('are made where an event names none, and found by organization_user_id where it names no id', () => {
    running().createEvents(
      choice('newsletter', true, { user: shared }),
      choice('profiling', true, { user: shared }),
    );
    running().createEvents(choice('newsletter', true, { user: {} }));
    expect(running().users()).toMatchObject([{ user: { version: 2 } }, { user: { version: 1 } }]);
  });

  it('get an organization_user_id from an event only while they have none, and keep merged metadata', () => {
    const event = (user: object) => choice('newsletter', true, { user: { id: 'u-1', ...user } });
    running().createEvents(
      event({ metadata: { a: 1 }, last_seen_country: 'FR' }),
      event({ organization_user_id: 'first', metadata: { b: 2 } }),
      event({ organization_user_id: 'second' }),
    );
    expect(running().users()).toMatchObject([
      {
        user: {
          organization_user_id: 'first',
          metadata: { a: 1, b: 2 },
          last_seen_country: 'FR',
          country: null,
        },
      },
    ]);
  });

  it('are listed for the GDPR unless asked for others, without saying for which', async () => {
    running().createEvents(choice('newsletter', true), choice('newsletter', false, { regulation: 'cpra' }));
    const of = async (query: string) => (await call('GET', `/consents/users?${query}`)).json.data;
    expect(await of('')).toHaveLength(1);
    expect(await of('regulation[$in]=cpra&regulation[$in]=gdpr')).toHaveLength(2);
    const [record] = await of('regulation=cpra');
    expect(record.consents.purposes).toEqual([{ id: 'newsletter', enabled: false }]);
    expect(record).not.toHaveProperty('regulation');
    running().setSwitches({ recordRegulation: 'shown' });
    expect(await of('regulation=cpra')).toMatchObject([{ regulation: 'cpra' }]);
  });

  it('come in pages of 100, in which none is missed or seen twice', async () => {
    for (let batch = 0; batch < 3; batch += 1) {
      running().createEvents(...Array.from({ length: 90 }, () => choice('newsletter', true, { user: {} })));
    }
    const seen: string[] = [];
    let query = '';
    for (let pages = 0; pages < 3; pages += 1) {
      const { json } = await call('GET', `/consents/users?${query}`);
      seen.push(...idsOf(json));
      query = `$cursor=${encodeURIComponent(json.cursor)}`;
      if (pages === 2) expect(json.cursor).toBeNull();
    }
    expect(new Set(seen).size).toBe(270);
    expect((await call('GET', '/consents/users?$cursor=n+/100==')).status).toBe(400);
  });

  it('are read one by one, by id or by organization_user_id', async () => {
    running().createEvents(
      choice('newsletter', true, { user: { id: 'u/1', organization_user_id: 'a b/c' } }),
    );
    expect((await call('GET', '/consents/users/u%2F1')).json).toMatchObject({ id: 'u/1' });
    const byOrganization = await call('GET', '/consents/users/a%20b%2Fc?$by_organization_user_id=true');
    expect(byOrganization.json).toMatchObject({ id: 'u/1' });
    expect((await call('GET', '/consents/users/a%20b%2Fc')).status).toBe(404);
    expect((await call('GET', '/consents/users/%E0%A4')).status).toBe(400);
  });

  it('are gone with their events when deleted', async () => {
    running().createEvents(
      choice('newsletter', true, { id: 'e-1' }),
      choice('newsletter', true, { user: {} }),
    );
    expect((await call('DELETE', '/consents/users/u-1')).status).toBe(200);
    expect((await call('DELETE', '/consents/users/u-1')).status).toBe(404);
    expect(running().users()).toHaveLength(1);
    expect((await call('GET', '/consents/events/e-1')).status).toBe(404);
  });
});
