import { describe, expect, it } from '@jest/globals';
import { inForce, mergeStatements } from '../../../consent/consent-state';
import { changedPaths, countedWhileAsking, type Question } from '../../../consent/question';
import type { ConsentValue, Statement } from '../../../consent/statement';

const PATH = 'consents_purposes_news_enabled';
const SUBJECT = { regulation: 'gdpr', path: PATH, user: 'u' };
const choice = (value: ConsentValue, at: number): Statement => ({
  ...SUBJECT,
  choice: { value, at, known: at, eventId: `e${at}` },
});
const snapshot = (value: ConsentValue, asOf: number): Statement => ({
  ...SUBJECT,
  snapshot: { value, asOf },
});
const silence = (asOf: number): Statement => ({ ...SUBJECT, silence: { asOf } });

const inForceOf = (...statements: Statement[]) => inForce(mergeStatements([], statements), PATH)?.value;

describe("silence in Didomi's record", () => {
  it('takes back a yes that the record should hold', () => {
    expect(inForceOf(choice(true, 10), silence(20))).toBeUndefined();
    expect(inForceOf(snapshot(true, 10), silence(20))).toBeUndefined();
    expect(inForceOf(choice(true, 10), snapshot(true, 15), silence(20))).toBeUndefined();
    expect(inForceOf(choice(true, 20), silence(20))).toBeUndefined();
  });

  it('takes no no back', () => {
    expect(inForceOf(choice(false, 10), silence(20))).toBe(false);
    expect(inForceOf(snapshot('', 10), silence(20))).toBe('');
  });

  it('uncovers no older no that the person had replaced', () => {
    expect(inForceOf(choice(false, 5), choice(true, 10), silence(20))).toBeUndefined();
    expect(inForceOf(snapshot(false, 5), choice(true, 10), silence(20))).toBeUndefined();
  });

  it('says nothing of what came after it', () => {
    expect(inForceOf(choice(true, 30), silence(20))).toBe(true);
    expect(inForceOf(snapshot(true, 30), silence(20))).toBe(true);
    expect(
      inForceOf(
        snapshot(true, 10),
        { ...SUBJECT, choice: { value: true, at: 5, known: 30, eventId: 'import' } },
        silence(20),
      ),
    ).toBe(true);
  });

  it('of one Didomi user says nothing of another', () => {
    expect(inForceOf({ ...choice(true, 10), user: 'v' }, silence(20))).toBe(true);
  });

  it('counts as of its latest time, whatever the order', () => {
    const statements = [silence(20), silence(5), choice(true, 10)];
    expect(inForceOf(...statements)).toBeUndefined();
    expect(mergeStatements([], statements)).toEqual(mergeStatements([], statements.toReversed()));
  });
});

describe('while Didomi is being asked', () => {
  const counted = (statements: Statement[], question: Partial<Question> = {}) => {
    const whole = { since: 100, deleted: ['e20'], overdue: false, ...question };
    return countedWhileAsking(mergeStatements([], statements), whole);
  };
  const asked = (statements: Statement[], question: Partial<Question> = {}) =>
    inForce(counted(statements, question), PATH)?.value;

  it('a no stands, also one whose event was deleted: an old yes must not come back unasked', () => {
    expect(asked([choice(true, 10), choice(false, 20)])).toBe(false);
    expect(asked([choice(true, 10), choice(false, 20)], { overdue: true })).toBe(false);
  });

  it('a yes is left alone, and no older one takes its place', () => {
    expect(asked([choice(true, 20)])).toBeUndefined();
    expect(asked([choice(true, 10), choice(true, 20)])).toBeUndefined();
    expect(asked([choice(true, 10), choice(true, 20)], { overdue: true })).toBeUndefined();
    expect(asked([snapshot(true, 20)])).toBeUndefined();
    expect(asked([choice(true, 100)])).toBeUndefined();
    expect(counted([choice(true, 20)])).toEqual([]);
  });

  it('each path is weighed for itself', () => {
    const statements = [choice(false, 10), { ...choice(true, 20), path: 'other' }];
    expect(asked(statements)).toBe(false);
    expect(inForce(counted(statements), 'other')).toBeUndefined();
  });

  it('a yes that is later than the deletion counts', () => {
    expect(asked([choice(true, 20), choice(true, 101)])).toBe(true);
  });

  it('an older no counts once the answer is late, where the deletion uncovers it', () => {
    const statements = [choice(false, 10), choice(true, 20), snapshot(true, 20)];
    expect(asked(statements)).toBeUndefined();
    expect(asked(statements, { overdue: true })).toBe(false);
  });

  it('an older no of a record counts once the answer is late, too', () => {
    expect(asked([snapshot(false, 15), choice(true, 20)], { overdue: true })).toBe(false);
  });

  it('an older no does not count where a record that is later than the deletion says yes', () => {
    const said = [choice(false, 10), choice(true, 20)];
    expect(asked([...said, snapshot(true, 100)], { overdue: true })).toBe(false);
    expect(asked([...said, snapshot(true, 101)], { overdue: true })).toBeUndefined();
  });

  it('an older no does not count because a user was erased, or another event deleted', () => {
    const statements = [choice(false, 10), choice(true, 20)];
    expect(asked(statements, { overdue: true, deleted: [] })).toBeUndefined();
    expect(asked(statements, { overdue: true, deleted: ['e30'] })).toBeUndefined();
    expect(asked([choice(false, 10), snapshot(true, 20)], { overdue: true })).toBeUndefined();
  });
});

describe('between two states', () => {
  const stateOf = (...statements: Statement[]) => mergeStatements([], statements);
  const other = (statement: Statement): Statement => ({ ...statement, path: 'other' });

  it('a path changed that has another value, or none any more, or one for the first time', () => {
    expect(changedPaths(stateOf(choice(true, 10)), stateOf(choice(false, 20)))).toEqual([PATH]);
    expect(changedPaths(stateOf(choice(true, 10)), stateOf())).toEqual([PATH]);
    expect(changedPaths(stateOf(), stateOf(choice(true, 10)))).toEqual([PATH]);
    expect(changedPaths(stateOf(snapshot(true, 10)), stateOf(snapshot(false, 10)))).toEqual([PATH]);
  });

  it('a path changed whose value was chosen anew', () => {
    expect(changedPaths(stateOf(choice(true, 10)), stateOf(choice(true, 20)))).toEqual([PATH]);
  });

  it('nothing else changed', () => {
    const before = stateOf(choice(true, 10), other(choice(true, 10)));
    const after = stateOf(choice(true, 10), snapshot(true, 30), other(choice(false, 20)));
    expect(changedPaths(before, after)).toEqual(['other']);
    expect(changedPaths(stateOf(silence(10)), stateOf(silence(20)))).toEqual([]);
    expect(changedPaths([], [])).toEqual([]);
  });
});
