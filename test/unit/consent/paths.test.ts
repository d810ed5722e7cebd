import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConsentPaths, type PathRoot } from '../../../consent/paths';
import { checkProperty } from '../../support/check-property';

const VALUE = (value: unknown) => ({ found: 'value', value });
const NOTHING = { found: 'nothing' };
const AMBIGUOUS = { found: 'ambiguous' };

function purposes(...items: object[]): ConsentPaths {
  return new ConsentPaths({ consents: { purposes: items } });
}

describe('a Didomi path names', () => {
  const root = {
    organization_user_id: 'ana@example.com',
    country: 'FR',
    last_seen_country: 'BE',
    metadata: { tier: 'gold', nested: { level: 3 } },
    consents: {
      channels: [{ id: 'email', enabled: false }],
      purposes: [
        {
          id: 'newsletter',
          enabled: true,
          enabled_li: false,
          values: { topics_fr: { value: 'sport,culture' }, none: { value: '' } },
        },
        {
          id: 'v1',
          enabled: null,
          preferences: [
            { id: 'news', enabled: true, channels: [{ id: 'sms', enabled: false }] },
            { id: 'offers', enabled: null },
          ],
          channels: [{ id: 'post', enabled: true }],
        },
      ],
    },
  };

  it.each([
    ['consents_purposes_newsletter_enabled', true],
    ['consents_purposes_newsletter_enabled_li', false],
    ['consents_purposes_newsletter_values_topics_fr_value', 'sport,culture'],
    ['consents_purposes_newsletter_values_none_value', ''],
    ['consents_preferences_topics_fr_value', 'sport,culture'],
    ['consents_preferences_news_enabled', true],
    ['consents_purposes_v1_preferences_news_enabled', true],
    ['consents_purposes_v1_preferences_news_channel_sms_enabled', false],
    ['consents_purposes_v1_preferences_news_channels_sms_enabled', false],
    ['consents_preferences_news_channel_sms_enabled', false],
    ['consents_purposes_v1_channel_post_enabled', true],
    ['consents_purposes_v1_channels_post_enabled', true],
    ['consents_channels_email_enabled', false],
    ['consents_channel_email_enabled', false],
    ['organization_user_id', 'ana@example.com'],
    ['country', 'FR'],
    ['last_seen_country', 'BE'],
    ['metadata_tier', 'gold'],
    ['metadata_nested_level', 3],
  ])('%s', (path, value) => {
    expect(new ConsentPaths(root).lookUp(path)).toEqual(VALUE(value));
  });

  it.each([
    'consents_purposes_v1_enabled',
    'consents_preferences_offers_enabled',
    'consents_purposes_v1_preferences_offers_enabled',
    'consents_purposes_other_enabled',
    'consents_purposes_newsletter',
    'consents_purposes_newsletter_id',
    'newsletter',
    'consents_purposes_0_enabled',
    '',
    '__proto__',
    'constructor',
    'toString',
    'consents_constructor',
    'length',
  ])('nothing when null, missing or no value: "%s"', (path) => {
    expect(new ConsentPaths(root).lookUp(path)).toEqual(NOTHING);
  });
});

describe('ids', () => {
  it.each(['a_b', 'a__b', '_', '__', '__proto__', 'constructor', 'toString', 'prototype', 'é', 'a b', '0'])(
    'may be "%s"',
    (id) => {
      const record = purposes({ id, enabled: false, preferences: [{ id, enabled: true }] });
      expect(record.lookUp(`consents_purposes_${id}_enabled`)).toEqual(VALUE(false));
      expect(record.lookUp(`consents_purposes_${id}_preferences_${id}_enabled`)).toEqual(VALUE(true));
    },
  );

  it.each([[['a']], [7], [null], [{}]])('are texts, and an item with another has no path: %j', (id) => {
    const record = purposes({ id, enabled: true, preferences: [{ id: 'x', enabled: true }] });
    for (const name of ['a', '7', 'null']) {
      expect(record.lookUp(`consents_purposes_${name}_enabled`)).toEqual(NOTHING);
      expect(record.lookUp(`consents_purposes_${name}_preferences_x_enabled`)).toEqual(NOTHING);
    }
  });

  it("may be Didomi's own words", () => {
    for (const id of ['values', 'preferences', 'channels', 'metadata', 'purposes', 'value', 'enabled']) {
      const record = purposes({ id: 'p', enabled: true, values: { [id]: { value: 'x' } } });
      expect(record.lookUp(`consents_purposes_p_values_${id}_value`)).toEqual(VALUE('x'));
      expect(record.lookUp(`consents_preferences_${id}_value`)).toEqual(VALUE('x'));
      expect(record.lookUp('consents_purposes_p_enabled')).toEqual(VALUE(true));
      if (id !== 'value') expect(record.lookUp('consents_preferences_value')).toEqual(NOTHING);
    }
  });
});

describe('a path with two places', () => {
  it('that say different things is ambiguous, and only that path', () => {
    const record = purposes(
      { id: 'a', enabled: true, preferences: [{ id: 'b', enabled: true }] },
      { id: 'a_preferences_b', enabled: false },
    );
    expect(record.lookUp('consents_purposes_a_preferences_b_enabled')).toEqual(AMBIGUOUS);
    expect(record.lookUp('consents_purposes_a_enabled')).toEqual(VALUE(true));
  });

  it('that say the same says it', () => {
    const record = purposes(
      { id: 'a', preferences: [{ id: 'b', enabled: false }] },
      { id: 'a_preferences_b', enabled: false },
    );
    expect(record.lookUp('consents_purposes_a_preferences_b_enabled')).toEqual(VALUE(false));
  });

  it('of which one says nothing says what the other says', () => {
    const record = purposes({ id: 'a', enabled: null }, { id: 'a', enabled: false });
    expect(record.lookUp('consents_purposes_a_enabled')).toEqual(VALUE(false));
  });

  it('is ambiguous when one purpose is listed twice with different answers', () => {
    const record = purposes({ id: 'a', enabled: true }, { id: 'a', enabled: false });
    expect(record.lookUp('consents_purposes_a_enabled')).toEqual(AMBIGUOUS);
  });

  it('is ambiguous when two purposes answer one preference differently', () => {
    const record = purposes(
      { id: 'a', preferences: [{ id: 'x', enabled: true }], values: { y: { value: 'weekly' } } },
      { id: 'b', preferences: [{ id: 'x', enabled: false }], values: { y: { value: '' } } },
    );
    expect(record.lookUp('consents_preferences_x_enabled')).toEqual(AMBIGUOUS);
    expect(record.lookUp('consents_preferences_y_value')).toEqual(AMBIGUOUS);
    expect(record.lookUp('consents_purposes_a_preferences_x_enabled')).toEqual(VALUE(true));
  });
});

describe("the customer's own metadata is no consent", () => {
  const lookalike = {
    preferences: [{ id: 'x', enabled: true }],
    values: { y: { value: 'weekly' } },
    channels: [{ id: 'sms', enabled: true }],
  };

  it.each([
    ['of the user', { metadata: lookalike }],
    ['that stands beside the consents', lookalike],
    ['of a purpose', { consents: { purposes: [{ id: 'p', metadata: lookalike }] } }],
    ['of a channel', { consents: { channels: [{ id: 'email', metadata: lookalike }] } }],
  ])('whatever its properties are called: metadata %s', (_, root) => {
    const record = new ConsentPaths(root);
    expect(record.lookUp('consents_preferences_x_enabled')).toEqual(NOTHING);
    expect(record.lookUp('consents_preferences_y_value')).toEqual(NOTHING);
  });

  it.each([{ metadata: lookalike }, lookalike])('and cannot make a consent ambiguous (%#)', (root) => {
    const record = new ConsentPaths({
      ...root,
      consents: { purposes: [{ id: 'p', preferences: [{ id: 'x', enabled: false }] }] },
    });
    expect(record.lookUp('consents_preferences_x_enabled')).toEqual(VALUE(false));
  });
});

describe('a path may be', () => {
  it('twelve properties deep, and nothing is read below', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 'x' : { a: nested(depth - 1) });
    for (const depth of [12, 13]) {
      const record = new ConsentPaths({ metadata: nested(depth) });
      expect(record.lookUp(`metadata${'_a'.repeat(depth)}`)).toEqual(depth === 12 ? VALUE('x') : NOTHING);
    }
  });

  it('a thousand characters long, and no longer one is read', () => {
    for (const length of [1_000, 1_001]) {
      const name = 'n'.repeat(length - 'metadata_'.length);
      const record = new ConsentPaths({ metadata: { [name]: 'x' } });
      expect(record.lookUp(`metadata_${name}`)).toEqual(length === 1_000 ? VALUE('x') : NOTHING);
    }
  });
});

describe('hostile records cost little', () => {
  const quickly = (make: () => PathRoot) => {
    const record = make();
    const before = process.cpuUsage();
    new ConsentPaths(record);
    // What it costs, and not how long it took: others may be at work on the machine.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(2_000);
  };

  it('as 50,000 values below one very long name', () => {
    quickly(() => {
      const values = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, 1]));
      return { metadata: { ['n'.repeat(500_000)]: values } };
    });
  });

  it('as properties called "channels" within each other', () => {
    quickly(() => {
      let node: unknown = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 1]));
      for (let depth = 0; depth < 10; depth += 1) node = { channels: node };
      return { metadata: node };
    });
  });

  it('as 100,000 items within each other', () => {
    quickly(() => {
      let node: unknown = true;
      for (let depth = 0; depth < 100_000; depth += 1) node = [{ id: 'a', a: node }];
      return { metadata: node };
    });
  });

  it('as 100,000 levels of nesting', () => {
    quickly(() => {
      let node: unknown = true;
      for (let depth = 0; depth < 100_000; depth += 1) node = { a: node };
      return { metadata: node };
    });
  });
});

it('any record can be read, and leaves no trace on objects', () => {
  checkProperty(
    fc.property(fc.object({ withNullPrototype: false, maxDepth: 6 }), fc.string(), (record, path) => {
      new ConsentPaths({ ...record, consents: record }).lookUp(path);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    200,
  );
});
