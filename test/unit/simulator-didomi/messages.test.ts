import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readMessage } from '../../../didomi/message';
import { startDidomiSimulator, type WebhookMessage } from '../../../simulator/didomi';
import { CREDENTIALS, choice, simulatorForTests } from './support';

const batches: (readonly WebhookMessage[])[] = [];
let now = Date.parse('2026-06-01T12:00:00Z');
const { running, call, control } = simulatorForTests({
  now: () => now,
  onMessages: (batch) => batches.push(batch),
});

const types = (messages: readonly { type: string }[]) => messages.map(({ type }) => type);

describe('the webhook messages of', () => {
  it('a first event are about the event and the new user', () => {
    expect(running().createEvents(choice('newsletter', true, { id: 'e-1' }))).toMatchObject([
      {
        type: 'event.created',
        regulation: 'gdpr',
        parameters: { entity: { id: 'e-1', status: 'confirmed' } },
      },
      { type: 'user.created', regulation: 'gdpr', parameters: { entity: { id: 'u-1', version: 1 } } },
    ]);
  });

  it('a further event tell what the user was, what it is, and why', () => {
    running().createEvents(choice('newsletter', true));
    now += 1_000;
    const [, message] = running().createEvents(
      choice('newsletter', false, { id: 'e-2', created_at: '2026-05-01T00:00:00Z' }),
    );
    expect(message).toMatchObject({
      type: 'user.updated',
      parameters: {
        source: { id: 'e-2', created_at: '2026-05-01T00:00:00Z' },
        old_entity: { version: 1, consents: { purposes: [{ enabled: true }] } },
        new_entity: { version: 2, consents: { purposes: [{ enabled: false }] } },
      },
    });
  });

  it('a pending event say nothing of the user until it is confirmed', () => {
    const event = choice('newsletter', true, { id: 'e-1', status: 'pending_approval' });
    expect(types(running().createEvents(event))).toEqual(['event.created']);
    expect(running().patchEvent('e-1', { status: 'confirmed' })).toMatchObject([
      {
        type: 'event.updated',
        parameters: {
          old_entity: { status: 'pending_approval' },
          new_entity: { status: 'confirmed' },
        },
      },
      { type: 'user.created', parameters: { entity: { organization_user_id: 'ana@example.com' } } },
    ]);
  });

  it('a deleted event name it by id alone, and the user without a source, as the switches say', () => {
    const [one, two] = [
      choice('newsletter', true, { id: 'e-1' }),
      choice('newsletter', false, { id: 'e-2' }),
    ];
    running().createEvents(one, two);
    const [event, user] = running().deleteEvent('e-2');
    expect(event?.parameters).toEqual({ entity: { id: 'e-2', created_at: '2026-03-04T09:15:02Z' } });
    expect(user).toMatchObject({ type: 'user.updated', parameters: { new_entity: { version: 3 } } });
    expect(user?.parameters).not.toHaveProperty('source');
    running().setSwitches({ deletedEvent: 'whole', deletionSource: 'deleted_event' });
    expect(running().deleteEvent('e-1')).toMatchObject([
      { parameters: { entity: { id: 'e-1', user: { id: 'u-1' } } } },
      { parameters: { source: { id: 'e-1' } } },
    ]);
  });

  it('a deleted user are one for each regulation, and name the events when the switch says so', () => {
    const events = [choice('newsletter', true), choice('newsletter', true, { regulation: 'cpra' })];
    running().createEvents(...events);
    expect(
      running()
        .deleteUser('u-1')
        .map(({ type, regulation }) => [type, regulation]),
    ).toEqual([
      ['user.deleted', 'gdpr'],
      ['user.deleted', 'cpra'],
    ]);
    running().setSwitches({ deletedUserEvents: 'told' });
    running().createEvents(...events);
    expect(types(running().deleteUser('u-1'))).toEqual([
      'event.deleted',
      'event.deleted',
      'user.deleted',
      'user.deleted',
    ]);
  });

  it('a changed organization_user_id tell the old one and the new one', async () => {
    running().createEvents(choice('newsletter', true));
    const { json } = await call('PATCH', '/consents/users/u-1', { organization_user_id: 'ana@example.org' });
    expect(json).toMatchObject({ organization_user_id: 'ana@example.org', version: 2 });
    expect(running().messages().at(-1)).toMatchObject({
      type: 'user.updated',
      parameters: {
        old_entity: { organization_user_id: 'ana@example.com' },
        new_entity: { organization_user_id: 'ana@example.org', consents: { purposes: [{ enabled: true }] } },
      },
    });
  });

  it('a change that keeps out integrations are none', async () => {
    const { status } = await call(
      'POST',
      '/consents/events?$disable_integrations=true',
      choice('newsletter', true),
    );
    expect(status).toBe(201);
    expect(running().messages()).toEqual([]);
    expect(running().users()).toHaveLength(1);
  });

  it('calls that fail are none', async () => {
    await call('DELETE', '/consents/events/e-1');
    await call('POST', '/consents/events', { consents: 1 });
    expect(running().messages()).toEqual([]);
  });
});

describe('messages', () => {
  it('come to the callback change by change, and are read over HTTP, also only the new ones', async () => {
    batches.length = 0;
    await call('POST', '/consents/events', choice('newsletter', true));
    await call('POST', '/consents/events', choice('newsletter', false));
    expect(batches.map(types)).toEqual([
      ['event.created', 'user.created'],
      ['event.created', 'user.updated'],
    ]);
    const { json } = await control('GET', '/messages');
    expect([json.messages, json.count]).toEqual([batches.flat(), 4]);
    expect((await control('GET', '/messages?after=3')).json.messages).toEqual(batches.flat().slice(3));
    await control('DELETE', '/messages');
    running().deleteUser('u-1');
    expect(types((await control('GET', '/messages?after=4')).json.messages)).toEqual(['user.deleted']);
  });

  it('keep what they told when it changes afterwards', () => {
    const [created] = running().createEvents(choice('newsletter', true, { id: 'e-1' }));
    const before = JSON.stringify(created);
    running().patchEvent('e-1', { consents: { purposes: [{ id: 'newsletter', enabled: false }] } });
    running().createEvents(choice('newsletter', false));
    expect(JSON.stringify(created)).toBe(before);
  });
});

describe('whatever is done', () => {
  const day = fc
    .integer({ min: 1, max: 28 })
    .map((number) => `2026-03-${String(number).padStart(2, '0')}T00:00:00Z`);
  const event = fc.record({
    id: fc.constantFrom('e-1', 'e-2', 'e-3', 'e-4', 'e-5'),
    created_at: day,
    status: fc.constantFrom('confirmed' as const, 'pending_approval' as const),
    regulation: fc.constantFrom('gdpr', 'cpra'),
    user: fc.record({
      id: fc.constantFrom('u-1', 'u-2'),
      organization_user_id: fc.constant('ana@example.com'),
    }),
    consents: fc.record({
      purposes: fc.array(
        fc.record({ id: fc.constantFrom('a', 'b'), enabled: fc.constantFrom(true, false, null) }),
        { maxLength: 2 },
      ),
    }),
  });
  const action = fc.oneof(
    fc.record({ do: fc.constant('create' as const), event }),
    fc.record({ do: fc.constant('patch' as const), event }),
    fc.record({ do: fc.constant('delete' as const), event }),
    fc.record({ do: fc.constant('erase' as const), event }),
  );

  it('every message is one that ingestion reads, and the last about a user is what the user is', async () => {
    const simulator = await startDidomiSimulator(CREDENTIALS);
    try {
      fc.assert(
        fc.property(fc.array(action, { maxLength: 12 }), (actions) => {
          simulator.reset();
          for (const one of actions) attempt(() => done(one));
          const messages = simulator.messages();
          for (const message of messages) {
            expect(readMessage(JSON.parse(JSON.stringify(message))).type).toBe(message.type);
          }
          for (const { regulation, user } of simulator.users()) {
            const about = messages.filter(
              ({ type, parameters, regulation: its }) =>
                type.startsWith('user.') &&
                its === regulation &&
                ((parameters.new_entity ?? parameters.entity) as { id: string }).id === user.id,
            );
            expect(about.at(-1)?.parameters.new_entity ?? about.at(-1)?.parameters.entity).toEqual(user);
          }
        }),
        { numRuns: 120 },
      );
    } finally {
      await simulator.close();
    }

    function done({
      do: what,
      event: { id, status, consents, ...rest },
    }: typeof action extends fc.Arbitrary<infer T> ? T : never) {
      if (what === 'create') simulator.createEvents({ id, status, consents, ...rest });
      else if (what === 'patch') simulator.patchEvent(id, { status, consents });
      else if (what === 'delete') simulator.deleteEvent(id);
      else simulator.deleteUser(rest.user.id);
    }
  });

  it('confirmed events of different times add up to the same user in any order of arrival', async () => {
    const simulator = await startDidomiSimulator(CREDENTIALS);
    const history = fc
      .uniqueArray(event, { selector: ({ created_at }) => created_at, maxLength: 6 })
      .map((events) =>
        events.map((one, index) => ({ ...one, id: `e-${index}`, status: 'confirmed' as const })),
      )
      .chain((events) =>
        fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
      );
    const consents = (events: readonly object[]) => {
      simulator.reset();
      for (const one of events) simulator.createEvents(one);
      return new Map(
        simulator
          .users()
          .map(({ regulation, user }) => [
            `${user.id} ${regulation}`,
            new Map(user.consents.purposes.map(({ id, enabled }) => [id, enabled])),
          ]),
      );
    };
    try {
      fc.assert(
        fc.property(history, ([events, shuffled]) => {
          expect(consents(shuffled)).toEqual(consents(events));
        }),
        { numRuns: 120 },
      );
    } finally {
      await simulator.close();
    }
  });
});

/** Some of what is done at random is refused. */
function attempt(act: () => void): void {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ name: 'ApiError' });
  }
}
