import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { interpret } from '../../../didomi/interpret';
import { readMessage } from '../../../didomi/message';
import { DidomiMessageError } from '../../../didomi/message-error';
import {
  eventCreated,
  eventDeleted,
  eventUpdated,
  FLATTENED_FORMS,
  flatten,
  type Json,
  userCreated,
  userDeleted,
  userUpdated,
} from './didomi-messages';
import { NOW, rulesFor } from './rules';

const PATHS = [
  'consents_purposes_newsletter_enabled',
  'consents_purposes_newsletter_values_topics_fr_value',
  'consents_preferences_topics_fr_value',
  'consents_purposes_profiling_values_frequency_value',
  'organization_user_id',
  'country',
  'metadata_tier',
];

function understood(message: unknown, paths: readonly string[] = PATHS) {
  return interpret(readMessage(message), rulesFor(paths), NOW);
}

function problemWith(message: unknown): string {
  try {
    readMessage(message);
  } catch (error) {
    if (error instanceof DidomiMessageError) return error.message;
    throw error;
  }
  return 'none';
}

/** A flattened event.created with these keys below `consents__`. */
function event(consents: Json, rest: Json = {}): Json {
  const below = Object.fromEntries(
    Object.entries(consents).map(([key, value]) => [`consents__${key}`, value]),
  );
  const entity = {
    id: 'e',
    created_at: '2026-03-04T09:15:02Z',
    user__organization_user_id: 'ana@example.com',
    ...below,
    ...rest,
  };
  return { type: 'event.created', parameters: { entity } };
}

/** What a message says, by path. */
function said(message: unknown, ...paths: string[]): Json {
  const read = understood(message, paths);
  if (read.status === 'ignored') return { ignored: read.reason };
  if (read.status === 'erased') return { erased: read.user };
  return Object.fromEntries(
    read.change.statements.map((one) => [one.path, 'choice' in one ? one.choice.value : undefined]),
  );
}

describe('a flattened message means the same as the plain one', () => {
  const plain = (message: { type: string; regulation?: string; parameters: Json }) => {
    const { entity, new_entity: newEntity } = message.parameters;
    // An update has lost its old entity and its source: this is what it would be as a plain one.
    return { ...message, parameters: { entity: entity ?? newEntity } };
  };
  const messages = [eventCreated, eventUpdated, eventDeleted, userCreated, userUpdated, userDeleted];

  for (const [form, formOf] of Object.entries(FLATTENED_FORMS)) {
    for (const items of ['by position', 'by id'] as const) {
      it.each(messages.map((make) => [make().type, make] as const))(
        `${form}, items ${items}: %s`,
        (_, make) => {
          const message = plain(make() as { type: string; parameters: Json });
          const flattened = formOf(message, flatten(message.parameters.entity, items));
          expect(understood(flattened)).toEqual(understood(message));
        },
      );
    }
  }

  it('whatever it says', () => {
    const anyId = fc.constantFrom('a', 'b_c', 'news-letter', 'x.y', 'é', 'constructor', 'toString');
    const anyEnabled = fc.option(fc.boolean());
    const channels = fc.uniqueArray(fc.record({ id: anyId, enabled: anyEnabled }), {
      selector: ({ id }) => id,
      maxLength: 2,
    });
    const purposes = fc.uniqueArray(
      fc.record(
        {
          id: anyId,
          enabled: anyEnabled,
          values: fc.dictionary(anyId, fc.record({ value: fc.constantFrom('', 'weekly') }), { maxKeys: 2 }),
          preferences: fc.uniqueArray(fc.record({ id: anyId, enabled: anyEnabled, channels }), {
            selector: ({ id }) => id,
            maxLength: 2,
          }),
          channels,
        },
        { requiredKeys: ['id', 'enabled'] },
      ),
      { selector: ({ id }) => id, maxLength: 3 },
    );
    const ids = ['a', 'b_c', 'news-letter', 'x.y', 'é', 'constructor', 'toString'];
    const paths = ids.flatMap((id) => [
      `consents_purposes_${id}_enabled`,
      `consents_preferences_${id}_enabled`,
      `consents_preferences_${id}_value`,
      `consents_channels_${id}_enabled`,
      ...ids.flatMap((other) => [
        `consents_purposes_${id}_preferences_${other}_enabled`,
        `consents_purposes_${id}_values_${other}_value`,
        `consents_purposes_${id}_channel_${other}_enabled`,
      ]),
    ]);
    fc.assert(
      fc.property(purposes, channels, fc.constantFrom('by position', 'by id'), (ofEvent, all, items) => {
        const entity = {
          id: 'e',
          created_at: '2026-03-04T09:15:02Z',
          user: { id: 'u', organization_user_id: 'ana@example.com' },
          consents: { purposes: ofEvent, channels: all },
        };
        const message = { type: 'event.created', parameters: { entity } };
        const flattened = { type: 'event.created', parameters: { entity: flatten(entity, items) } };
        expect(understood(flattened, paths)).toEqual(understood(message, paths));
      }),
      { numRuns: 300 },
    );
  });
});

describe('ids that hold the separator are found by their path', () => {
  it.each([
    ['news__letter', 'enabled', 'consents_purposes_news__letter_enabled'],
    ['news_', 'enabled', 'consents_purposes_news__enabled'],
    ['__news', 'enabled', 'consents_purposes___news_enabled'],
    ['__proto__', 'enabled', 'consents_purposes___proto___enabled'],
    ['a__enabled', 'enabled', 'consents_purposes_a__enabled_enabled'],
    ['constructor', 'enabled', 'consents_purposes_constructor_enabled'],
  ])('purpose %j by its id', (id, field, path) => {
    expect(said(event({ [`purposes__${id}__${field}`]: false }), path)).toEqual({ [path]: false });
  });

  it('in a preference, a channel and a value too', () => {
    const message = event({
      purposes__p__q__preferences__r__s__channels__t__u__enabled: false,
      purposes__p__q__values__v__w__value: '',
    });
    const channel = 'consents_purposes_p__q_preferences_r__s_channel_t__u_enabled';
    const value = 'consents_purposes_p__q_values_v__w_value';
    expect(said(message, channel, value)).toEqual({ [channel]: false, [value]: '' });
  });

  it('by position, of course', () => {
    const message = event({ purposes__0__id: 'p__q', purposes__0__enabled: false });
    const path = 'consents_purposes_p__q_enabled';
    expect(said(message, path)).toEqual({ [path]: false });
  });
});

describe('beside flattened keys', () => {
  it('null says nothing', () => {
    const message = event({
      purposes__newsletter__enabled: null,
      purposes__newsletter__values__topics__value: null,
      tcfcs: null,
      channels: null,
    });
    expect(said(message, 'consents_purposes_newsletter_enabled')).toEqual({ ignored: 'no_mapped_value' });
  });

  it('what Didomi may add is passed over', () => {
    const message = event({
      purposes__newsletter__enabled: false,
      purposes__newsletter__propagation: true,
      purposes__newsletter__metadata__form: 'footer',
      purposes__newsletter__values__topics__from_propagation: true,
      vendors__enabled__0: 'x',
      channels: [],
    });
    const path = 'consents_purposes_newsletter_enabled';
    expect(said(message, path)).toEqual({ [path]: false });
  });

  it('a whole list is read as it stands', () => {
    const message = event({ purposes: [{ id: 'newsletter', enabled: false }], tcfcs: null });
    const path = 'consents_purposes_newsletter_enabled';
    expect(said(message, path)).toEqual({ [path]: false });
  });

  it('an item may repeat its id', () => {
    const message = event({ purposes__newsletter__id: 'newsletter', purposes__newsletter__enabled: false });
    const path = 'consents_purposes_newsletter_enabled';
    expect(said(message, path)).toEqual({ [path]: false });
  });
});

describe('a form in doubt is refused, never guessed', () => {
  it.each<[string, Json]>([
    ['an item by position without its id', { purposes__0__enabled: false }],
    ['an id that looks like a position', { purposes__2024__enabled: false }],
    [
      'positions and ids mixed',
      { purposes__0__id: 'a', purposes__0__enabled: true, purposes__newsletter__enabled: false },
    ],
    ['an item named by one id and holding another', { purposes__a__id: 'b', purposes__a__enabled: false }],
    ['an item named by the end of its id', { purposes__newsletter__id: 'letter' }],
    ['an item whose id is a number', { purposes__a__id: 7 }],
    ['an item that is flattened in part', { purposes__newsletter: { enabled: false } }],
    ['an item by position that is flattened in part', { purposes__0: { id: 'newsletter', enabled: false } }],
    ['an item that is a value', { purposes__newsletter: false }],
    ['values that are flattened in part', { purposes__a__values__topics: { value: '' } }],
    ['a list that stands beside its flattened items', { purposes: [], purposes__a__enabled: false }],
    [
      'a list within an item beside its flattened items',
      {
        purposes__a__preferences: [],
        purposes__a__preferences__x__enabled: false,
      },
    ],
    ['values beside flattened values', { purposes__a__values: {}, purposes__a__values__x__value: '' }],
    ['a key with too many readings', { [`purposes__${'preferences__'.repeat(20)}x__enabled`]: false }],
  ])('%s', (_, consents) => {
    expect(problemWith(event(consents))).toMatch(/^parameters\.entity\.consents.*in doubt/);
  });

  it('consents, or a user, beside their flattened keys', () => {
    const consents = { purposes: [{ id: 'newsletter', enabled: true }] };
    expect(problemWith(event({ purposes__newsletter__enabled: false }, { consents }))).toMatch(
      /^parameters\.entity\.consents .*in doubt/,
    );
    expect(problemWith(event({}, { user: { organization_user_id: 'x' } }))).toMatch(
      /^parameters\.entity\.user .*in doubt/,
    );
  });

  it('the flattened values are checked as the plain ones are', () => {
    expect(problemWith(event({ purposes__newsletter__enabled: 'false' }))).toBe(
      'parameters.entity.consents.purposes[0].enabled must be of type boolean',
    );
    expect(problemWith(event({ purposes__newsletter__enabled: 0 }))).toMatch(/must be of type boolean/);
    expect(problemWith(event({ purposes: 'x' }))).toMatch(/purposes must be of type array/);
  });
});
