import { describe, expect, it } from '@jest/globals';
import { choice, simulatorForTests } from './support';

let now = Date.parse('2026-06-01T12:00:00.999Z');
const { running, call } = simulatorForTests({ now: () => now });

const user = (regulation = 'gdpr') =>
  running()
    .users()
    .find((one) => one.regulation === regulation)?.user;
const enabled = (purpose: string) => user()?.consents.purposes.find(({ id }) => id === purpose)?.enabled;

describe('an event', () => {
  it('is kept as history and merged into the user', async () => {
    const { status, json } = await call(
      'POST',
      '/consents/events',
      choice('newsletter', true, { id: 'e-1' }),
    );
    expect(status).toBe(201);
    expect(json).toMatchObject({
      id: 'e-1',
      organization_id: 'acme',
      created_at: '2026-03-04T09:15:02Z',
      updated_at: '2026-06-01T12:00:00Z',
      status: 'confirmed',
      regulation: 'gdpr',
      user: { id: 'u-1', organization_user_id: 'ana@example.com' },
      consents: { channels: [], purposes: [{ id: 'newsletter', enabled: true }], tcfcs: null },
    });
    expect((await call('GET', '/consents/events/e-1')).json).toEqual(json);
    expect(user()).toMatchObject({ id: 'u-1', version: 1, consents: { purposes: [{ enabled: true }] } });
  });

  it('touches only what it lists', () => {
    running().createEvents(
      choice('newsletter', true, {
        consents: {
          purposes: [
            {
              id: 'newsletter',
              enabled: true,
              values: { topics: { value: 'sport' }, rhythm: { value: 'weekly' } },
            },
            {
              id: 'profiling',
              enabled: true,
              preferences: [{ id: 'ads', enabled: true, channels: [{ id: 'sms', enabled: true }] }],
            },
          ],
          channels: [{ id: 'email', enabled: true }],
          vendors: { enabled: ['a', 'b'] },
        },
      }),
      choice('newsletter', null, {
        consents: {
          purposes: [
            { id: 'newsletter', enabled: null, values: { topics: { value: '', from_propagation: true } } },
            {
              id: 'profiling',
              propagation: true,
              preferences: [{ id: 'ads', channels: [{ id: 'email', enabled: false }] }],
            },
          ],
          vendors: { disabled: ['a'] },
        },
      }),
    );
    expect(user()?.consents).toEqual({
      purposes: [
        { id: 'newsletter', enabled: true, values: { topics: { value: '' }, rhythm: { value: 'weekly' } } },
        {
          id: 'profiling',
          enabled: true,
          preferences: [
            {
              id: 'ads',
              enabled: true,
              channels: [
                { id: 'sms', enabled: true },
                { id: 'email', enabled: false },
              ],
            },
          ],
        },
      ],
      channels: [{ id: 'email', enabled: true }],
      vendors: { enabled: ['b'], disabled: ['a'], enabled_li: [], disabled_li: [] },
      tcfcs: null,
    });
  });

  it('that is backdated does not beat a later one', () => {
    running().createEvents(
      choice('newsletter', false, { created_at: '2026-03-02T00:00:00Z' }),
      choice('newsletter', true, { created_at: '2026-03-01T00:00:00Z' }),
    );
    expect(enabled('newsletter')).toBe(false);
  });

  it('that is pending waits until it is confirmed, and then counts from its confirmation', async () => {
    running().createEvents(
      choice('newsletter', true, { id: 'e-1', status: 'pending_approval' }),
      choice('newsletter', false, { created_at: '2026-04-01T00:00:00Z' }),
    );
    expect(enabled('newsletter')).toBe(false);
    now += 60_000;
    const { json } = await call('PATCH', '/consents/events/e-1', { status: 'confirmed' });
    expect(json).toMatchObject({ status: 'confirmed', created_at: '2026-03-04T09:15:02Z' });
    expect(enabled('newsletter')).toBe(true);
  });

  it('whose proofs are patched counts from when it did before', () => {
    running().createEvents(
      choice('newsletter', true, { id: 'e-1' }),
      choice('newsletter', false, { created_at: '2026-04-01T00:00:00Z' }),
    );
    running().patchEvent('e-1', { proofs_id: ['p-1'], delegate: { id: 'agent' } });
    expect(enabled('newsletter')).toBe(false);
  });

  it.each([
    ['updated', true],
    ['created', false],
  ] as const)(
    'whose consents are patched counts from when it was %s, as the switch says',
    (patchedConsents, result) => {
      running().setSwitches({ patchedConsents });
      running().createEvents(
        choice('newsletter', null, { id: 'e-1' }),
        choice('newsletter', false, { created_at: '2026-04-01T00:00:00Z' }),
      );
      running().patchEvent('e-1', { consents: { purposes: [{ id: 'newsletter', enabled: true }] } });
      expect(enabled('newsletter')).toBe(result);
    },
  );

  it('that is deleted leaves the user as if it had never been', async () => {
    running().createEvents(
      choice('newsletter', false, { id: 'e-1' }),
      choice('newsletter', true, { id: 'e-2', created_at: '2026-04-01T00:00:00Z' }),
      choice('profiling', true, { id: 'e-3' }),
    );
    expect((await call('DELETE', '/consents/events/e-2')).status).toBe(200);
    expect([enabled('newsletter'), enabled('profiling')]).toEqual([false, true]);
    expect((await call('GET', '/consents/events/e-2')).status).toBe(404);
    running().deleteEvent('e-1');
    running().deleteEvent('e-3');
    expect(user()).toMatchObject({ version: 6, consents: { purposes: [] } });
  });

  it('belongs to one regulation, and is merged there alone', () => {
    running().createEvents(choice('newsletter', true), choice('newsletter', false, { regulation: 'cpra' }));
    expect(user('gdpr')?.consents.purposes).toMatchObject([{ enabled: true }]);
    expect(user('cpra')?.consents.purposes).toMatchObject([{ enabled: false }]);
  });
});

describe('several events', () => {
  it('are taken all, or none when one of them is bad', async () => {
    const [first, second] = [
      choice('newsletter', true, { id: 'e-1' }),
      choice('profiling', true, { id: 'e-2' }),
    ];
    for (const bad of [
      { id: 'e-1' },
      { consents: { purposes: [{ enabled: true }] } },
      { created_at: 'soon' },
    ]) {
      const { status, json } = await call('POST', '/consents/events', [first, { ...second, ...bad }]);
      expect([400, 409]).toContain(status);
      expect(json.message.length).toBeGreaterThan(10);
    }
    expect(running().events()).toEqual([]);
    const { json } = await call('POST', '/consents/events', [first, second]);
    expect(json).toHaveLength(2);
    expect((await call('POST', '/consents/events', second)).status).toBe(409);
  });

  it('are at most 100', async () => {
    const many = Array.from({ length: 101 }, () => choice('newsletter', true));
    expect((await call('POST', '/consents/events', many)).status).toBe(400);
    expect((await call('POST', '/consents/events', many.slice(1))).status).toBe(201);
  });
});

describe('a list of events', () => {
  const ids = async (query: string) =>
    (await call('GET', `/consents/events?${query}`)).json.data.map(({ id }: { id: string }) => id);

  it('is about one person or one user, who must be named', async () => {
    running().createEvents(
      choice('newsletter', true, { id: 'e-1' }),
      choice('newsletter', true, { id: 'e-2', user: { id: 'u-2', organization_user_id: 'ana@example.com' } }),
      choice('newsletter', true, { id: 'e-3', user: { id: 'u-3', organization_user_id: 'bob' } }),
    );
    expect((await call('GET', '/consents/events')).status).toBe(400);
    expect(await ids('organization_user_id=ana%40example.com')).toEqual(['e-1', 'e-2']);
    expect(await ids('user_id=u-2')).toEqual(['e-2']);
    expect(await ids('user_id=u-4')).toEqual([]);
  });

  it('holds confirmed events of the GDPR unless it is asked for others', async () => {
    running().createEvents(
      choice('newsletter', true, { id: 'e-1' }),
      choice('newsletter', true, { id: 'e-2', status: 'pending_approval' }),
      choice('newsletter', true, { id: 'e-3', regulation: 'cpra' }),
    );
    expect(await ids('user_id=u-1')).toEqual(['e-1']);
    expect(await ids('user_id=u-1&status[$in]=confirmed&status[$in]=pending_approval')).toEqual([
      'e-1',
      'e-2',
    ]);
    expect(await ids('user_id=u-1&regulation[$in]=cpra&regulation[$in]=gdpr')).toEqual(['e-1', 'e-3']);
    expect(await ids('user_id=u-1&regulation=cpra')).toEqual(['e-3']);
  });

  it('comes in pages, or whole, as the switch says', async () => {
    for (let batch = 0; batch < 2; batch += 1) {
      running().createEvents(...Array.from({ length: 75 }, () => choice('newsletter', true)));
    }
    const first = (await call('GET', '/consents/events?user_id=u-1')).json;
    expect([first.data.length, first.limit, typeof first.cursor]).toEqual([100, 100, 'string']);
    const next = `$cursor=${encodeURIComponent(first.cursor)}`;
    const second = (await call('GET', `/consents/events?user_id=u-1&${next}`)).json;
    expect([second.data.length, second.cursor]).toEqual([50, null]);
    running().setSwitches({ eventPaging: 'none' });
    const { data, ...rest } = (await call('GET', '/consents/events?user_id=u-1')).json;
    expect([data.length, rest]).toEqual([150, {}]);
  });
});
