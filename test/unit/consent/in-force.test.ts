import { describe, expect, it } from '@jest/globals';
import { type ConsentState, inForce, mergeStatements } from '../../../consent/consent-state';
import type { Choice, ConsentValue, Statement, Subject } from '../../../consent/statement';

const SUBJECT: Subject = { regulation: 'gdpr', path: 'p', user: 'u' };

type Who = Partial<Subject>;

/** Didomi has it at once, unless `known` says otherwise. */
function choice(value: ConsentValue, at: number, rest: Partial<Choice> = {}, who: Who = {}): Statement {
  return { ...SUBJECT, ...who, choice: { value, at, known: at, eventId: `e${at}`, ...rest } };
}

function record(value: ConsentValue, asOf: number, who: Who = {}): Statement {
  return { ...SUBJECT, ...who, snapshot: { value, asOf } };
}

function takenBack(eventId: string, known: number, who: Who = {}): Statement {
  return { ...SUBJECT, ...who, retraction: { eventId, known } };
}

/** In both orders of arrival. */
function saidBy(...statements: Statement[]) {
  const inOrder = inForce(mergeStatements([], statements), 'p');
  const reversed = statements
    .toReversed()
    .reduce<ConsentState>((state, one) => mergeStatements(state, [one]), []);
  expect(inForce(reversed, 'p')).toEqual(inOrder);
  return inOrder;
}

describe('of two choices', () => {
  it('the one that took effect later counts, whichever arrives first', () => {
    expect(saidBy(choice(true, 10), choice(false, 20))).toMatchObject({ value: false, time: 20 });
    expect(saidBy(choice(false, 10), choice(true, 20))).toMatchObject({ value: true, time: 20 });
  });

  it('a backdated one stays older, although Didomi learned of it later', () => {
    expect(saidBy(choice(false, 20), choice(true, 10, { known: 30 }))).toMatchObject({ value: false });
  });

  it.each<[ConsentValue, ConsentValue]>([
    [false, true],
    ['', 'weekly'],
  ])('in the same second the opt-out %j counts and not %j', (no, yes) => {
    expect(saidBy(choice(no, 10, { eventId: 'a' }), choice(yes, 10, { eventId: 'z' }))?.value).toBe(no);
    expect(saidBy(choice(no, 10, { eventId: 'z' }), choice(yes, 10, { eventId: 'a' }))?.value).toBe(no);
  });

  it('in the same second, if neither is an opt-out, the larger event id counts', () => {
    const weekly = choice('weekly', 10, { eventId: 'a' });
    expect(saidBy(weekly, choice('daily', 10, { eventId: 'b' }))?.value).toBe('daily');
  });

  it('in the same second and of the same event, the larger value counts', () => {
    const same = { eventId: 'e' };
    expect(saidBy(choice('daily', 10, same), choice('weekly', 10, same))?.value).toBe('weekly');
    expect(saidBy(choice(false, 10, same), choice('', 10, same))?.value).toBe(false);
  });

  it('two events that say the same stand each for itself, when one of them is taken back', () => {
    const [one, other] = [choice(true, 10, { eventId: 'a' }), choice(true, 10, { eventId: 'b' })];
    for (const [gone, left] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      expect(saidBy(one, other, takenBack(gone, 30))).toMatchObject({ value: true, eventId: left });
    }
  });

  it('the same one, told again later, is known since it was first', () => {
    const again = choice(true, 10, { known: 50 });
    // Known since 10, so that the record of 30 had seen it and says otherwise.
    expect(saidBy(choice(true, 10), again, record(false, 30))?.value).toBe(false);
  });
});

describe('of two records of one Didomi user', () => {
  it('the later one counts', () => {
    expect(saidBy(record(true, 10), record(false, 20))).toEqual({ value: false, asOf: 20 });
    expect(saidBy(record(false, 10), record(true, 20))).toEqual({ value: true, asOf: 20 });
  });

  it('in the same second the opt-out counts, else the larger value', () => {
    expect(saidBy(record(true, 10), record(false, 10))?.value).toBe(false);
    expect(saidBy(record('daily', 10), record('weekly', 10))?.value).toBe('weekly');
  });

  it('a record alone tells no time', () => {
    expect(saidBy(record(true, 10))).not.toHaveProperty('time');
  });
});

describe('of a choice and a record', () => {
  it('a choice later than the record counts, with its time', () => {
    expect(saidBy(record(false, 10), choice(true, 20))).toMatchObject({ value: true, time: 20 });
    expect(saidBy(record(true, 10), choice(false, 20))).toMatchObject({ value: false, time: 20 });
  });

  it('a record that had seen the choice counts, and its time is unknown when it says otherwise', () => {
    expect(saidBy(choice(false, 10), record(true, 20))).toEqual({ value: true, asOf: 20 });
    expect(saidBy(choice(true, 10), record(false, 20))).toEqual({ value: false, asOf: 20 });
  });

  it("a record that says the same has the choice's time and event", () => {
    expect(saidBy(choice(true, 10, { eventId: 'e' }), record(true, 20))).toEqual({
      value: true,
      time: 10,
      asOf: 20,
      eventId: 'e',
    });
  });

  it('a backdated opt-out that the record had not seen counts', () => {
    expect(saidBy(choice(false, 10, { known: 30 }), record(true, 20))).toMatchObject({
      value: false,
      time: 10,
    });
  });

  it('a backdated opt-in that the record had not seen does not count against its opt-out', () => {
    expect(saidBy(choice(true, 10, { known: 30 }), record(false, 20))).toEqual({ value: false, asOf: 20 });
  });

  it('in the same second the doubt goes to the opt-out, whoever says it', () => {
    expect(saidBy(choice(false, 10), record(true, 10))?.value).toBe(false);
    expect(saidBy(choice(true, 10), record(false, 10))?.value).toBe(false);
    expect(saidBy(choice(false, 5, { known: 10 }), record(true, 10))?.value).toBe(false);
  });

  it('in doubt between two values that are no opt-out, the record counts', () => {
    expect(saidBy(choice('weekly', 10), record('daily', 10))?.value).toBe('daily');
    expect(saidBy(choice('weekly', 5, { known: 30 }), record('daily', 10))?.value).toBe('daily');
  });
});

describe('a choice that was taken back', () => {
  it('uncovers the choice before it', () => {
    const said = saidBy(choice(false, 10), choice(true, 20, { eventId: 'e' }), takenBack('e', 30));
    expect(said).toMatchObject({ value: false, time: 10 });
  });

  it('says nothing any more when it was the only one', () => {
    expect(saidBy(choice(false, 10, { eventId: 'e' }), takenBack('e', 30))).toBeUndefined();
  });

  it('still counts when its event said it anew afterwards', () => {
    const anew = choice(true, 40, { eventId: 'e' });
    expect(saidBy(choice(true, 20, { eventId: 'e' }), takenBack('e', 30), anew)).toMatchObject({ time: 40 });
  });

  it('still counts when its event said something else anew, at the very time of before', () => {
    const anew = choice(true, 20, { eventId: 'e', known: 40 });
    expect(saidBy(choice(false, 20, { eventId: 'e' }), takenBack('e', 30), anew)).toMatchObject({
      value: true,
      time: 20,
    });
  });

  it('is taken back as of the latest time that says so', () => {
    const anew = choice(true, 40, { eventId: 'e' });
    expect(saidBy(takenBack('e', 30), anew, takenBack('e', 50))).toBeUndefined();
    expect(saidBy(takenBack('e', 30), choice(true, 60, { eventId: 'e' }), takenBack('e', 50))?.value).toBe(
      true,
    );
  });

  it('in the same second: an opt-out stands, and anything else does not', () => {
    expect(saidBy(choice(false, 20, { eventId: 'e' }), takenBack('e', 20))?.value).toBe(false);
    expect(saidBy(choice(true, 20, { eventId: 'e' }), takenBack('e', 20))).toBeUndefined();
  });

  it('takes back nothing that another event, user, path or regulation said', () => {
    const said = choice(true, 20, { eventId: 'e' });
    expect(saidBy(said, takenBack('other', 30))?.value).toBe(true);
    expect(saidBy(said, takenBack('e', 30, { user: 'v' }))?.value).toBe(true);
    expect(saidBy(said, takenBack('e', 30, { path: 'q' }))?.value).toBe(true);
    expect(saidBy(said, takenBack('e', 30, { regulation: 'cpra' }))?.value).toBe(true);
  });
});

describe('between several Didomi users of one person', () => {
  const [one, two, three] = [{ user: '1' }, { user: '2' }, { user: '3' }];

  it('a yes counts only when it is later than every no of the others', () => {
    const noes = [choice(false, 10, {}, one), choice(false, 20, {}, two)];
    expect(saidBy(...noes, choice(true, 21, {}, three))).toMatchObject({ value: true, time: 21 });
    expect(saidBy(...noes, choice(true, 15, {}, three))).toMatchObject({ value: false, time: 20 });
  });

  it('in the same second the no counts', () => {
    expect(saidBy(choice(false, 10, {}, one), choice(true, 10, {}, two))?.value).toBe(false);
  });

  it('a yes of unknown time never counts against a no', () => {
    expect(saidBy(choice(false, 10, {}, one), record(true, 99, two))?.value).toBe(false);
  });

  it('a no of unknown time is dated by its record', () => {
    expect(saidBy(record(false, 20, one), choice(true, 15, {}, two))?.value).toBe(false);
    expect(saidBy(record(false, 20, one), choice(true, 25, {}, two))?.value).toBe(true);
  });

  it('where nobody says no, the latest counts', () => {
    expect(saidBy(choice('weekly', 10, {}, one), record('daily', 20, two))?.value).toBe('daily');
    expect(saidBy(choice('weekly', 30, {}, one), record('daily', 20, two))?.value).toBe('weekly');
    expect(saidBy(choice('daily', 10, {}, one), choice('weekly', 10, {}, two))?.value).toBe('weekly');
  });

  it('in the same second a time that is known is not lost to one that is not, whatever the users are called', () => {
    const [a, z] = [{ user: 'a' }, { user: 'z' }];
    expect(saidBy(choice(true, 10, {}, a), record(true, 10, z))).toMatchObject({ value: true, time: 10 });
    expect(saidBy(choice(true, 10, {}, z), record(true, 10, a))).toMatchObject({ value: true, time: 10 });
  });

  it('where several yeses overcome every no, the latest of them counts', () => {
    const no = choice('', 10, {}, one);
    expect(saidBy(no, choice('weekly', 11, {}, two), choice('daily', 12, {}, three))?.value).toBe('daily');
  });

  it('an opt-out of one is kept although another user has a record without it', () => {
    expect(saidBy(choice(false, 10, {}, one), record(true, 20, { ...two, path: 'q' }))?.value).toBe(false);
  });
});

describe('between several regulations', () => {
  const [gdpr, cpra] = [{ regulation: 'gdpr' }, { regulation: 'cpra' }];

  it('an opt-out under any of them counts, however old', () => {
    expect(saidBy(choice(false, 1, {}, cpra), choice(true, 99, {}, gdpr))).toMatchObject({
      value: false,
      time: 1,
    });
  });

  it('else the latest counts', () => {
    expect(saidBy(choice('weekly', 10, {}, gdpr), choice('daily', 20, {}, cpra))?.value).toBe('daily');
  });

  it('the users of each are weighed within it first', () => {
    const overcome = [
      choice(false, 10, {}, { ...cpra, user: '1' }),
      choice(true, 20, {}, { ...cpra, user: '2' }),
    ];
    expect(saidBy(...overcome, choice(true, 5, {}, gdpr))).toMatchObject({ value: true, time: 20 });
  });
});

it('nothing is in force for a path of which nothing was said', () => {
  expect(saidBy(choice(true, 10, {}, { path: 'q' }))).toBeUndefined();
});

it('ids that are names of object properties are ids like any other', () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const state = mergeStatements([], [choice(false, 1, {}, { regulation: name, path: name, user: name })]);
    expect(inForce(state, name)?.value).toBe(false);
    expect(inForce(state, 'p')).toBeUndefined();
  }
});
