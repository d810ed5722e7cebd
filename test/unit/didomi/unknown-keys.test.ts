import { describe, expect, it } from '@jest/globals';
import { interpret } from '../../../didomi/interpret';
import { readMessage } from '../../../didomi/message';
import { DidomiMessageError } from '../../../didomi/message-error';
import { rulesFor } from './rules';

const ENTITY = {
  id: 'event-1',
  created_at: '2026-03-04T09:15:02Z',
  user: { id: 'u', organization_user_id: 'ana@example.com' },
  consents: { purposes: [{ id: 'newsletter', enabled: false }] },
};

describe('an unknown key that holds the separator of flattened messages', () => {
  it.each(['a__b', '__proto__x', 'metadata__tier'])('does not make %s of a plain message a doubt', (key) => {
    const message = readMessage({ type: 'event.created', parameters: { entity: { ...ENTITY, [key]: 1 } } });
    expect(message).toMatchObject({ type: 'event.created', eventId: 'event-1' });
  });
});

describe('what is too long to be kept', () => {
  it('is refused with the field, and not cut', () => {
    const entity = { ...ENTITY, id: 'x'.repeat(513) };
    expect(() => readMessage({ type: 'event.created', parameters: { entity } })).toThrow(
      /parameters.entity.id must have at most 512 characters/,
    );
  });

  it('is refused where a mapped value is, naming its path', () => {
    const purposes = [{ id: 'newsletter', values: { topics: { value: 'x'.repeat(4_001) } } }];
    const message = readMessage({
      type: 'event.created',
      parameters: { entity: { ...ENTITY, consents: { purposes } } },
    });
    const path = 'consents_purposes_newsletter_values_topics_value';
    const mapped = rulesFor([path]);
    expect(() => interpret(message, mapped, Date.now())).toThrow(DidomiMessageError);
  });
});
