import { describe, expect, it } from '@jest/globals';
import type { UserRecord } from '../../../didomi/api/records';
import { snapshotsOf } from '../../../didomi/api/snapshots';
import { readUser } from '../../../didomi/schema';
import { userBody } from './stub-didomi';

const READ_AT = Date.parse('2026-06-01T12:00:00Z');
const NEWSLETTER = 'consents_purposes_newsletter_enabled';
const seconds = (time: string) => Date.parse(time) / 1000;

function record(changes: object = {}, regulation = 'gdpr'): UserRecord {
  return { regulation, user: readUser(userBody({ ...changes }), 'user') };
}

describe('what user records say of the mapped paths', () => {
  it('is a snapshot of each, for its user and regulation, as of the last change of the record', () => {
    const records = [
      record(),
      record({
        id: 'u-2',
        updated_at: '2026-05-01T00:00:00Z',
        consents: purposes({ id: 'newsletter', enabled: true }),
      }),
      record({ id: 'u-2', consents: purposes({ id: 'newsletter', enabled: true }) }, 'cpra'),
    ];
    const path = { path: NEWSLETTER };
    expect(snapshotsOf(records, [NEWSLETTER], READ_AT)).toEqual({
      statements: [
        {
          ...path,
          regulation: 'gdpr',
          user: 'c2a1b0d4-2002',
          snapshot: { value: false, asOf: seconds('2026-04-01T07:00:01Z') },
        },
        {
          ...path,
          regulation: 'gdpr',
          user: 'u-2',
          snapshot: { value: true, asOf: seconds('2026-05-01T00:00:00Z') },
        },
        {
          ...path,
          regulation: 'cpra',
          user: 'u-2',
          snapshot: { value: true, asOf: seconds('2026-04-01T07:00:01Z') },
        },
      ],
      ambiguous: [],
    });
  });

  it('is nothing where a record does not answer, and is never a choice', () => {
    const records = [
      record({ consents: purposes({ id: 'newsletter', enabled: null }) }),
      record({ consents: undefined }),
    ];
    expect(snapshotsOf(records, [NEWSLETTER, 'consents_purposes_other_enabled'], READ_AT).statements).toEqual(
      [],
    );
    expect(snapshotsOf([], [NEWSLETTER], READ_AT)).toEqual({ statements: [], ambiguous: [] });
  });

  it('counts as of the reading where the record is dated ahead of our clock', () => {
    const { statements } = snapshotsOf(
      [record({ updated_at: '2026-06-01T13:00:00Z' })],
      [NEWSLETTER],
      READ_AT,
    );
    expect(statements).toMatchObject([{ snapshot: { value: false, asOf: READ_AT / 1000 } }]);
  });

  it('is left out, and said so once, where a record answers in two ways', () => {
    const preferences = (enabled: boolean) => [{ id: 'sms', enabled }];
    const consents = purposes(
      { id: 'a', preferences: preferences(true) },
      { id: 'b', preferences: preferences(false) },
    );
    const path = 'consents_preferences_sms_enabled';
    const records = [record({ consents }), record({ id: 'u-2', consents })];
    expect(snapshotsOf(records, [path], READ_AT)).toEqual({ statements: [], ambiguous: [path] });
  });
});

function purposes(...items: object[]) {
  return { purposes: items };
}
