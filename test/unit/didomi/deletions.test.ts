import { describe, expect, it } from '@jest/globals';
import { interpret } from '../../../didomi/interpret';
import { readMessage } from '../../../didomi/message';
import { NOW, rulesFor } from './rules';

const RULES = rulesFor(['consents_purposes_newsletter_enabled']);
type Json = Record<string, unknown>;

const read = (type: string, entity: Json, envelope: Json = {}, canAskDidomi = true) =>
  interpret(readMessage({ type, ...envelope, parameters: { entity } }), RULES, NOW, { canAskDidomi });
const USER = { id: 'u', organization_user_id: 'Ana@Example.com' };

describe("a deletion, with access to Didomi's API", () => {
  it('of an event says that the event is void, and whom to ask about', () => {
    expect(read('event.deleted', { id: 'e', user: USER })).toEqual({
      status: 'accepted',
      eventId: 'e',
      identifier: { kind: 'email', value: 'ana@example.com' },
      ambiguous: [],
      change: {
        eventId: 'e',
        type: 'event.deleted',
        receivedAt: NOW,
        statements: [],
        deletion: { event: 'e', user: 'u' },
        organizationUserId: 'Ana@Example.com',
      },
    });
  });

  it('of an event without its user is somebody’s, whom only those know who received the event', () => {
    expect(read('event.deleted', { id: 'e', created_at: '2026-03-04T09:15:02Z' })).toEqual({
      status: 'anonymous',
      eventId: 'e',
      change: {
        eventId: 'e',
        type: 'event.deleted',
        receivedAt: NOW,
        statements: [],
        deletion: { event: 'e' },
      },
    });
  });

  it('of a user voids no event, and is named by the last version', () => {
    expect(read('user.deleted', { ...USER, version: 5, consents: { purposes: 7 } })).toMatchObject({
      status: 'accepted',
      eventId: 'u@5',
      change: { statements: [], deletion: { user: 'u' } },
    });
  });

  it('is understood flattened too', () => {
    expect(read('event.deleted', { id: 'e', user__organization_user_id: 'ana@example.com' })).toMatchObject({
      status: 'accepted',
      change: { deletion: { event: 'e' } },
    });
  });

  it.each<[string, Json, Json]>([
    ['regulation', { id: 'e', status: 'pending_approval' }, { regulation: 'cpra' }],
    ['pending_approval', { id: 'e', status: 'pending_approval', user: {} }, {}],
    ['no_organization_user_id', { id: 'e', user: { id: 'guest' } }, {}],
    ['unusable_identifier', { id: 'e', user: { organization_user_id: 'a\u0000' } }, {}],
  ])('is ignored: %s', (reason, entity, envelope) => {
    expect(read('event.deleted', entity, envelope)).toEqual({ status: 'ignored', eventId: 'e', reason });
  });

  it('of a user without organization_user_id is ignored', () => {
    expect(read('user.deleted', { id: 'u' })).toMatchObject({ reason: 'no_organization_user_id' });
  });
});

describe("a deletion, without access to Didomi's API", () => {
  it.each([{ user: USER }, { user: {} }, {}])('is ignored for that reason first (%#)', (entity) => {
    expect(read('event.deleted', { id: 'e', ...entity }, {}, false)).toMatchObject({
      reason: 'needs_didomi_api',
    });
  });
});

describe('how Didomi spells a person', () => {
  it('is kept where it differs from the identifier, as it is', () => {
    const event = {
      id: 'e',
      created_at: '2026-03-04T09:15:02Z',
      consents: { purposes: [{ id: 'newsletter', enabled: true }] },
    };
    const spelt = (organization_user_id: string) =>
      read('event.created', { ...event, user: { organization_user_id } });
    expect(spelt(' Ana@example.com')).toMatchObject({ change: { organizationUserId: ' Ana@example.com' } });
    expect(spelt('ana@example.com')).not.toHaveProperty('change.organizationUserId');
  });
});

describe('a patch that takes a choice back', () => {
  const patched = (canAskDidomi: boolean, enabled: boolean | undefined, status = 'confirmed') => {
    const event = { id: 'e', created_at: '2026-03-04T09:15:02Z', status: 'confirmed', user: USER };
    const saying = (value: boolean | undefined) => ({
      purposes: value === undefined ? [] : [{ id: 'newsletter', enabled: value }],
    });
    const parameters = {
      old_entity: { ...event, consents: saying(true) },
      new_entity: { ...event, status, updated_at: '2026-03-05T09:15:02Z', consents: saying(enabled) },
    };
    return interpret(readMessage({ type: 'event.updated', parameters }), RULES, NOW, { canAskDidomi });
  };
  const ASKED = { status: 'accepted', change: { readAgain: { user: 'u' } } };

  it('has Didomi asked what holds instead, where we may', () => {
    expect(patched(true, undefined)).toMatchObject(ASKED);
    expect(patched(true, true, 'pending_approval')).toMatchObject(ASKED);
    expect(patched(false, undefined)).not.toHaveProperty('change.readAgain');
  });

  it('and not one that says something else instead', () => {
    expect(patched(true, false)).toMatchObject({ status: 'accepted' });
    expect(patched(true, false)).not.toHaveProperty('change.readAgain');
  });
});

describe('an erased user, where those are forgotten', () => {
  const erased = (entity: Json, envelope: Json = {}) =>
    interpret(readMessage({ type: 'user.deleted', ...envelope, parameters: { entity } }), RULES, NOW, {
      forgetsErasedUsers: true,
    });

  it('is somebody to forget, for which Didomi need not be asked', () => {
    expect(erased({ ...USER, version: 5 })).toEqual({
      status: 'erased',
      eventId: 'u@5',
      identifier: { kind: 'email', value: 'ana@example.com' },
      user: 'u',
    });
  });

  it('is so also where nothing that it had said counted', () => {
    expect(erased({ ...USER, status: 'pending_approval' })).toMatchObject({ status: 'erased' });
  });

  it.each<[string, Json, Json]>([
    ['no_organization_user_id', { id: 'u' }, {}],
    ['unusable_identifier', { id: 'u', organization_user_id: 'a\u0000' }, {}],
    ['regulation', USER, { regulation: 'cpra' }],
  ])('is ignored: %s', (reason, entity, envelope) => {
    expect(erased(entity, envelope)).toMatchObject({ status: 'ignored', reason });
  });

  it('does not change what a deleted event needs', () => {
    const message = { type: 'event.deleted', parameters: { entity: { id: 'e', user: USER } } };
    expect(interpret(readMessage(message), RULES, NOW, { forgetsErasedUsers: true })).toMatchObject({
      reason: 'needs_didomi_api',
    });
  });
});
