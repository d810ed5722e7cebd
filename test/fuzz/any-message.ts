import fc from 'fast-check';

/** Something like a message of Didomi's, as JSON: plain or flattened, often right, else wrong in a few places. */

const id = fc.constantFrom('newsletter', 'topics_fr', 'a', 'a__b', '0', '__proto__', 'values');
const flag = fc.constantFrom(true, false, null, 'true', 1);
const time = fc.constantFrom(
  '2026-03-04T09:15:02Z',
  '2026-03-04T09:15:02.123+02:00',
  '2026-03-04T09:15:02',
  '2099-01-01T00:00:00Z',
  '2026-02-30T00:00:00Z',
  7,
);
const value = fc.record({ value: fc.constantFrom('', 'weekly', 'a,b', null, 7) });
const channel = fc.record({ id, enabled: flag });
const preference = fc.record(
  { id, enabled: flag, channels: fc.array(channel, { maxLength: 2 }) },
  { requiredKeys: ['id'] },
);
const purpose = fc.record(
  {
    id,
    enabled: flag,
    enabled_li: flag,
    values: fc.dictionary(id, value, { maxKeys: 2 }),
    preferences: fc.array(preference, { maxLength: 2 }),
    channels: fc.array(channel, { maxLength: 2 }),
    metadata: fc.dictionary(id, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }),
  },
  { requiredKeys: ['id'] },
);
const consents = fc.record(
  { purposes: fc.array(purpose, { maxLength: 3 }), channels: fc.array(channel, { maxLength: 1 }) },
  { requiredKeys: [] },
);
const person = fc.constantFrom('zebra.quagga@example.com', '', ' ', null, 'x'.repeat(300), '+33612345678');
const entity = fc.record(
  {
    id: fc.constantFrom('e1', '6f0c7a52-1001', ''),
    created_at: time,
    updated_at: time,
    status: fc.constantFrom('confirmed', 'pending_approval', 'x', null),
    regulation: fc.constantFrom('gdpr', 'CPRA', 'x'),
    version: fc.constantFrom(1, 2.5, '3'),
    organization_user_id: person,
    user: fc.record({ id: fc.constantFrom('u1', 'u2'), organization_user_id: person }, { requiredKeys: [] }),
    metadata: fc.dictionary(id, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }),
    country: fc.constantFrom('FR', null, 7),
    consents,
  },
  { requiredKeys: ['id', 'created_at', 'consents'] },
);
const type = fc.constantFrom(
  'event.created',
  'event.updated',
  'event.deleted',
  'user.created',
  'user.updated',
  'user.deleted',
  'other',
);
const place = fc.constantFrom('entity', 'new_entity', 'old_entity', 'source');
const plain = fc.record({
  type,
  regulation: fc.constantFrom('gdpr', 'GDPR', 'cpra', null),
  parameters: fc.dictionary(place, entity, { minKeys: 1, maxKeys: 3 }),
});

const word = fc.constantFrom(
  'consents',
  'purposes',
  'preferences',
  'channels',
  'values',
  'value',
  'enabled',
  'id',
  '0',
  '1',
  'newsletter',
  '',
  '_',
);
const key = fc.array(word, { minLength: 1, maxLength: 7 }).map((words) => words.join('__'));
const leaf = fc.constantFrom<unknown>(true, false, null, '', 'newsletter', 'topics_fr', 7, [], {});
const flattened = fc
  .tuple(type, fc.array(fc.tuple(key, leaf), { maxLength: 6 }), fc.constantFrom('entity', 'new_entity'))
  .map(([of, entries, where]) => ({
    type: of,
    parameters: {
      [where]: {
        id: 'e',
        created_at: '2026-03-04T09:15:02Z',
        user__organization_user_id: 'zebra.quagga@example.com',
        ...Object.fromEntries(entries.map(([name, one]) => [`consents__purposes__${name}`, one])),
        ...Object.fromEntries(entries.slice(0, 2)),
      },
    },
  }));

export const anyMessage: fc.Arbitrary<string> = fc.oneof(
  fc.oneof({ weight: 3, arbitrary: plain }, flattened).map((one) => JSON.stringify(one)),
);
