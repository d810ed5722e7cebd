import { describe, expect, it } from '@jest/globals';
import { statementsOf } from '../../../didomi/api/answer';
import { readUserRecord } from '../../../didomi/api/records';

const NEWS = 'consents_purposes_news_enabled';
const MAIL = 'consents_purposes_mail_enabled';
const READ_AT = Date.parse('2026-06-01T12:00:00Z');
const ASKED = { paths: [NEWS, MAIL], regulations: ['gdpr'], users: [] as string[] };

function record(id: string, purposes: object[], regulation = 'gdpr', updated_at = '2026-05-01T00:00:00Z') {
  return readUserRecord({ id, updated_at, consents: { purposes } }, 'data[0]', regulation);
}
const AS_OF = Date.parse('2026-05-01T00:00:00Z') / 1000;
const NOW = READ_AT / 1000;

describe("what Didomi's records say of a person", () => {
  it('is a snapshot of each path that a record holds, and silence where it holds nothing, as of the record', () => {
    expect(statementsOf([record('u', [{ id: 'news', enabled: false }])], ASKED, READ_AT)).toEqual([
      { regulation: 'gdpr', user: 'u', path: NEWS, snapshot: { value: false, asOf: AS_OF } },
      { regulation: 'gdpr', user: 'u', path: MAIL, silence: { asOf: AS_OF } },
    ]);
  });

  it('is silence as of now for a user who has no record any more', () => {
    const said = statementsOf([], { ...ASKED, users: ['gone'] }, READ_AT);
    expect(said).toEqual(
      [NEWS, MAIL].map((path) => ({ regulation: 'gdpr', user: 'gone', path, silence: { asOf: NOW } })),
    );
  });

  it('is nothing for a person of whom nothing is known', () => {
    expect(statementsOf([], ASKED, READ_AT)).toEqual([]);
  });

  it('keeps regulations apart', () => {
    const asked = { ...ASKED, paths: [NEWS], regulations: ['gdpr', 'cpra'] };
    expect(
      statementsOf(
        [record('u', [{ id: 'news', enabled: true }], 'cpra')],
        { ...asked, users: ['u'] },
        READ_AT,
      ),
    ).toEqual([
      { regulation: 'cpra', user: 'u', path: NEWS, snapshot: { value: true, asOf: AS_OF } },
      { regulation: 'gdpr', user: 'u', path: NEWS, silence: { asOf: NOW } },
    ]);
  });

  it('is not silence where a record answers in two ways', () => {
    const twice = [
      { id: 'news', enabled: true },
      { id: 'news', enabled: false },
    ];
    const said = statementsOf([record('u', twice)], { ...ASKED, paths: [NEWS] }, READ_AT);
    expect(said).toEqual([]);
  });

  it('takes nothing back from statements without a user where any record of the person answers', () => {
    const said = statementsOf(
      [record('u', [{ id: 'news', enabled: true }])],
      { ...ASKED, users: [''] },
      READ_AT,
    );
    expect(said.filter(({ user }) => user === '')).toEqual([
      { regulation: 'gdpr', user: '', path: MAIL, silence: { asOf: NOW } },
    ]);
  });

  it('counts as of reading where the record is dated ahead', () => {
    const ahead = record('u', [], 'gdpr', '2027-01-01T00:00:00Z');
    const [said] = statementsOf([ahead], ASKED, READ_AT);
    expect(said).toMatchObject({ silence: { asOf: NOW } });
  });
});
