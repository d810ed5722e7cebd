import { describe, expect, it } from '@jest/globals';
import { readMessage } from '../../../didomi/message';
import { DidomiMessageError } from '../../../didomi/message-error';
import {
  EVENT_ID,
  eventCreated,
  eventDeleted,
  eventUpdated,
  flattenedEventCreated,
  type Json,
  USER_ID,
  userCreated,
  userDeleted,
  userUpdated,
} from './didomi-messages';

const at = (iso: string) => Date.parse(iso);

/** What is wrong with a message, in the words that its sender reads. */
function problemWith(message: unknown): string {
  try {
    readMessage(message);
  } catch (error) {
    if (error instanceof DidomiMessageError) return error.message;
    throw error;
  }
  return 'none';
}

/** The message with something else in one place. */
function changed<T extends object>(message: T, path: string, value: unknown): T {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const holder = keys.reduce<Json>((node, key) => node[key] as Json, message as unknown as Json);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return message;
}

describe("Didomi's six messages are understood as documented", () => {
  it('event.created', () => {
    expect(readMessage(eventCreated())).toMatchObject({
      type: 'event.created',
      regulation: 'gdpr',
      eventId: EVENT_ID,
      event: {
        created_at: at('2026-03-04T09:15:02Z'),
        status: 'confirmed',
        user: { id: USER_ID, organization_user_id: 'ana@example.com', country: 'FR' },
        consents: {
          purposes: [
            { id: 'newsletter', enabled: true, values: { topics_fr: { value: 'sport,culture' } } },
            { id: 'profiling', enabled: null, values: { frequency: { value: 'weekly' } } },
          ],
        },
      },
    });
  });

  it('event.updated', () => {
    expect(readMessage(eventUpdated())).toMatchObject({
      type: 'event.updated',
      eventId: '6f0c7a52-1001',
      event: { status: 'confirmed', updated_at: at('2026-03-05T18:40:11Z') },
      old: { status: 'pending_approval', updated_at: at('2026-03-04T09:15:02Z') },
    });
  });

  it('event.deleted, which may hold no more than an id', () => {
    expect(readMessage(eventDeleted())).toEqual({
      type: 'event.deleted',
      regulation: 'gdpr',
      eventId: '6f0c7a52-1001',
      event: { id: '6f0c7a52-1001' },
    });
  });

  it('user.created, which is named by its revision', () => {
    expect(readMessage(userCreated())).toMatchObject({
      type: 'user.created',
      eventId: 'c2a1b0d4-2002@1',
      user: { organization_user_id: 'ana@example.com', updated_at: at('2026-03-04T09:15:02Z') },
    });
  });

  it('user.updated, which is named by the event that caused it', () => {
    expect(readMessage(userUpdated())).toMatchObject({
      type: 'user.updated',
      eventId: '0b7d9e10-3003',
      user: { consents: { purposes: [{ id: 'newsletter', enabled: false }] } },
      old: { consents: { purposes: [{ id: 'newsletter', enabled: true }] } },
      source: { id: '0b7d9e10-3003', created_at: at('2026-04-01T07:00:00Z') },
    });
  });

  it('user.deleted', () => {
    expect(readMessage(userDeleted())).toMatchObject({ type: 'user.deleted', eventId: 'c2a1b0d4-2002' });
  });

  it('a flattened event.created', () => {
    expect(readMessage(flattenedEventCreated())).toMatchObject({
      type: 'event.created',
      event: {
        user: { organization_user_id: 'ana@example.com' },
        consents: {
          purposes: [{ id: 'newsletter', enabled: false, values: { topics_fr: { value: 'sport,culture' } } }],
        },
      },
    });
  });
});

describe('of what Didomi may leave out', () => {
  it('a user.updated without a source, or whose source has no id, is named by its revision', () => {
    expect(readMessage(changed(userUpdated(), 'parameters.source', undefined))).toMatchObject({
      eventId: 'c2a1b0d4-2002@5',
    });
    expect(readMessage(changed(userUpdated(), 'parameters.source', null))).not.toHaveProperty('source');
    expect(readMessage(changed(userUpdated(), 'parameters.source.id', undefined))).toMatchObject({
      eventId: 'c2a1b0d4-2002@5',
    });
  });

  it('a user record without a version is named by when it was made', () => {
    expect(readMessage(changed(userCreated(), 'parameters.entity.version', undefined)).eventId).toBe(
      'c2a1b0d4-2002@2026-03-04T09:15:02.000Z',
    );
  });

  it('an event without a status is confirmed', () => {
    for (const status of [undefined, null]) {
      const message = readMessage(changed(eventCreated(), 'parameters.entity.status', status));
      expect(message).toMatchObject({ event: { status: 'confirmed' } });
    }
  });

  it("the regulation is the message's own, else the entity's, else gdpr, in lower case", () => {
    const regulationOf = (own: unknown, ofEntity: unknown) => {
      const message = changed(eventCreated(), 'regulation', own);
      return readMessage(changed(message, 'parameters.entity.regulation', ofEntity));
    };
    expect(regulationOf('CPRA', 'gdpr')).toMatchObject({ regulation: 'cpra' });
    expect(regulationOf(undefined, 'Cpra')).toMatchObject({ regulation: 'cpra' });
    expect(regulationOf(null, null)).toMatchObject({ regulation: 'gdpr' });
  });

  it('everything else that decides nothing may be missing, null, new, or of a strange type', () => {
    const bare = { id: 'e', created_at: '2026-03-04T09:15:02Z', user: null, consents: null };
    expect(problemWith({ type: 'event.created', parameters: { entity: bare } })).toBe('none');
    const odd = {
      ...eventCreated(),
      more: [{}],
      parameters: {
        entity: {
          ...eventCreated().parameters.entity,
          metadata: 'none',
          delegate: 7,
          proofs_id: false,
          source: { type: 'x' },
          user: { id: USER_ID, organization_user_id: 'ana@example.com', country: 33, metadata: [] },
        },
      },
    };
    expect(problemWith(odd)).toBe('none');
  });

  it('old_entity may be missing or null', () => {
    for (const old of [undefined, null]) {
      const message = readMessage(changed(eventUpdated(), 'parameters.old_entity', old));
      expect(message).not.toHaveProperty('old');
    }
  });

  it('an update may come with its entity in `entity`, as flattening puts it there', () => {
    const { new_entity: entity } = eventUpdated().parameters;
    const message = readMessage({ type: 'event.updated', parameters: { entity } });
    expect(message).toMatchObject({ type: 'event.updated', event: { id: '6f0c7a52-1001' } });
  });
});

describe('a type that we do not know', () => {
  it('is no error, because Didomi sends every type when none is selected', () => {
    expect(readMessage({ type: 'proof.created', parameters: { entity: { id: 'x' } } })).toEqual({
      type: 'unknown',
      eventId: 'x',
    });
  });

  it.each([
    {},
    { parameters: null },
    { parameters: 'x' },
    { parameters: [] },
    { parameters: { entity: null } },
    { parameters: { entity: 'x' } },
    { parameters: { entity: { id: 7 } } },
  ])('need have no id: %j', (rest) => {
    expect(readMessage({ type: 'toString', ...rest })).toEqual({ type: 'unknown', eventId: null });
  });

  it.each(['constructor', '__proto__', 'Event.Created', 'event.created '])('may be called %j', (type) => {
    expect(readMessage({ type })).toMatchObject({ type: 'unknown' });
  });
});

describe('what is not understood is an error that names the field', () => {
  it.each<[unknown, string]>([
    [undefined, 'message is missing'],
    [null, 'message must be a JSON object'],
    ['event.created', 'message must be a JSON object'],
    [[], 'message must be a JSON object'],
    [{}, 'type is missing'],
    [{ type: 7 }, 'type must be a text such as "event.created"'],
    [{ type: '' }, 'type must be a text such as "event.created"'],
    [{ type: null }, 'type must be a text such as "event.created"'],
    [{ type: 'event.created' }, 'parameters.entity is missing'],
    [{ type: 'event.created', parameters: null }, 'parameters must be a JSON object'],
    [{ type: 'event.created', parameters: [] }, 'parameters must be a JSON object'],
    [{ type: 'event.created', parameters: {} }, 'parameters.entity is missing'],
    [{ type: 'event.created', parameters: { entity: 'x' } }, 'parameters.entity must be a JSON object'],
    [{ type: 'event.created', parameters: { entity: [] } }, 'parameters.entity must be a JSON object'],
    [{ type: 'event.created', parameters: { entity: {} } }, 'parameters.entity.id is missing'],
    [{ type: 'event.updated', parameters: {} }, 'parameters.new_entity is missing'],
    [{ type: 'event.deleted', parameters: { entity: {} } }, 'parameters.entity.id is missing'],
    [
      { type: 'event.created', regulation: 7, parameters: { entity: eventCreated().parameters.entity } },
      'regulation must be a text such as "gdpr"',
    ],
  ])('%j', (message, problem) => {
    expect(problemWith(message)).toBe(problem);
  });

  it.each<[string, unknown, string]>([
    ['id', '', 'id must not be empty'],
    ['id', 7, 'id must be of type string'],
    ['created_at', undefined, 'created_at is missing'],
    ['created_at', null, 'created_at must be of type string'],
    ['created_at', 1_772_615_702, 'created_at must be of type string'],
    ['created_at', 'yesterday', 'created_at is not an ISO 8601 date and time such as 2026-03-04T09:15:02Z'],
    ['updated_at', '04/03/2026', 'updated_at is not an ISO 8601 date and time such as 2026-03-04T09:15:02Z'],
    ['status', 7, 'status must be of type string'],
    ['regulation', {}, 'regulation must be of type string'],
    ['user', 'ana@example.com', 'user must be of type object'],
    ['user.organization_user_id', 7, 'user.organization_user_id must be of type string'],
    ['user.id', 7, 'user.id must be of type string'],
    ['consents', [], 'consents must be of type object'],
    ['consents.purposes', {}, 'consents.purposes must be of type array'],
    ['consents.purposes.0', true, 'consents.purposes[0] must be of type object'],
    ['consents.purposes.0.id', undefined, 'consents.purposes[0].id is missing'],
    ['consents.purposes.0.id', 7, 'consents.purposes[0].id must be of type string'],
    ['consents.purposes.0.enabled', 'false', 'consents.purposes[0].enabled must be of type boolean'],
    ['consents.purposes.0.enabled', 0, 'consents.purposes[0].enabled must be of type boolean'],
    ['consents.purposes.1.enabled_li', 'no', 'consents.purposes[1].enabled_li must be of type boolean'],
    ['consents.purposes.0.values', [], 'consents.purposes[0].values must be of type record'],
    [
      'consents.purposes.0.values.topics_fr',
      'sport',
      'consents.purposes[0].values.topics_fr must be of type object',
    ],
    [
      'consents.purposes.0.values.topics_fr.value',
      ['sport'],
      'consents.purposes[0].values.topics_fr.value must be of type string',
    ],
    [
      'consents.purposes.0.preferences',
      [{ id: 'x', channels: [{ id: 'email', enabled: 1 }] }],
      'consents.purposes[0].preferences[0].channels[0].enabled must be of type boolean',
    ],
    ['consents.channels', [{ enabled: true }], 'consents.channels[0].id is missing'],
  ])('parameters.entity.%s = %j', (field, value, problem) => {
    expect(problemWith(changed(eventCreated(), `parameters.entity.${field}`, value))).toBe(
      `parameters.entity.${problem}`,
    );
  });

  it('in the old record and in the source too', () => {
    expect(
      problemWith(changed(eventUpdated(), 'parameters.old_entity.consents.purposes.0.enabled', 'x')),
    ).toBe('parameters.old_entity.consents.purposes[0].enabled must be of type boolean');
    expect(problemWith(changed(userUpdated(), 'parameters.old_entity', 'x'))).toBe(
      'parameters.old_entity must be a JSON object',
    );
    expect(problemWith(changed(userUpdated(), 'parameters.source.created_at', 'x'))).toMatch(
      /^parameters\.source\.created_at is not/,
    );
    expect(problemWith(changed(userUpdated(), 'parameters.new_entity.updated_at', undefined))).toBe(
      'parameters.new_entity.updated_at is missing',
    );
  });

  it('when it holds its entity twice', () => {
    const { entity } = eventCreated().parameters;
    expect(problemWith({ ...eventCreated(), entity })).toMatch(/^entity the message holds its entity twice/);
    expect(problemWith({ ...eventCreated(), entity__id: 'x' })).toMatch(/twice/);
    const updated = eventUpdated();
    expect(
      problemWith({
        ...updated,
        parameters: { ...updated.parameters, entity: updated.parameters.new_entity },
      }),
    ).toMatch(/twice/);
  });

  it('which never quotes a value', () => {
    const secret = 'ana-secret@example.com';
    for (const field of [
      'created_at',
      'user',
      'consents',
      'consents.purposes',
      'consents.purposes.0.enabled',
    ]) {
      expect(problemWith(changed(eventCreated(), `parameters.entity.${field}`, secret))).not.toContain(
        secret,
      );
    }
    expect(problemWith(changed(eventCreated(), 'parameters.entity', secret))).not.toContain(secret);
  });

  it('which says where it stood when several came together', () => {
    const error = new DidomiMessageError('type', 'is missing').at(3);
    expect(error).toMatchObject({ field: 'type', problem: 'is missing', index: 3 });
    expect(error.message).toBe('message 3: type is missing');
  });
});

describe('a time', () => {
  const readTime = (text: string) => {
    const message = readMessage(changed(eventCreated(), 'parameters.entity.created_at', text));
    return message.type === 'event.created' ? new Date(message.event.created_at).toISOString() : undefined;
  };

  it.each([
    ['2026-03-04T09:15:02Z', '2026-03-04T09:15:02.000Z'],
    ['2026-03-04T09:15:02.987Z', '2026-03-04T09:15:02.987Z'],
    ['2026-03-04T09:15:02.123456789Z', '2026-03-04T09:15:02.123Z'],
    ['2026-03-04T09:15:02,5Z', '2026-03-04T09:15:02.500Z'],
    ['2026-03-04T09:15Z', '2026-03-04T09:15:00.000Z'],
    ['2026-03-04T09:15:02', '2026-03-04T09:15:02.000Z'],
    ['2026-03-04T11:15:02+02:00', '2026-03-04T09:15:02.000Z'],
    ['2026-03-04T04:15:02-0500', '2026-03-04T09:15:02.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('%s is %s, in UTC where it names no zone', (text, iso) => {
    expect(readTime(text)).toBe(iso);
  });

  it.each([
    '2026-03-04',
    '2026-03-04 09:15:02',
    '20260304T091502Z',
    '2026-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-06-31T00:00:00+02:00',
    '2026-13-01T00:00:00Z',
    '2026-03-04T25:00:00Z',
    '2026-03-04T09:60:00Z',
    '2026-03-04T09:15:02+99:99',
    '12026-03-04T09:15:02Z',
    '1772615702',
    'Wed, 04 Mar 2026 09:15:02 GMT',
    '',
  ])('%j is refused, and not guessed', (text) => {
    expect(problemWith(changed(eventCreated(), 'parameters.entity.created_at', text))).toMatch(
      /^parameters\.entity\.created_at is not an ISO 8601/,
    );
  });
});
