import { beforeEach, describe, expect, it } from '@jest/globals';
import { BrevoHeldError } from '../../../brevo/errors';
import { HeldGate } from '../../../brevo/held-gate';
import { type Answer, type Visitor, WaitingRoom } from '../../../brevo/waiting-room';

const LOOK = 'GET /contacts/{identifier}';
const UPDATE = 'PUT /contacts/{identifier}';
const CREATE = 'POST /contacts';

let now: number;
let gate: HeldGate;
let room: WaitingRoom;
beforeEach(() => {
  now = 0;
  gate = new HeldGate({ now: () => now });
  room = new WaitingRoom(gate, { requestsPerSecond: 10, now: () => now, random: () => 0 });
});

async function call(name: string, answer: 'done' | 401 | 403, who: string): Promise<void> {
  const admitted = await gate.admit({ name, writes: !name.startsWith('GET') }, { who, turn: {} });
  const reason = answer === 401 ? 'key' : 'permission';
  const act = async () => {
    if (answer !== 'done') throw new BrevoHeldError('no', { call: name, status: answer }, reason);
  };
  await admitted.ask(act).catch(() => undefined);
  admitted.end();
}

function ask(who: string, about: Partial<Visitor> = {}): Answer {
  return room.ask({ who, withdrawal: false, since: Date.now() + 60_000, refusals: 1, ...about });
}

function kindsOf(visitors: Record<string, Partial<Visitor>>): Record<string, string> {
  return Object.fromEntries(Object.entries(visitors).map(([who, about]) => [who, ask(who, about).kind]));
}

const WITHDRAWAL = { withdrawal: true } as const;

describe('while Brevo refuses the account', () => {
  beforeEach(() => call(LOOK, 401, 'first'));

  it('contacts are sent away, and told when to ask again', () => {
    expect(ask('a')).toEqual({ kind: 'wait', ms: 10_000 });
    expect(ask('b', WITHDRAWAL)).toEqual({ kind: 'wait', ms: 10_000 });
    expect(room.count()).toEqual({ withdrawals: 1, others: 1 });
  });

  it('one at a time has the turn, and not before the next try may be made', () => {
    now = 7_000;
    expect(kindsOf({ a: {}, b: {} })).toEqual({ a: 'wait', b: 'wait' });
    now = 9_000;
    expect(kindsOf({ a: {}, b: {}, c: {} })).toEqual({ a: 'turn', b: 'wait', c: 'wait' });
    expect([room.turnOf('a'), room.turnOf('b')]).toEqual([{}, undefined]);
  });

  it('a turn that comes to nothing passes on', () => {
    now = 10_000;
    ask('a');
    ask('b');
    now += 20_001;
    expect(ask('b').kind).toBe('turn');
  });

  it('ten thousand that wait come by twenty times a second, whatever they wait for', () => {
    for (let count = 0; count < 10_000; count += 1) ask(`${count}`);
    expect(ask('one more')).toEqual({ kind: 'wait', ms: 500_000 });
    expect(ask('a withdrawal', WITHDRAWAL)).toEqual({ kind: 'wait', ms: 10_000 });
  });

  it('who does not come back is forgotten', () => {
    ask('a');
    now = 20_001;
    expect(room.count()).toEqual({ withdrawals: 0, others: 0 });
  });

  it('one that was tried in vain again and again lets at most a quarter of a minute pass before the next try', () => {
    now = 10_000;
    const since = Date.now();
    expect(ask('a', { refusals: 3, since })).toMatchObject({ kind: 'wait' });
    expect(ask('b', { refusals: 50, since: since - 14_000 })).toMatchObject({ kind: 'wait' });
    expect(ask('c', { refusals: 50, since: since - 15_001 })).toMatchObject({ kind: 'turn' });
  });
});

describe('when Brevo refuses one kind of call', () => {
  beforeEach(() => call(CREATE, 403, 'first'));

  it('withdrawals have the turn first, and before them those that somebody asks for', () => {
    const all = { other: {}, no: WITHDRAWAL, asked: { asked: true } };
    kindsOf(all);
    now = 10_000;
    expect(kindsOf(all)).toEqual({ other: 'wait', no: 'wait', asked: 'turn' });
    room.endTurn('asked');
    expect(kindsOf({ other: {}, no: WITHDRAWAL })).toEqual({ other: 'wait', no: 'turn' });
  });

  it('the turn is not kept for long for a withdrawal that does not come', () => {
    ask('no', WITHDRAWAL);
    now = 9_000;
    expect(ask('other').kind).toBe('wait');
    now = 20_001;
    expect(ask('other').kind).toBe('turn');
  });

  it('those that may need another kind have the turn before those that were refused', () => {
    const all = {
      'a no that is refused': { ...WITHDRAWAL, needs: CREATE },
      'a yes that is not': { needs: LOOK },
    };
    kindsOf(all);
    now = 10_000;
    expect(kindsOf(all)).toEqual({ 'a no that is refused': 'wait', 'a yes that is not': 'turn' });
  });

  it('all go on that need another kind, once it is known to be served, and the others have turns', async () => {
    now = 10_000;
    await call(UPDATE, 'done', 'b');
    now = 20_000;
    expect(kindsOf({ a: WITHDRAWAL, b: { ...WITHDRAWAL, needs: UPDATE }, c: { needs: CREATE } })).toEqual({
      a: 'go',
      b: 'go',
      c: 'turn',
    });
    expect(ask('d', { needs: CREATE }).kind).toBe('wait');
    // A withdrawal that cannot go holds up nobody who can.
    ask('e', { ...WITHDRAWAL, needs: CREATE });
    expect(ask('f').kind).toBe('go');
  });
});

describe('when Brevo serves the account again', () => {
  beforeEach(async () => {
    await call(LOOK, 401, 'first');
    kindsOf({ no: WITHDRAWAL, yes: {}, 'another yes': {} });
    now = 10_000;
    await call(LOOK, 'done', 'first');
  });
  const since = 0;

  it('contacts go on, with what others may want to know', () => {
    expect(ask('no', { ...WITHDRAWAL, since })).toEqual({
      kind: 'go',
      news: { at: expect.any(Number), refused: [] },
    });
  });

  it('others wait as long as a withdrawal is to come', () => {
    now = 12_000;
    expect(ask('yes', { since: Date.now() + 1 })).toEqual({ kind: 'wait', ms: 2_000 });
    expect(ask('no', { ...WITHDRAWAL, since }).kind).toBe('go');
    expect(ask('yes', { since: Date.now() + 1 }).kind).toBe('go');
  });

  it('a withdrawal that does not come is not waited for', () => {
    now = 21_000;
    expect(ask('yes').kind).toBe('go');
  });
});

describe('a process that has just begun', () => {
  it('lets withdrawals that waited before come by first', () => {
    const since = Date.now() - 60_000;
    expect(kindsOf({ yes: { since }, no: { since, ...WITHDRAWAL }, new: {} })).toEqual({
      yes: 'wait',
      no: 'go',
      new: 'go',
    });
    now = 14_000;
    expect(ask('yes', { since }).kind).toBe('go');
  });
});

it('a contact that Brevo refuses what it does for others is not tried again and again', () => {
  const since = Date.now() + 1_000;
  expect(ask('a', { refusals: 1, since }).kind).toBe('go');
  expect(ask('a', { refusals: 2, since })).toMatchObject({ kind: 'wait' });
  expect(ask('a', { refusals: 2, since, asked: true }).kind).toBe('go');
  const long = ask('a', { refusals: 20, since });
  expect(long.kind === 'wait' && long.ms).toBeGreaterThan(590_000);
  // It would hold up nobody.
  ask('b', { ...WITHDRAWAL, refusals: 20, since });
  expect(ask('c').kind).toBe('go');
});
