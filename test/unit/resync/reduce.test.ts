import { expect, it } from '@jest/globals';
import type { Gathered } from '../../../didomi/gathered';
import { reduceBucket } from '../../../resync/reduce';

const line = (value: boolean, asOf: number, date: number, organizationUserId?: string): Gathered => ({
  identifier: { kind: 'email', value: 'ana@example.com' },
  ...(organizationUserId !== undefined && { organizationUserId }),
  statements: [{ regulation: 'gdpr', path: 'p', user: 'u', snapshot: { value, asOf } }],
  date,
});

async function* all(...lines: readonly Gathered[]) {
  yield* lines;
}

it('makes one contact of all lines about it, known to hold up to the latest date', async () => {
  const lines = [
    line(true, 1, 30),
    line(false, 2, 20),
    { ...line(true, 1, 10), identifier: { kind: 'ext_id' as const, value: 'ana@example.com' } },
  ];
  expect(await reduceBucket(all(...lines))).toMatchObject([
    { identifier: { kind: 'email' }, state: [{ snapshot: { value: false, asOf: 2 } }], heldUpTo: 30 },
    { identifier: { kind: 'ext_id' }, state: [{ snapshot: { value: true, asOf: 1 } }], heldUpTo: 10 },
  ]);
});

it('spells the organization_user_id as the latest line does', async () => {
  const upper = 'ANA@example.com';
  const spelling = async (...lines: Gathered[]) => (await reduceBucket(all(...lines)))[0]?.organizationUserId;
  expect(await spelling(line(true, 1, 1), line(true, 1, 2, upper))).toBe(upper);
  expect(await spelling(line(true, 1, 2, upper), line(true, 1, 1))).toBe(upper);
  expect(await spelling(line(true, 1, 1, upper), line(true, 1, 2))).toBeUndefined();
});
