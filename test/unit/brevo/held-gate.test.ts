import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  BrevoDuplicateError,
  BrevoHeldError,
  BrevoUnavailableError,
  type HeldReason,
} from '../../../brevo/errors';
import type { Caller, GateState } from '../../../brevo/gate';
import { HeldGate } from '../../../brevo/held-gate';
import { errorOf } from './stub-brevo';

const LOOK = 'GET /contacts/{identifier}';
const UPDATE = 'PUT /contacts/{identifier}';
const CREATE = 'POST /contacts';

let now: number;
let calls: string[];
let gate: HeldGate;
let told: GateState['state'][];
beforeEach(() => {
  now = 0;
  calls = [];
  told = [];
  gate = new HeldGate({ now: () => now });
  gate.watch(({ state }) => told.push(state));
});

function held(reason: HeldReason, call = LOOK): BrevoHeldError {
  const status = { key: 401, ip: 401, credits: 402, permission: 403 }[reason];
  return new BrevoHeldError(`no: ${reason}`, { call, status, requestId: 'r-1' }, reason);
}

/** Makes a call that Brevo answers with `outcome`. */
async function call(name: string, outcome: unknown = 'done', caller: Caller = { who: 'someone' }) {
  const admitted = await gate.admit({ name, writes: !name.startsWith('GET') }, caller);
  try {
    return await admitted.ask(async () => {
      calls.push(name);
      if (outcome instanceof Error) throw outcome;
      return outcome;
    });
  } finally {
    admitted.end();
  }
}

/** As `call`, by the one contact whose turn it is, ten seconds later. */
function tryAgain(name: string, outcome: unknown = 'done', who = 'someone') {
  now += 10_000;
  return call(name, outcome, { who, turn: {} });
}

/** Whether a contact without a turn is let in. */
async function isOpenFor(name: string): Promise<boolean> {
  const made = calls.length;
  await call(name, 'done', { who: 'another' }).catch((error) => {
    if (!(error instanceof BrevoHeldError)) throw error;
  });
  return calls.length > made;
}

describe.each(['key', 'ip'] as const)('an account that Brevo refuses as a whole (%s)', (reason) => {
  beforeEach(async () => {
    await errorOf(call(LOOK, held(reason)));
    calls = [];
  });

  it('gets no call of any kind, and each fails with what Brevo said, and that it was not asked', async () => {
    now = 3_600_000;
    for (const name of [LOOK, UPDATE, CREATE]) {
      expect(await errorOf(call(name))).toMatchObject({
        message: `no: ${reason}`,
        reason,
        status: 401,
        requestId: 'r-1',
        call: name,
        asked: false,
      });
    }
    expect(calls).toEqual([]);
  });

  it('is tried by the contact whose turn it is, and any answer opens it', async () => {
    await tryAgain(LOOK);
    expect([await isOpenFor(UPDATE), await isOpenFor(CREATE)]).toEqual([true, true]);
  });

  it('stays closed when the try is refused, or is not answered', async () => {
    await errorOf(tryAgain(LOOK, held(reason)));
    await errorOf(tryAgain(LOOK, new BrevoUnavailableError('down', { call: LOOK }, false)));
    expect(await isOpenFor(LOOK)).toBe(false);
  });

  it('is open when Brevo looks at what was asked, whatever it thinks of that', async () => {
    await errorOf(tryAgain(CREATE, new BrevoDuplicateError('taken', { call: CREATE }, ['email'])));
    expect(await isOpenFor(LOOK)).toBe(true);
  });

  it('is tried by who waits for nobody, such as a resync that reads, when ten seconds have passed', async () => {
    now = 9_999;
    expect(await errorOf(call('GET /contacts', 'done', {}))).toBeInstanceOf(BrevoHeldError);
    now = 10_000;
    await call('GET /contacts', 'done', {});
    expect(await isOpenFor(LOOK)).toBe(true);
  });
});

describe.each(['permission', 'credits'] as const)(
  'an account to which Brevo refuses a call (%s)',
  (reason) => {
    beforeEach(async () => {
      await errorOf(call(CREATE, held(reason, CREATE)));
      calls = [];
    });

    it('gets no call of any kind at first', async () => {
      expect([await isOpenFor(LOOK), await isOpenFor(UPDATE), await isOpenFor(CREATE)]).toEqual([
        false,
        false,
        false,
      ]);
    });

    it('is open again when that kind of call is answered', async () => {
      await tryAgain(CREATE);
      expect([await isOpenFor(UPDATE), await isOpenFor(CREATE)]).toEqual([true, true]);
      expect(told).toEqual(['closed', 'open']);
    });

    it('stays closed when a look is answered: a plan may allow to read and not to write', async () => {
      await tryAgain(LOOK);
      expect([await isOpenFor(LOOK), await isOpenFor(UPDATE)]).toEqual([false, false]);
    });

    it('serves all others once a write of another kind is answered, and only the refused kind waits', async () => {
      await tryAgain(UPDATE);
      expect(gate.state()).toMatchObject({ state: 'narrowed', held: { refusedCalls: [CREATE] } });
      expect([await isOpenFor(LOOK), await isOpenFor(UPDATE), await isOpenFor(CREATE)]).toEqual([
        true,
        true,
        false,
      ]);
      await errorOf(tryAgain(CREATE, held(reason, CREATE)));
      expect([await isOpenFor(UPDATE), await isOpenFor(CREATE)]).toEqual([true, false]);
      await tryAgain(CREATE);
      expect(gate.state()).toEqual({ state: 'open', refusals: 2 });
      expect(told).toEqual(['closed', 'narrowed', 'open']);
    });

    it('closes for everything again when another kind is refused too, and each kind opens by itself', async () => {
      await tryAgain(UPDATE);
      await errorOf(call(UPDATE, held(reason, UPDATE)));
      expect(await isOpenFor(LOOK)).toBe(false);
      await tryAgain(UPDATE);
      expect([await isOpenFor(UPDATE), await isOpenFor(CREATE)]).toEqual([true, false]);
    });

    it('is not closed to everybody by one contact that is refused what others are not', async () => {
      await tryAgain(CREATE, 'done', 'another');
      expect(await errorOf(call(CREATE, held(reason, CREATE)))).toMatchObject({ asked: true });
      expect(await isOpenFor(CREATE)).toBe(true);
      await errorOf(call(CREATE, held(reason, CREATE), { who: 'a third' }));
      expect(await isOpenFor(CREATE)).toBe(false);
    });
  },
);

it('what was under way when the account was refused does not open it', async () => {
  let answer = (_: string): void => undefined;
  await call(LOOK);
  const admitted = await gate.admit({ name: LOOK, writes: false }, { who: 'slow' });
  const slow = admitted.ask(() => new Promise((resolve) => (answer = resolve)));
  now = 5;
  await errorOf(call(LOOK, held('key')));
  answer('done');
  await slow;
  expect(await isOpenFor(LOOK)).toBe(false);
});

it('the first call goes alone: who comes meanwhile learns from it', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, (_, index) => call(LOOK, held('key'), { who: `contact ${index}` })),
  );
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  expect(calls).toHaveLength(1);
});

it('calls in turn keep ten seconds between each other', async () => {
  gate = new HeldGate({ probeEveryMs: 30 });
  await errorOf(call(LOOK, held('key')));
  const begun = performance.now();
  for (let count = 0; count < 3; count += 1) {
    await errorOf(call(LOOK, held('key'), { who: 'someone', turn: {} }));
  }
  expect(performance.now() - begun).toBeGreaterThanOrEqual(88);
});

it('a turn that another process has given is spent at its moments, the write a step after the look', async () => {
  gate = new HeldGate({ probeEveryMs: 30 });
  await errorOf(call(CREATE, held('permission', CREATE)));
  const from = Date.now() + 60;
  const times: number[] = [];
  for (const name of [LOOK, UPDATE]) {
    await call(name, 'done', { who: 'someone', turn: { from } });
    times.push(Date.now());
  }
  expect(times[0]).toBeGreaterThanOrEqual(from);
  expect(times[1]).toBeGreaterThanOrEqual(from + 33);
});

it('who waits for the moment of a try is let go when the process ends', async () => {
  await errorOf(call(LOOK, held('key')));
  const waiting = call(LOOK, 'done', { who: 'someone', turn: {} });
  gate.shutDown();
  expect(await errorOf(waiting)).toMatchObject({ retryAfterMs: 1_000 });
});

describe('what another process found out', () => {
  const soon = () => Date.now() + 1_000;

  it('opens the gate, or narrows it', async () => {
    await errorOf(call(CREATE, held('permission', CREATE)));
    gate.learn({ at: soon(), refused: [CREATE] });
    expect([await isOpenFor(UPDATE), await isOpenFor(CREATE)]).toEqual([true, false]);
    gate.learn({ at: soon(), refused: [] });
    expect(await isOpenFor(CREATE)).toBe(true);
  });

  it('counts for nothing where it is older than what Brevo has said since', async () => {
    const news = { at: Date.now() - 1, refused: [] };
    await errorOf(call(LOOK, held('key')));
    gate.learn(news);
    expect(await isOpenFor(LOOK)).toBe(false);
  });

  it('is told in the same words', async () => {
    await errorOf(call(CREATE, held('permission', CREATE)));
    expect(gate.news()).toBeUndefined();
    await tryAgain(UPDATE);
    expect(gate.news()).toEqual({ at: expect.any(Number), refused: [CREATE] });
  });
});

it('an account that Brevo serves is never held up, also when calls fail', async () => {
  await errorOf(call(LOOK, new BrevoUnavailableError('down', { call: LOOK }, false)));
  expect(await isOpenFor(LOOK)).toBe(true);
  expect(told).toEqual([]);
});

it('a wrong key and a blocked address are told apart, also when one follows the other', async () => {
  await errorOf(call(LOOK, held('ip')));
  expect(gate.state()).toMatchObject({ held: { reason: 'ip', message: 'no: ip' } });
  await errorOf(tryAgain(LOOK, held('key')));
  expect(gate.state()).toMatchObject({ state: 'closed', held: { reason: 'key' }, refusals: 2 });
  expect(told).toEqual(['closed', 'closed']);
});
