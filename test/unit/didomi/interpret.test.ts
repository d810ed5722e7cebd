import { describe, expect, it } from '@jest/globals';
import { interpret } from '../../../didomi/interpret';
import { readMessage } from '../../../didomi/message';
import {
  eventCreated,
  eventDeleted,
  eventUpdated,
  type Json,
  userCreated,
  userDeleted,
  userUpdated,
} from './didomi-messages';
import { NOW, rulesFor } from './rules';

const NEWSLETTER = 'consents_purposes_newsletter_enabled';
const PROFILING = 'consents_purposes_profiling_enabled';
const RULES = rulesFor([NEWSLETTER, PROFILING]);

const understood = (message: unknown, rules = RULES) => interpret(readMessage(message), rules, NOW);
function reasonFor(message: unknown, rules = RULES): string {
  const read = understood(message, rules);
  return read.status === 'ignored' ? read.reason : 'accepted';
}

/** An event.created with other fields. */
function event(fields: Json, rest: Json = {}): Json {
  return {
    ...eventCreated(),
    parameters: { entity: { ...eventCreated().parameters.entity, ...fields } },
    ...rest,
  };
}
const purposes = (...items: Json[]) => ({ consents: { purposes: items } });
const FUTURE = { created_at: '2026-06-02T00:00:00Z' };
const AMBIGUOUS = purposes({ id: 'newsletter', enabled: true }, { id: 'newsletter', enabled: false });

describe('a message that concerns an integration', () => {
  it('is accepted with the contact, the values that are mapped, and nothing else', () => {
    expect(understood(eventCreated())).toEqual({
      status: 'accepted',
      eventId: eventCreated().parameters.entity.id,
      identifier: { kind: 'email', value: 'ana@example.com' },
      ambiguous: [],
      change: {
        eventId: eventCreated().parameters.entity.id,
        type: 'event.created',
        receivedAt: NOW,
        statements: [expect.objectContaining({ path: NEWSLETTER })],
      },
    });
    expect(JSON.stringify(understood(eventCreated()))).not.toMatch(/Call centre|gold|footer|acme|prefs/);
  });

  it.each([eventCreated, eventUpdated, userCreated, userUpdated])('%p', (make) => {
    expect(reasonFor(make())).toBe('accepted');
  });

  it('is read once, however many attributes map one path', () => {
    const read = understood(eventCreated(), rulesFor([NEWSLETTER, NEWSLETTER]));
    expect(read).toMatchObject({ change: { statements: [{ path: NEWSLETTER }] } });
  });

  it('goes on without a path of two answers, and says so', () => {
    const items = [...AMBIGUOUS.consents.purposes, { id: 'profiling', enabled: false }];
    expect(understood(event(purposes(...items)))).toMatchObject({
      status: 'accepted',
      ambiguous: [NEWSLETTER],
      change: { statements: [{ path: PROFILING, choice: { value: false } }] },
    });
  });

  it('is accepted for its opt-outs alone when it is dated in the future', () => {
    const items = [
      { id: 'newsletter', enabled: true },
      { id: 'profiling', enabled: false },
    ];
    expect(understood(event({ ...FUTURE, ...purposes(...items) }))).toMatchObject({
      status: 'accepted',
      change: { statements: [{ path: PROFILING, choice: { value: false } }] },
    });
  });

  it('is accepted when all it says is that a confirmed event waits again', () => {
    const { old_entity: pending, new_entity: confirmed } = eventUpdated().parameters;
    const parameters = {
      old_entity: confirmed,
      new_entity: { ...confirmed, ...pending, updated_at: '2026-03-06T00:00:00Z' },
    };
    expect(understood({ type: 'event.updated', parameters })).toMatchObject({
      status: 'accepted',
      change: { statements: [{ path: NEWSLETTER, retraction: { eventId: '6f0c7a52-1001' } }] },
    });
  });
});

describe('a message is ignored, and the reason said', () => {
  it.each<[string, unknown]>([
    ['event_type', { type: 'proof.created' }],
    ['regulation', event({}, { regulation: 'cpra' })],
    ['pending_approval', event({ status: 'pending_approval' })],
    ['pending_approval', event({ status: 'anything_new' })],
    ['pending_approval', { ...eventUpdated(), parameters: { entity: eventUpdated().parameters.old_entity } }],
    ['needs_didomi_api', eventDeleted()],
    ['needs_didomi_api', userDeleted()],
    ['no_organization_user_id', event({ user: undefined })],
    ['no_organization_user_id', event({ user: { id: 'u' } })],
    ['no_organization_user_id', event({ user: { organization_user_id: null } })],
    ['no_organization_user_id', event({ user: { organization_user_id: '' } })],
    ['no_organization_user_id', event({ user: { organization_user_id: ' \t' } })],
    ['unusable_identifier', event({ user: { organization_user_id: 'a\u0000b' } })],
    ['unusable_identifier', event({ user: { organization_user_id: 'x'.repeat(500) } })],
    ['unusable_identifier', event({ user: { organization_user_id: '\ud83d' } })],
    ['time_in_future', event(FUTURE)],
    ['ambiguous_path', event(AMBIGUOUS)],
    ['no_mapped_value', event(purposes())],
    ['no_mapped_value', event({ consents: null })],
    ['no_mapped_value', event(purposes({ id: 'other', enabled: true }))],
    ['no_mapped_value', event(purposes({ id: 'newsletter', enabled: null }))],
  ])('%s (%#)', (reason, message) => {
    const fixed = message as { type: string; parameters?: Json };
    if (fixed.type === 'event.updated') {
      fixed.parameters = {
        entity: { created_at: '2026-03-04T09:15:02Z', ...(fixed.parameters?.entity as Json) },
      };
    }
    expect(reasonFor(fixed)).toBe(reason);
  });

  it('unusable_identifier, by what the integration expects', () => {
    const message = event({ user: { organization_user_id: 'abc.com' } });
    expect(reasonFor(message)).toBe('accepted');
    for (const identifier of ['email', 'phone', 'contact_id'] as const) {
      expect(reasonFor(message, { ...RULES, identifier })).toBe('unusable_identifier');
    }
  });

  it('with the id of the event, where it has one', () => {
    expect(understood(eventDeleted())).toMatchObject({ eventId: '6f0c7a52-1001' });
    expect(understood(event({}, { regulation: 'cpra' }))).toMatchObject({
      eventId: eventCreated().parameters.entity.id,
    });
    expect(understood({ type: 'proof.created' })).toMatchObject({ eventId: null });
  });

  it("regulation: the message's own, and only then the entity's", () => {
    expect(reasonFor(event({ regulation: 'cpra' }))).toBe('accepted');
    expect(reasonFor(event({ regulation: 'cpra' }, { regulation: undefined }))).toBe('regulation');
    expect(reasonFor(event({}, { regulation: 'GDPR' }))).toBe('accepted');
    expect(reasonFor(event({}, { regulation: 'cpra' }), { ...RULES, regulations: ['gdpr', 'cpra'] })).toBe(
      'accepted',
    );
  });
});

describe('of several reasons the first is said', () => {
  /** Each is wrong in its own way and in all the later ones. */
  const steps: [string, Json][] = [
    ['regulation', { regulation: 'cpra' }],
    ['pending_approval', { status: 'pending_approval' }],
    ['no_organization_user_id', { user: { organization_user_id: '' } }],
    ['unusable_identifier', { user: { organization_user_id: 'a\u0000' } }],
    ['time_in_future', FUTURE],
  ];

  it.each(steps.map(([reason], index) => [reason, index] as const))('%s', (reason, index) => {
    const [, ...later] = steps.slice(index).map(([, fields]) => fields);
    const wrong = Object.assign({}, ...later.toReversed(), steps[index]?.[1]);
    expect(reasonFor(event(wrong, { regulation: undefined }))).toBe(reason);
  });

  it('a delete: its regulation, its status, and only then that it needs the API', () => {
    const entity = { id: 'e', regulation: 'cpra', status: 'pending_approval' };
    const deleted = (fields: Json) => ({
      type: 'event.deleted',
      parameters: { entity: { ...entity, ...fields } },
    });
    expect(reasonFor(deleted({}))).toBe('regulation');
    expect(reasonFor(deleted({ regulation: 'gdpr' }))).toBe('pending_approval');
    expect(reasonFor(deleted({ regulation: 'gdpr', status: 'confirmed' }))).toBe('needs_didomi_api');
  });

  it('time_in_future before ambiguous_path before no_mapped_value', () => {
    const optInAndTwice = purposes(...AMBIGUOUS.consents.purposes, { id: 'profiling', enabled: true });
    expect(reasonFor(event({ ...FUTURE, ...optInAndTwice }))).toBe('time_in_future');
    expect(reasonFor(event({ ...FUTURE, ...AMBIGUOUS }))).toBe('ambiguous_path');
    expect(reasonFor(event({ ...FUTURE, ...purposes() }))).toBe('no_mapped_value');
  });
});

describe('a Didomi user whose organization_user_id changes', () => {
  function moved(from: unknown, to: unknown, consents: Json = purposes({ id: 'newsletter', enabled: true })) {
    const { parameters, ...message } = userUpdated();
    const { old_entity, new_entity } = parameters;
    return {
      ...message,
      parameters: {
        ...parameters,
        old_entity: { ...old_entity, organization_user_id: from },
        new_entity: { ...new_entity, organization_user_id: to, ...consents },
      },
    };
  }

  it('is the new contact, and the former one is told without any statement', () => {
    expect(understood(moved('ana@example.com', 'Bea@example.com'))).toMatchObject({
      status: 'accepted',
      identifier: { kind: 'email', value: 'bea@example.com' },
      change: { statements: expect.arrayContaining([expect.objectContaining({ path: NEWSLETTER })]) },
      former: {
        identifier: { kind: 'email', value: 'ana@example.com' },
        change: { eventId: '0b7d9e10-3003', type: 'user.updated', statements: [], movedAway: true },
      },
    });
  });

  it.each([
    ['null', null, 'no_organization_user_id'],
    ['blank', ' ', 'no_organization_user_id'],
    ['too long', 'x'.repeat(255), 'unusable_identifier'],
  ])('to one that is %s is ignored, and the former contact is told', (_, to, reason) => {
    expect(understood(moved('ana@example.com', to))).toMatchObject({
      status: 'ignored',
      reason,
      former: { identifier: { value: 'ana@example.com' }, change: { statements: [] } },
    });
  });

  it.each([
    ['another spelling', 'ANA@example.com ', 'ana@example.com', {}],
    ['none before', null, 'ana@example.com', {}],
    ['no usable one before', 'x'.repeat(255), 'ana@example.com', {}],
    ['neither before nor after', null, null, {}],
    ['nothing that is mapped', 'ana@example.com', 'bea@example.com', purposes()],
    ['nothing that is mapped, and none after', 'ana@example.com', null, purposes()],
  ])('tells no former contact: %s', (_, from, to, consents) => {
    expect(understood(moved(from, to, consents))).not.toHaveProperty('former');
  });
});
