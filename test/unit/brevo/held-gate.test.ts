import { beforeEach, describe, expect, it } from '@jest/globals';
import { BrevoDuplicateError, BrevoHeldError, BrevoUnavailableError } from '../../../brevo/errors';
import { HeldGate } from '../../../brevo/held-gate';
import { errorOf } from './stub-brevo';

const HELD = new BrevoHeldError('closed', { call: 'GET /account', status: 401 }, 'key');

let now: number;
let calls: number;
let gate: HeldGate;
beforeEach(() => {
  now = 0;
  calls = 0;
  gate = new HeldGate({ now: () => now });
});

function call(outcome: unknown = 'done'): Promise<unknown> {
  return gate.pass(async () => {
    calls++;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  });
}

describe('an account that Brevo does not serve', () => {
  beforeEach(async () => {
    await errorOf(call(HELD));
    calls = 0;
  });

  it('is left alone for 10 s, and every call fails with what Brevo said', async () => {
    now = 9_999;
    expect(await errorOf(call())).toBe(HELD);
    expect(() => gate.check()).toThrow(HELD);
    expect(calls).toBe(0);
  });

  it('is then tried by one call, whose success opens it for all', async () => {
    now = 10_000;
    const outcomes = await Promise.allSettled([call(), call(), call()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await Promise.all([call(), call()])).toEqual(['done', 'done']);
  });

  it('stays closed for another 10 s when the try is held too, or is not answered', async () => {
    for (const outcome of [HELD, new BrevoUnavailableError('down', { call: 'GET /account' }, false)]) {
      now += 10_000;
      expect(await errorOf(call(outcome))).toBe(outcome);
      now += 9_999;
      expect(await errorOf(call())).toBe(HELD);
      now += 1;
    }
    expect(calls).toBe(2);
  });

  it('is open when Brevo looks at what was asked, whatever it thinks of that', async () => {
    now = 10_000;
    await errorOf(call(new BrevoDuplicateError('taken', { call: 'POST /contacts' }, ['email'])));
    expect(await call()).toBe('done');
  });
});

it.each(['key', 'ip'] as const)('an account is closed by what concerns every call: %s', async (reason) => {
  const held = new BrevoHeldError('closed', { call: 'GET /account' }, reason);
  await errorOf(call(held));
  expect(await errorOf(call())).toBe(held);
});

it.each(['permission', 'credits'] as const)(
  'an account stays open when Brevo refuses one kind of call: %s',
  async (reason) => {
    await errorOf(call(new BrevoHeldError('not this', { call: 'POST /contacts' }, reason)));
    expect(await Promise.all([call(), call()])).toEqual(['done', 'done']);
  },
);

it('an account that Brevo serves is never held up, also when calls fail', async () => {
  await errorOf(call(new BrevoUnavailableError('down', { call: 'GET /account' }, false)));
  expect(await Promise.all([call(), call()])).toEqual(['done', 'done']);
});
