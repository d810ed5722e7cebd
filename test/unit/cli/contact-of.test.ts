import { describe, expect, test } from '@jest/globals';
import { contactOf } from '../../../cli/send/contact-of';
import { DidomiMessageError } from '../../../didomi/message-error';

function message(organizationUserId: string | undefined): object {
  const user = {
    id: 'u',
    ...(organizationUserId !== undefined && { organization_user_id: organizationUserId }),
  };
  return {
    type: 'event.created',
    parameters: { entity: { id: 'e', created_at: '2026-03-04T09:15:02Z', user, consents: { purposes: [] } } },
  };
}

describe('the contact of a message', () => {
  test.each([
    ['Ana@Example.com ', 'ana@example.com'],
    ['+33 6 12 34 56 78', '0033612345678'],
    ['+33612345678', '33 612-345-678'],
  ])('%s is the same as %s', (one, other) => {
    expect(contactOf(message(one))).toBe(contactOf(message(other)));
  });

  test('is not that of another person', () => {
    expect(contactOf(message('ana@example.com'))).not.toBe(contactOf(message('ben@example.com')));
  });

  test('is nobody for a guest and for a type that is not known', () => {
    expect(contactOf(message(undefined))).toBe('');
    expect(contactOf({ type: 'something.else' })).toBe('');
  });

  test('is refused for what is no Didomi message', () => {
    expect(() => contactOf({ no: 'type' })).toThrow(DidomiMessageError);
    expect(() => contactOf(null)).toThrow(DidomiMessageError);
  });
});
