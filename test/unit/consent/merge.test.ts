import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type ConsentState,
  inForce,
  mergeStatements,
  mergeStates,
  usersIn,
} from '../../../consent/consent-state';
import { isOptOut, type Statement } from '../../../consent/statement';
import { checkProperty } from '../../support/check-property';
import { anyStatements, PATHS, statementsOfManyUsers } from './any-statements';
import { oracle } from './oracle';

function stateOf(statements: readonly Statement[]): ConsentState {
  return mergeStatements([], statements);
}

function expectAsTheOracleSays(state: ConsentState, statements: readonly Statement[]): void {
  for (const path of PATHS) {
    const said = inForce(state, path);
    const expected = oracle(statements, path);
    const answer = said && { value: said.value, time: said.time };
    if (expected.length === 0) expect(answer).toBeUndefined();
    else expect(expected.map(({ value, time }) => ({ value, time }))).toContainEqual(answer);
  }
}

describe('whatever the order of arrival', () => {
  it('what is in force is what the rules say of everything that was ever said', () => {
    checkProperty(
      fc.property(anyStatements, (statements) => {
        expectAsTheOracleSays(stateOf(statements), statements);
      }),
      1_500,
    );
  });

  it('the state ends the same, statement by statement or all at once, and however often one is repeated', () => {
    const statementsTwice = anyStatements.chain((statements) =>
      fc.record({
        statements: fc.constant(statements),
        arrivals: fc
          .tuple(
            fc.shuffledSubarray(statements, { minLength: statements.length }),
            fc.shuffledSubarray(statements),
          )
          .map(([all, again]) => [...again, ...all, ...again]),
      }),
    );
    checkProperty(
      fc.property(statementsTwice, ({ statements, arrivals }) => {
        const oneByOne = arrivals.reduce<ConsentState>((state, one) => mergeStatements(state, [one]), []);
        expect(oneByOne).toEqual(stateOf(statements));
        expectAsTheOracleSays(oneByOne, statements);
      }),
      400,
    );
  });

  it('states that were gathered apart come together to the same state', () => {
    checkProperty(
      fc.property(anyStatements, fc.array(fc.integer({ min: 0, max: 3 })), (statements, places) => {
        const parts = [0, 1, 2, 3].map((part) =>
          stateOf(statements.filter((_, index) => (places[index] ?? 0) === part)),
        );
        const merged = parts.reduceRight((together, part) => mergeStates(part, together), []);
        expect(merged).toEqual(stateOf(statements));
        expectAsTheOracleSays(merged, statements);
      }),
      400,
    );
  });
});

describe('merging', () => {
  const within = (one: Statement[], two: Statement[], three: Statement[]) =>
    [one, two, three].map((statements) => stateOf(statements.slice(0, 6)));

  it('is commutative and associative', () => {
    checkProperty(
      fc.property(anyStatements, anyStatements, anyStatements, (...all) => {
        const [a = [], b = [], c = []] = within(...all);
        expect(mergeStates(a, b)).toEqual(mergeStates(b, a));
        expect(mergeStates(mergeStates(a, b), c)).toEqual(mergeStates(a, mergeStates(b, c)));
      }),
      400,
    );
  });

  it('is idempotent, and nothing merged with a state is that state', () => {
    checkProperty(
      fc.property(anyStatements, (statements) => {
        const state = stateOf(statements);
        expect(mergeStates(state, state)).toEqual(state);
        expect(mergeStates(state, [])).toEqual(state);
        expect(mergeStates([], state)).toEqual(state);
      }),
      300,
    );
  });

  it('survives being carried over as JSON', () => {
    checkProperty(
      fc.property(anyStatements, (statements) => {
        const state = stateOf(statements);
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      }),
      100,
    );
  });
});

describe('what is kept', () => {
  const at = (user: string, time: number, value: boolean): Statement => ({
    regulation: 'gdpr',
    path: 'p',
    user,
    choice: { value, at: time, known: time, eventId: `e-${user}-${time}` },
  });
  const record = (user: string, asOf: number, value: boolean): Statement => ({
    regulation: 'gdpr',
    path: 'p',
    user,
    snapshot: { value, asOf },
  });
  const users = (count: number) => Array.from({ length: count }, (_, index) => `u${index}`);

  it('is bounded, however many Didomi users share one organization_user_id', () => {
    const state = stateOf(users(500).map((user, index) => at(user, index, index % 2 === 0)));
    expect(state.length).toBeLessThanOrEqual(9);
  });

  it('is bounded, however many choices and retractions one user makes', () => {
    const many = Array.from({ length: 100 }, (_, index): Statement[] => [
      at('u', index, index % 2 === 0),
      { regulation: 'gdpr', path: 'p', user: 'u', retraction: { eventId: `x${index}`, known: index } },
    ]).flat();
    const [register] = stateOf(many);
    expect(register?.choices.length).toBeLessThanOrEqual(9);
    expect(register?.retractions).toHaveLength(9);
  });

  const takenBack = (user: string, time: number, known: number): Statement => ({
    regulation: 'gdpr',
    path: 'p',
    user,
    retraction: { eventId: `e-${user}-${time}`, known },
  });

  it('never forgets an opt-out because many later opt-ins, all taken back, come after it', () => {
    const optIns = users(12).flatMap((_, index) => [
      at('u', 20 + index, true),
      takenBack('u', 20 + index, 90),
    ]);
    for (const order of [optIns, optIns.toReversed()]) {
      const state = [record('u', 5, true), at('u', 10, false), ...order].reduce<ConsentState>(
        (known, one) => mergeStatements(known, [one]),
        [],
      );
      expect(inForce(state, 'p')?.value).toBe(false);
    }
  });

  it('never lets an opt-in that was taken back stand again because many others were taken back later', () => {
    const others = users(12).map((_, index) => takenBack('u', 200 + index, 110 + index));
    for (const order of [others, others.toReversed()]) {
      const said = [at('u', 10, false), at('u', 50, true), takenBack('u', 50, 60), ...order];
      const state = said.reduce<ConsentState>((known, one) => mergeStatements(known, [one]), []);
      expect(inForce(state, 'p')).toMatchObject({ value: false, time: 10 });
    }
  });

  it('is the nine latest retractions, the latest first, whichever arrive first', () => {
    const retraction = (eventId: string, known: number): Statement => ({
      regulation: 'gdpr',
      path: 'p',
      user: 'u',
      retraction: { eventId, known },
    });
    const dated = users(12).map((_, index) => retraction(`x${50 - index}`, 100 + index));
    const sameSecond = users(12).map((_, index) => retraction(`x${50 - index}`, 100));
    for (const [all, latest] of [
      [dated, dated.slice(3).toReversed()],
      [sameSecond, sameSecond.slice(0, 9)],
    ] as const) {
      for (const order of [all, all.toReversed(), [...all.slice(5), ...all.slice(0, 5)]]) {
        const [register] = stateOf(order);
        expect(register?.retractions).toEqual(latest.map((one) => 'retraction' in one && one.retraction));
        expect(order.reduce<ConsentState>((known, one) => mergeStatements(known, [one]), [])).toEqual(
          stateOf(order),
        );
      }
    }
  });

  it('lets an opt-in stand that Didomi had later than the earliest of the nine, and none from before', () => {
    const nine = users(9).map((_, index) => takenBack('u', 200 + index, 100 + index));
    const eight = nine.slice(1);
    const said = (value: boolean, known: number): Statement => ({
      regulation: 'gdpr',
      path: 'p',
      user: 'u',
      choice: { value, at: 10, known, eventId: 'e' },
    });
    expect(inForce(stateOf([...nine, said(true, 101)]), 'p')?.value).toBe(true);
    expect(inForce(stateOf([...nine, said(true, 100)]), 'p')).toBeUndefined();
    expect(inForce(stateOf([...eight, said(true, 50)]), 'p')?.value).toBe(true);
    expect(inForce(stateOf([...nine, said(false, 50)]), 'p')?.value).toBe(false);
  });

  it('keeps the latest choices, so that the newest counts', () => {
    const many = users(50).map((_, index) => at('u', index, index < 49));
    expect(inForce(stateOf(many), 'p')).toMatchObject({ value: false, time: 49 });
  });

  it('never forgets an opt-out because many other Didomi users speak up later', () => {
    const optOut = at('first', 1, false);
    const later = users(30).map((user, index) => record(user, 10 + index, true));
    const state = later.reduce((known, one) => mergeStatements(known, [one]), stateOf([optOut]));
    expect(inForce(state, 'p')?.value).toBe(false);
  });

  it('never forgets an opt-out because a later one of another user, kept in its stead, is taken back', () => {
    const withRecords = stateOf(users(9).map((user, index) => record(user, 10 + index, true)));
    const twoOptOuts = mergeStatements(withRecords, [at('x', 1, false), at('y', 2, false)]);
    const yIsBack = mergeStatements(twoOptOuts, [record('y', 50, true)]);
    expect(inForce(yIsBack, 'p')?.value).toBe(false);
  });

  it('lets a later opt-in of known time overcome the opt-outs of users that are no longer kept', () => {
    const crowd = stateOf(users(20).map((user, index) => at(user, 1 + index, false)));
    expect(inForce(mergeStatements(crowd, [at('new', 99, true)]), 'p')).toMatchObject({
      value: true,
      time: 99,
    });
    expect(inForce(mergeStatements(crowd, [record('new', 99, true)]), 'p')?.value).toBe(false);
  });

  it('counts the users of each path and regulation apart', () => {
    const eight = users(8).map((user) => at(user, 1, true));
    const all = [
      ...eight,
      ...eight.map((one) => ({ ...one, path: 'q' })),
      ...eight.map((one) => ({ ...one, regulation: 'cpra' })),
    ];
    expect(stateOf(all)).toHaveLength(24);
  });

  it('never forgets an opt-out because a later opt-in of another user had overcome it, and is forgotten too', () => {
    const said = [at('x', 1, false), at('y', 2, true), ...users(9).map((user) => record(user, 10, true))];
    expect(inForce(stateOf(said), 'p')?.value).toBe(false);
  });

  it('takes no opt-out of a user that is kept for one of those that are not', () => {
    const nine = stateOf([...users(8).map((user, index) => at(user, 10 + index, true)), at('x', 30, false)]);
    expect(inForce(nine, 'p')?.value).toBe(false);
    expect(inForce(mergeStatements(nine, [record('x', 50, true)]), 'p')?.value).toBe(true);
  });

  it('keeps a user whose choice was taken back, so that it stays taken back', () => {
    const crowd = stateOf(users(20).map((user, index) => at(user, 1 + index, false)));
    const state = mergeStatements(crowd, [takenBack('u12', 13, 90)]);
    expect(usersIn(state)).toContain('u12');
    expect(mergeStatements(state, [at('u12', 13, false)])).toEqual(state);
  });

  it('goes on from what is left of a crowd of which no user is known any more', () => {
    const crowd = stateOf(users(20).map((user, index) => at(user, 1 + index, false)));
    const known = new Set(usersIn(crowd));
    const left = crowd.filter(({ user }) => !known.has(user));
    expect(left).toHaveLength(1);
    expect(mergeStates([], left)).toEqual(left);
    expect(inForce(mergeStatements(left, [record('new', 99, true)]), 'p')?.value).toBe(false);
  });

  it('tells which Didomi users are known, once each', () => {
    const anonymous = { ...record('', 3, true), path: 'q' };
    const state = stateOf([
      at('u', 1, true),
      { ...at('u', 1, true), path: 'q' },
      at('v', 2, true),
      anonymous,
    ]);
    expect(usersIn(state).toSorted()).toEqual(['', 'u', 'v']);
  });

  it('names no user for the opt-outs of those that are no longer kept', () => {
    const crowd = stateOf(users(20).map((user, index) => at(user, 1 + index, false)));
    expect(usersIn(crowd).toSorted()).toEqual(users(20).slice(12).toSorted());
  });

  it('says no wherever the rules say no, also beyond the users that are kept', () => {
    checkProperty(
      fc.property(statementsOfManyUsers, fc.integer({ min: 1, max: 5 }), (statements, atOnce) => {
        let state: ConsentState = [];
        for (let from = 0; from < statements.length; from += atOnce) {
          state = mergeStatements(state, statements.slice(from, from + atOnce));
          const [expected] = oracle(statements.slice(0, from + atOnce), PATHS[0]);
          if (expected && isOptOut(expected.value)) {
            expect(isOptOut(inForce(state, PATHS[0])?.value ?? true)).toBe(true);
          }
        }
      }),
      300,
    );
  });
});
