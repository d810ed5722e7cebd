import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inForce, mergeStatements, mergeStates, statementsOf } from '../../../consent/consent-state';
import type { OwnBlacklisting } from '../../../consent/contact';
import { hasNews, type Ledger, namesIn, readLedger, withNames, writeLedger } from '../../../consent/ledger';
import { type Choice, isOptOut, type Snapshot, type Statement } from '../../../consent/statement';
import { anyText } from '../../support/any-text';
import { checkProperty } from '../../support/check-property';
import { anyStatementsAndSilence as anyStatements, PATHS } from './any-statements';

const NEWS = 'consents_purposes_newsletter_enabled';
const NOW = 1_800_000_000;
const DAY = 86_400;

function choice(value: Choice['value'], at: number, eventId = 'e1', path = NEWS): Statement {
  return { regulation: 'gdpr', path, user: 'u1', choice: { value, at, known: at, eventId } };
}

function snapshot(value: Snapshot['value'], asOf: number): Statement {
  return { regulation: 'gdpr', path: NEWS, user: 'u1', snapshot: { value, asOf } };
}

function stateOf(...statements: Statement[]) {
  return mergeStatements([], statements);
}

/** As Didomi's own histories are: an event says one thing of a path, at one time. */
function consistent(...parts: [Statement[], Statement[]]): [Statement[], Statement[]] {
  const first = new Map<string, Statement>();
  const once = (statement: Statement): Statement[] => {
    if (!('choice' in statement)) return [statement];
    const { regulation, path, user, choice } = statement;
    const subject = JSON.stringify([regulation, path, user, choice.eventId]);
    const said = first.get(subject) ?? { ...statement, choice: { ...choice, known: choice.at } };
    first.set(subject, said);
    return [said];
  };
  const [before, after] = parts;
  return [before.flatMap(once), after.flatMap(once)];
}

/** Into the attribute and out of it again. */
function kept(ledger: Ledger, paths: readonly string[] = [NEWS]): Ledger {
  return readLedger(writeLedger(ledger), paths, NOW);
}

describe('what a ledger keeps', () => {
  it('a year later an older opt-in does not beat the opt-out that was applied', () => {
    const { state } = kept({ state: stateOf(choice(false, NOW - 365 * DAY)) });
    const late = mergeStatements(state, [choice(true, NOW - 366 * DAY, 'e0')]);
    expect(inForce(late, NEWS)).toMatchObject({ value: false, time: NOW - 365 * DAY, eventId: 'e1' });
  });

  it('a year later a newer opt-in counts', () => {
    const { state } = kept({ state: stateOf(choice(false, NOW - 365 * DAY)) });
    expect(inForce(mergeStatements(state, [choice(true, NOW, 'e2')]), NEWS)?.value).toBe(true);
  });

  it('tells of every path what is in force, as the full state does', () => {
    checkProperty(
      fc.property(anyStatements, (statements) => {
        const state = stateOf(...statements);
        const { state: read } = kept({ state }, PATHS);
        for (const path of PATHS) expect(inForce(read, path)).toEqual(inForce(state, path));
      }),
      1_000,
    );
  });

  it('what arrives after it was read ends as if nothing had ever been forgotten', () => {
    const noRetractions = anyStatements.map((all) => all.filter((one) => !('retraction' in one)));
    checkProperty(
      fc.property(anyStatements, noRetractions, (earlier, later) => {
        const [before, after] = consistent(earlier, later);
        const { state: read } = kept({ state: stateOf(...before) }, PATHS);
        for (const path of PATHS) {
          const said = inForce(mergeStatements(read, after), path);
          expect(said).toEqual(inForce(stateOf(...before, ...after), path));
        }
      }),
      1_000,
    );
  });

  it('an event taken back afterwards uncovers no opt-in that an opt-out had covered', () => {
    const oneTakenBack = fc
      .tuple(anyStatements, fc.constantFrom('e1', 'e2', 'e3'))
      .map(([all, event]) => all.filter((one) => !('retraction' in one) || one.retraction.eventId === event));
    checkProperty(
      fc.property(anyStatements, oneTakenBack, (earlier, later) => {
        const [before, after] = consistent(earlier, later);
        const { state: read } = kept({ state: stateOf(...before) }, PATHS);
        for (const path of PATHS) {
          const full = inForce(stateOf(...before, ...after), path);
          const said = inForce(mergeStatements(read, after), path);
          if (full && isOptOut(full.value) && said) expect(isOptOut(said.value)).toBe(true);
        }
      }),
      1_000,
    );
  });

  it('a choice that was taken back stays void when its event is delivered again', () => {
    const voided: Statement = {
      regulation: 'gdpr',
      path: NEWS,
      user: 'u1',
      retraction: { eventId: 'e1', known: NOW },
    };
    const { state } = kept({ state: stateOf(choice(true, NOW - DAY), voided) });
    expect(inForce(mergeStatements(state, [choice(true, NOW - DAY)]), NEWS)).toBeUndefined();
  });

  it('keeps what it knows of a path that the mapping does not name any more', () => {
    const { state } = kept({ state: stateOf(choice(false, NOW - DAY)) }, ['another_path']);
    expect(inForce(state, NEWS)).toBeUndefined();
    expect(inForce(kept({ state }).state, NEWS)?.value).toBe(false);
  });

  it('tells of a path once it is named, together with what else is known of it', () => {
    const held = stateOf(
      choice(false, NOW - DAY),
      choice(true, NOW, 'e2', 'b'),
      choice(true, NOW, 'e3', 'a'),
    );
    const { state } = kept({ state: held }, ['b']);
    const known = mergeStates(state, stateOf(choice(true, NOW - 2 * DAY, 'e0')));
    expect(inForce(known, NEWS)?.value).toBe(true);
    const named = withNames(known, [NEWS, 'a', 'not in it']);
    expect(named).toEqual(stateOf(choice(true, NOW - 2 * DAY, 'e0'), ...statementsOf(held)));
    expect(inForce(named, NEWS)?.value).toBe(false);
  });

  it('is left as it is where no path of it is named anew', () => {
    const { state } = kept({ state: stateOf(choice(false, NOW), choice(true, NOW, 'e2', 'b')) }, ['b']);
    for (const paths of [[], ['b'], ['c']]) expect(withNames(state, paths)).toBe(state);
    expect(withNames([], [NEWS])).toEqual([]);
  });

  it('tells which paths go by their names, once each', () => {
    const said = choice(true, NOW, 'e2', 'b');
    const { state } = kept({ state: stateOf(said, { ...said, user: 'u2' }, choice(false, NOW)) }, ['b']);
    expect(namesIn(state)).toEqual(['b']);
    expect(namesIn(withNames(state, [NEWS]))).toEqual(['b', NEWS]);
    expect(namesIn([])).toEqual([]);
  });

  it('keeps texts, numbers and ids of any kind exactly', () => {
    const text = anyText(20);
    const value = fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
    checkProperty(
      fc.property(value, text, text, text, (said, regulation, user, eventId) => {
        const value = Object.is(said, -0) ? 0 : said;
        const statement = { regulation, user, path: NEWS, choice: { value, at: 5, known: 9, eventId } };
        expect(kept({ state: stateOf(statement) }).state).toEqual(stateOf(statement));
      }),
      1_000,
    );
  });

  it('remembers that it was us who put the contact on the blacklist, for as long as the write could take', () => {
    const own: OwnBlacklisting = { seenOffAt: 5_000_000, from: 6_000_000, to: 6_000_100 };
    expect(kept({ state: [], own }).own).toEqual({ seenOffAt: 5_000_000, from: 6_000_000, to: 6_010_000 });
    expect(kept({ state: stateOf(choice(true, 5)) }).own).toBeUndefined();
  });
});

describe('the text of a ledger', () => {
  const subject = { regulation: 'gdpr', path: NEWS, user: 'u1' };
  const everything = () =>
    stateOf(
      { ...subject, choice: { value: true, at: NOW - 10, known: NOW - 5, eventId: 'e3' } },
      { ...subject, choice: { value: 'weekly', at: NOW - 15, known: NOW - 15, eventId: 'e2' } },
      { ...subject, choice: { value: false, at: NOW - 20, known: NOW - 20, eventId: 'e1' } },
      { ...subject, snapshot: { value: 7.5, asOf: NOW - 30 } },
      { ...subject, retraction: { eventId: 'e0', known: NOW - 40 } },
      { ...subject, silence: { asOf: NOW - 50 } },
      { ...subject, user: "o'n.;,é", snapshot: { value: '', asOf: -3 } },
    );
  const own: OwnBlacklisting = { seenOffAt: 5_000_000, from: 6_000_000, to: 6_010_000 };
  const text =
    '1;=0:gdpr;=1:o%27n%2E%3B%2C%C3%A9;=2:e3;=3:e1;=4:7%2E5;=5:e0;=6:u1;' +
    'ljwfrg,0,1,se.-3;ljwfrg,0,6,ct.tro8vq.tro8vv.2,cf.tro8vg..3,sn4.tro8v6,r5.tro8uw,ntro8um;b3uw.4mo;';

  it('is what earlier versions wrote and later ones will read', () => {
    expect(writeLedger({ state: everything(), own })).toBe(text);
    const [earlier, register] = everything();
    const choices = register?.choices.filter(({ eventId }) => eventId !== 'e2');
    expect(readLedger(text, [NEWS], NOW)).toEqual({ state: [earlier, { ...register, choices }], own });
  });

  it('of another version is not read', () => {
    expect(readLedger(text.replace('1;', '2;'), [NEWS], NOW)).toEqual({ state: [] });
  });

  it('leaves out a Didomi user of whom nothing is known', () => {
    expect(writeLedger({ state: [{ ...subject, choices: [], retractions: [] }] })).toBe('1;');
  });

  it('names an opt-out under the highest choice only where it is of another event', () => {
    const patched = stateOf(choice(false, NOW - 20, 'e1'), choice(true, NOW - 10, 'e1'));
    expect(kept({ state: patched }).state[0]?.choices).toMatchObject([{ value: true }]);
  });

  it('may hold any number of texts', () => {
    const paths = Array.from({ length: 50 }, (_, index) => `p${index}`);
    const state = stateOf(...paths.map((path) => choice(false, NOW, `event of ${path}`, path)));
    expect(kept({ state }, paths).state).toEqual(state);
  });
});

describe('when a ledger is written', () => {
  const someState = () => stateOf(choice(true, NOW - DAY));
  const noted = () => kept({ state: someState() }).state;

  it('a newer choice of the same value is news', () => {
    expect(hasNews(mergeStatements(someState(), [choice(true, NOW, 'e2')]), noted())).toBe(true);
  });

  it('a record alone is no news, whatever it says', () => {
    expect(hasNews(mergeStatements(someState(), [snapshot(false, NOW)]), noted())).toBe(false);
    expect(hasNews(stateOf(snapshot(true, NOW)), [])).toBe(false);
  });

  it('what it tells already is no news, though merged again in any state', () => {
    checkProperty(
      fc.property(anyStatements, (statements) => {
        const full = stateOf(...statements);
        const { state: read } = kept({ state: full }, PATHS);
        expect(hasNews(full, read)).toBe(false);
        expect(hasNews(mergeStates(full, read), read)).toBe(false);
      }),
      1_000,
    );
  });

  it('a choice that was taken back is news where the ledger still holds it', () => {
    const voided: Statement = {
      regulation: 'gdpr',
      path: NEWS,
      user: 'u1',
      retraction: { eventId: 'e1', known: NOW },
    };
    expect(hasNews(mergeStatements(someState(), [voided]), noted())).toBe(true);
  });

  it('that an event was taken back is news also before the event itself has come', () => {
    const voided: Statement = {
      regulation: 'gdpr',
      path: NEWS,
      user: 'u1',
      retraction: { eventId: 'e9', known: NOW },
    };
    const state = stateOf(choice(true, NOW - DAY));
    const taken = mergeStatements(state, [voided]);
    expect(hasNews(taken, kept({ state }).state)).toBe(true);
    expect(hasNews(taken, kept({ state: taken }).state)).toBe(false);
  });

  it('that another event was taken back is news, and that the same ones were once more is not', () => {
    const voided = (eventId: string, known: number): Statement => ({
      regulation: 'gdpr',
      path: NEWS,
      user: 'u1',
      retraction: { eventId, known },
    });
    const both = stateOf(voided('e8', NOW - 20), voided('e9', NOW - 10));
    expect(
      hasNews(stateOf(voided('e8', NOW - 20), voided('e7', NOW - 10)), kept({ state: both }).state),
    ).toBe(true);
    const again = mergeStatements(both, [voided('e8', NOW)]);
    expect(hasNews(again, kept({ state: both }).state)).toBe(false);
  });

  it('the same choice of another path, regulation or Didomi user is news', () => {
    const said = choice(true, NOW - DAY);
    for (const other of [{ path: 'b' }, { regulation: 'cpra' }, { user: 'u2' }]) {
      expect(hasNews(stateOf({ ...said, ...other }), noted())).toBe(true);
    }
  });

  it('a ledger that somebody cleared is written again', () => {
    expect(hasNews(someState(), [])).toBe(true);
  });
});

describe('a ledger that somebody edited', () => {
  const someText = () =>
    writeLedger({
      state: stateOf(
        choice(false, NOW - DAY),
        snapshot(true, NOW - 2 * DAY),
        choice(true, NOW - DAY, 'e2', 'b'),
      ),
    });

  it('times in the future are not believed', () => {
    const ahead = writeLedger({ state: stateOf(choice(true, NOW + DAY, 'e9'), snapshot(false, NOW + DAY)) });
    expect(inForce(readLedger(ahead, [NEWS], NOW).state, NEWS)).toBeUndefined();
    expect(inForce(readLedger(ahead, [NEWS], NOW + DAY).state, NEWS)?.value).toBe(false);
  });

  it('a choice made while the sender’s clock was a little ahead is believed', () => {
    const ahead = writeLedger({ state: stateOf(choice(true, NOW + 200)) });
    expect(inForce(readLedger(ahead, [NEWS], NOW).state, NEWS)?.value).toBe(true);
  });

  it.each(['', ' ', 'hello', '1', '2;x', '1;;;;', '{"v":1}', '1;=0:%;', '1;abc,0,1,ct.1..2;', 'null'])(
    'nothing is read from %j',
    (nonsense) => {
      expect(readLedger(nonsense, [NEWS], NOW)).toEqual({ state: [] });
    },
  );

  it('cut off anywhere, it tells less and nothing else', () => {
    const text = someText();
    const whole = readLedger(text, [NEWS, 'b'], NOW).state;
    for (let length = 0; length < text.length; length += 1) {
      for (const register of readLedger(text.slice(0, length), [NEWS, 'b'], NOW).state) {
        expect(whole).toContainEqual(register);
      }
    }
  });

  it('changed anywhere, it is read without harm and with no time ahead of the clock', () => {
    const text = someText();
    const edits = fc.array(
      fc.record({
        at: fc.nat(text.length),
        cut: fc.nat(6),
        put: fc.string({ unit: fc.constantFrom(...text, 'z', '%', '-', ' ') }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    checkProperty(
      fc.property(edits, (list) => {
        const edited = list.reduce(
          (old, { at, cut, put }) => old.slice(0, at) + put + old.slice(at + cut),
          text,
        );
        const { state } = readLedger(edited, [NEWS, 'b'], NOW);
        const merged = mergeStates(state, stateOf(choice(false, NOW)));
        for (const { choices } of merged) {
          for (const { at } of choices) expect(at).toBeLessThanOrEqual(NOW + 300);
        }
        expect(hasNews(merged, readLedger(writeLedger({ state: merged }), [NEWS, 'b'], NOW).state)).toBe(
          false,
        );
      }),
      2_000,
    );
  });

  it('a time five minutes ahead is believed, and none beyond', () => {
    for (const [lead, believed] of [
      [300, true],
      [301, undefined],
    ] as const) {
      const ahead = writeLedger({ state: stateOf(choice(true, NOW + lead)) });
      expect(inForce(readLedger(ahead, [NEWS], NOW).state, NEWS)?.value).toBe(believed);
    }
  });

  const readWith = (item: string) =>
    readLedger(`1;=0:gdpr;=1:u1;=2:e1;=3:7;=4:abc;=5:;=6:%;${item};`, [NEWS], NOW);

  it.each<[string, Partial<Choice>]>([
    ['ct.a..2', { value: true, at: 10, known: 10, eventId: 'e1' }],
    ['cf.a.b.2', { value: false, at: 10, known: 11, eventId: 'e1' }],
    ['ce.-a..2', { value: '', at: -10, known: -10, eventId: 'e1' }],
    ['cn3.a..2', { value: 7 }],
    ['cs3.a..2', { value: '7' }],
    ['cs5.a..2', { value: '' }],
  ])('a choice is read from %s', (statement, expected) => {
    expect(readWith(`ljwfrg,0,1,${statement}`).state[0]?.choices).toMatchObject([expected]);
  });

  it.each([
    ...['c', 'ct', 'ct.a', 'ct.a.', 'ct.a.a', 'ct.a..9', 'ct...2', 'ct..a.2', 'ct.a..6', 'tt.a..2', 'T.a..2'],
    ...['cx3.a..2', 'cn4.a..2', 'cn5.a..2', 'cn9.a..2', 'cs9.a..2', 'cs6.a..2', 'cT.a..2', 'c.a..2'],
    ...[
      'ct.A..2',
      'ct.5%..2',
      'ct. 5..2',
      'ct.5 ..2',
      'ct.--5..2',
      'ct.-..2',
      'ct.00000000001..2',
      'ct.a.%.2',
    ],
  ])('no choice is read from %j', (statement) => {
    const [register] = readWith(`ljwfrg,0,1,${statement}`).state;
    expect(register).toMatchObject({ user: 'u1', choices: [], retractions: [] });
  });

  it('records, and what was taken back, are read only whole', () => {
    const read = (statement: string) => readWith(`ljwfrg,0,1,${statement}`).state[0];
    expect(read('st.a')?.snapshot).toEqual({ value: true, asOf: 10 });
    for (const part of ['s', 'st', 'st.', 'st.A', 'sx3.a', 's.a'])
      expect(read(part)).not.toHaveProperty('snapshot');
    expect(read('r2.a')?.retractions).toEqual([{ eventId: 'e1', known: 10 }]);
    for (const part of ['r', 'r2', 'r2.', 'r2.A', 'r9.a', 'r.a']) expect(read(part)?.retractions).toEqual([]);
    expect(read('na')?.silentAsOf).toBe(10);
    for (const part of ['n', 'nA', 'n%']) expect(read(part)).not.toHaveProperty('silentAsOf');
  });

  it.each([
    '',
    'ljwfrg',
    'ljwfrg,9,1,ct.a..2',
    'ljwfrg,0,9,ct.a..2',
    'LJWFRG,0,1,ct.a..2',
    ',0,1,ct.a..2',
    'ljwfrg00,0,1,ct.a..2',
  ])('nothing is read of an item without path, regulation or user: %j', (item) => {
    expect(readWith(item).state).toEqual([]);
  });

  it('a text is read only from an item that is marked as one', () => {
    expect(readWith('=z:cpra;ljwfrg,z,1,ct.a..2').state).toMatchObject([{ regulation: 'cpra' }]);
    for (const item of ['xz:cpra', 'z:cpra', 'x=z:cpra', '=Z:cpra', '=z']) {
      expect(readWith(`${item};ljwfrg,z,1,ct.a..2;ljwfrg,Z,1,ct.a..2;ljwfrg,=z,1,ct.a..2`).state).toEqual([]);
    }
  });

  it('a blacklisting of ours is read only whole', () => {
    expect(readWith('b3uw.4mo').own).toEqual({ seenOffAt: 5_000_000, from: 6_000_000, to: 6_010_000 });
    for (const item of ['b', 'b3uw', 'b3uw.', 'b.4mo', 'bA.4mo', 'x3uw.4mo', 'b3uw,0,1,ct.a..2']) {
      expect(readWith(item)).not.toHaveProperty('own');
    }
  });

  it('spaces around it do no harm', () => {
    const text = someText();
    expect(readLedger(` ${text}\n`, [NEWS], NOW)).toEqual(readLedger(text, [NEWS], NOW));
  });
});

it('stays small: ten paths chosen in one event take less than 500 characters', () => {
  const uuid = '6f0c7a52-1d5e-4c0e-9b1f-2f8f3a7f1001';
  const statements = Array.from({ length: 10 }, (_, index) => ({
    ...choice(index % 2 === 0, NOW, uuid, `consents_purposes_purpose-${index}_enabled`),
    user: 'c2a1b0d4-77aa-4b0e-8b1c-0d5c6e7f2002',
  }));
  expect(writeLedger({ state: stateOf(...statements) }).length).toBeLessThan(500);
});
