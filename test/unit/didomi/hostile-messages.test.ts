import { describe, expect, it } from '@jest/globals';
import { interpret } from '../../../didomi/interpret';
import { readMessage } from '../../../didomi/message';
import { DidomiMessageError } from '../../../didomi/message-error';
import { eventCreated, flatten, flattenedEventCreated, type Json } from './didomi-messages';
import { NOW, rulesFor } from './rules';

const RULES = rulesFor([
  'consents_purposes_newsletter_enabled',
  'consents_preferences_topics_fr_value',
  'organization_user_id',
  '__proto__',
  'consents_purposes___proto___enabled',
]);
const PROPERTIES = Object.getOwnPropertyNames(Object.prototype).sort();

/** Whether it was understood. Anything but a DidomiMessageError that names a field is a bug. */
function isUnderstood(message: unknown): boolean {
  try {
    const read = interpret(readMessage(message), RULES, NOW);
    expect(read.status).toMatch(/accepted|ignored/);
    return true;
  } catch (error) {
    if (!(error instanceof DidomiMessageError)) throw error;
    expect(error.field).not.toBe('');
    expect(error.message).not.toContain('undefined');
    return false;
  } finally {
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(PROPERTIES);
    expect(({} as Json).polluted).toBeUndefined();
  }
}

describe('a hostile message', () => {
  it('properties of the name __proto__ leave no trace', () => {
    const evil = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    const text = JSON.stringify(eventCreated())
      .replace('{"form":"footer"}', evil)
      .replace('{"tier":"gold"}', evil)
      .replace('{"topics_fr":', '{"__proto__":{"value":"x"},"topics_fr":');
    expect(isUnderstood(JSON.parse(text))).toBe(true);
    for (const key of [
      '__proto__',
      'user____proto__',
      'metadata____proto____polluted',
      'consents____proto__',
    ]) {
      const entity = JSON.stringify({
        ...flattenedEventCreated().parameters.entity,
        KEY: { polluted: true },
      });
      isUnderstood({ type: 'event.created', parameters: { entity: JSON.parse(entity.replace('KEY', key)) } });
    }
  });
});

describe('a message of a megabyte is read quickly', () => {
  const MEGABYTE = 1_048_576;

  function quickly(entity: Json, rest: Json = {}): void {
    const text = JSON.stringify({
      type: 'event.created',
      ...rest,
      parameters: {
        entity: {
          id: 'e',
          created_at: '2026-03-04T09:15:02Z',
          user__organization_user_id: 'ana@example.com',
          ...entity,
        },
      },
    });
    const before = process.cpuUsage();
    isUnderstood(JSON.parse(text));
    // What it costs, and not how long it took: others may be at work on the machine.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(5_000);
  }
  const many = (count: number, entry: (index: number) => [string, unknown]) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => entry(index)));
  const times = (text: string, length = MEGABYTE) => text.repeat(Math.floor(length / text.length));

  it.each<[string, () => Json]>([
    ['20,000 flattened items by id', () => many(20_000, (i) => [`consents__purposes__p${i}__enabled`, true])],
    [
      '20,000 flattened items by position',
      () =>
        many(20_000, (i) => [
          `consents__purposes__${i >> 1}__${i % 2 ? 'id' : 'enabled'}`,
          i % 2 ? `p${i}` : true,
        ]),
    ],
    [
      '20,000 flattened values',
      () => many(20_000, (i) => [`consents__purposes__p__values__v${i}__value`, 'x']),
    ],
    [
      '15,000 preferences with channels of their own',
      () => many(15_000, (i) => [`consents__purposes__p__preferences__q${i}__channels__c__enabled`, true]),
    ],
    ['20,000 flattened unknown keys', () => many(20_000, (i) => [`metadata__m${i}`, i])],
    [
      '10,000 keys that can be read in eight ways',
      () => many(10_000, (i) => [`consents__purposes__${times('channels__', 70)}${i}__enabled`, true]),
    ],
    ['a key of separators', () => ({ [`consents__purposes__${times('_')}`]: true })],
    ['a key of "values__"', () => ({ [`consents__purposes__x__${times('values__')}`]: true })],
    [
      'a key of "preferences__"',
      () => ({ [`consents__purposes__x__${times('preferences__')}enabled`]: true }),
    ],
    ['a key of digits', () => ({ [`consents__purposes__${times('0')}`]: true })],
    ['a long id', () => ({ [`consents__purposes__${times('x')}__enabled`]: true, user__id: times('u') })],
    [
      'long ids of ten items',
      () => many(10, (i) => [`consents__purposes__${i}${times('x', 1e5)}__enabled`, true]),
    ],
  ])('%s', (_, entity) => {
    quickly(entity());
  });

  const plain = (fields: Json) => ({ user__organization_user_id: undefined, ...fields });
  const nested = (depth: number, key: string) => {
    let node: unknown = true;
    for (let level = 0; level < depth; level += 1) node = { [key]: node };
    return node;
  };

  it.each<[string, () => Json]>([
    [
      '20,000 purposes',
      () => ({
        consents: { purposes: Array.from({ length: 20_000 }, (_, i) => ({ id: `p${i}`, enabled: true })) },
      }),
    ],
    [
      '30,000 times the same purpose',
      () => ({
        consents: { purposes: Array.from({ length: 30_000 }, () => ({ id: 'newsletter', enabled: true })) },
      }),
    ],
    [
      '15,000 preferences of a purpose with a long id',
      () => ({
        consents: {
          purposes: [
            {
              id: times('x', 5e5),
              preferences: Array.from({ length: 15_000 }, (_, i) => ({ id: `p${i}`, enabled: true })),
            },
          ],
        },
      }),
    ],
    [
      'metadata below a long name',
      () => ({ user: { metadata: { [times('x', 5e5)]: many(40_000, (i) => [`k${i}`, 1]) } } }),
    ],
    ['deep metadata', () => ({ user: { organization_user_id: 'a', metadata: { a: nested(3_000, 'a') } } })],
    ['metadata of "channels"', () => ({ metadata: nested(3_000, 'channels') })],
    ['a long organization_user_id', () => ({ user: { organization_user_id: times('a.') } })],
    ['a long time', () => ({ created_at: times('2026-03-04T09:15:02Z') })],
  ])('%s', (_, fields) => {
    quickly(plain(fields()));
  });

  it('a whole flattened document', () => {
    const purposes = Array.from({ length: 4_000 }, (_, index) => ({
      id: `purpose_${index}`,
      enabled: index % 2 === 0,
      values: { [`v${index}`]: { value: 'a,b' } },
      channels: [{ id: 'email', enabled: false }],
    }));
    for (const items of ['by position', 'by id'] as const)
      quickly(flatten({ consents: { purposes } }, items));
  });
});
