import { describe, expect, it } from '@jest/globals';
import { BrevoUnavailableError } from '../../../brevo/errors';
import { Patience } from '../../../brevo/patience';

const PUT = 'PUT /contacts/{identifier}';

/** The time limit that a call is given; it is then answered, or times out. */
async function limitOf(patience: Patience, attempt: number, ends: 'in time' | 'late', kind = PUT) {
  let limit = 0;
  const call = patience.wait(kind, attempt, async (timeoutMs) => {
    limit = timeoutMs;
    if (ends === 'late') throw new BrevoUnavailableError('late', { call: kind, code: 'ETIMEDOUT' }, true);
  });
  await call.catch(() => undefined);
  return limit;
}

describe('the time that an answer is waited for', () => {
  it('doubles with each attempt of a call, up to four and a half times', async () => {
    const limits = [1, 2, 3, 4, 50].map((attempt) => limitOf(new Patience(20_000), attempt, 'late'));
    expect(await Promise.all(limits)).toEqual([20_000, 40_000, 80_000, 90_000, 90_000]);
  });

  it('begins with what the last call of its kind needed, until answers come quickly again', async () => {
    const patience = new Patience(20_000);
    await limitOf(patience, 1, 'late');
    expect(await limitOf(patience, 1, 'late')).toBe(40_000);
    expect(await limitOf(patience, 1, 'in time', 'GET /contacts')).toBe(20_000);
    expect(await limitOf(patience, 1, 'in time')).toBe(80_000);
    expect(await limitOf(patience, 1, 'in time')).toBe(20_000);
  });

  it('does not grow by other failures than late answers', async () => {
    const patience = new Patience(20_000);
    const refused = new BrevoUnavailableError('no', { call: PUT, status: 503 }, true);
    await patience.wait(PUT, 1, () => Promise.reject(refused)).catch(() => undefined);
    expect(await limitOf(patience, 1, 'in time')).toBe(20_000);
  });
});

describe('an answer that takes more than half of the shortest limit', () => {
  it('is told', async () => {
    const told: string[] = [];
    const patience = new Patience(20, (call) => told.push(call));
    await patience.wait('GET /contacts', 3, () => new Promise((resolve) => setTimeout(resolve, 25)));
    await patience.wait(PUT, 1, async () => undefined);
    expect(told).toEqual(['GET /contacts']);
  });
});
