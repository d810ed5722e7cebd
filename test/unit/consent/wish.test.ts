import { describe, expect, it } from '@jest/globals';
import { mergeStatements } from '../../../consent/consent-state';
import { BLACKLIST_FLAG, type Mapping } from '../../../consent/rules';
import type { ConsentValue } from '../../../consent/statement';
import { isPersonalPath, isSubscribed, isWithdrawal, type Wish, wishesOf } from '../../../consent/wish';

function wishFor(value: ConsentValue, mapping: Partial<Mapping> = {}): Wish | undefined {
  const choice = { value, at: 10, known: 10, eventId: 'e' };
  const state = mergeStatements([], [{ regulation: 'gdpr', path: 'p', user: 'u', choice }]);
  return wishesOf(state, [{ id: 'OPT_EMAIL', value: 'p', ...mapping }])[0];
}

describe('a mapping', () => {
  it('wishes nothing for a path of which nothing is in force', () => {
    expect(wishFor(true, { value: 'q' })).toBeUndefined();
  });

  it.each<ConsentValue>([true, false, '', 'weekly', 7])(
    'without "write" wishes the value itself: %j',
    (value) => {
      expect(wishFor(value)).toMatchObject({
        id: 'OPT_EMAIL',
        path: 'p',
        value,
        inForce: { value, time: 10 },
      });
    },
  );

  it('with "write" wishes what it lists for the value', () => {
    const write = { true: 'Yes', false: 'No', '': 0, weekly: true };
    expect(wishFor(true, { write })?.value).toBe('Yes');
    expect(wishFor(false, { write })?.value).toBe('No');
    expect(wishFor('', { write })?.value).toBe(0);
    expect(wishFor('weekly', { write })?.value).toBe(true);
  });

  it('does not guess a value that its "write" does not list', () => {
    const wish = wishFor('daily', { write: { weekly: true } });
    expect(wish).toBeDefined();
    expect(wish?.value).toBeUndefined();
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'does not take the value %j for a listed one',
    (value) => {
      expect(wishFor(value, { write: { weekly: true } })?.value).toBeUndefined();
    },
  );

  it('two entries may map one path', () => {
    const choice = { value: false, at: 10, known: 10, eventId: 'e' };
    const state = mergeStatements([], [{ regulation: 'gdpr', path: 'p', user: 'u', choice }]);
    const mappings = [
      { id: 'OPT_EMAIL', value: 'p' },
      { id: BLACKLIST_FLAG, value: 'p' },
    ];
    expect(wishesOf(state, mappings).map(({ id, value }) => [id, value])).toEqual([
      ['OPT_EMAIL', false],
      [BLACKLIST_FLAG, false],
    ]);
  });
});

it.each<[ConsentValue, boolean]>([
  [true, true],
  [false, false],
  ['', false],
  ['weekly', true],
])('on the blacklist flag %j means subscribed: %j', (value, subscribed) => {
  expect(isSubscribed(value)).toBe(subscribed);
});

it('the blacklist flag goes by the name that Didomi gives it', () => {
  expect(BLACKLIST_FLAG).toBe('EMAIL_CAMPAIGNS_SUBSCRIBED');
});

describe('a withdrawal', () => {
  const flag = { id: BLACKLIST_FLAG };

  it.each<[string, ConsentValue, Partial<Mapping>, boolean]>([
    ['a no', false, {}, true],
    ['nothing chosen any more', '', {}, true],
    ['a no that is written as text', false, { write: { false: 'No' } }, true],
    ['a no that its "write" does not list', false, { write: { true: 'Yes' } }, true],
    ['a no to mail', false, flag, true],
    ['a value that means no mail', 'never', { ...flag, write: { never: false } }, true],
    ['a value that means no mail', 'never', { ...flag, write: { never: '' } }, true],
    ['a value that is written as no', 'never', { write: { never: false } }, true],
    ['a value that clears the attribute', 'never', { write: { never: '' } }, true],
    ['a yes', true, {}, false],
    ['a yes that is written as text', true, { write: { true: 'No' } }, false],
    ['a choice', 'weekly', {}, false],
    ['a yes to mail', 'weekly', flag, false],
    ['a yes that its "write" does not list', 'daily', { write: { weekly: true } }, false],
    ['a yes to mail that its "write" does not list', 'daily', { ...flag, write: { weekly: true } }, false],
  ])('%s', (_, value, mapping, expected) => {
    const wish = wishFor(value, mapping);
    expect(wish && isWithdrawal(wish)).toBe(expected);
  });
});

it.each<[string, boolean]>([
  ['consents_purposes_newsletter_enabled', false],
  ['consents_preferences_topics_value', false],
  ['consents_purposes_a\nb_enabled_li', false],
  ['organization_user_id', true],
  ['metadata_birthday', true],
  ['country', true],
  ['metadata_consents_x_enabled', true],
  ['consents_purposes_p_metadata_name', true],
  ['consents_purposes_p_metadata_enabled_by', true],
])('what stands at %j may tell who the person is: %j', (path, personal) => {
  expect(isPersonalPath(path)).toBe(personal);
});
