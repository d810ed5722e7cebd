import { describe, expect, it } from '@jest/globals';
import { mergeStatements } from '../../../consent/consent-state';
import type { Identifier } from '../../../consent/identifier';
import type { BrevoLine } from '../../../resync/brevo-line';
import { type Compared, compareBucket, type JoinInput } from '../../../resync/join';
import type { MergedContact } from '../../../resync/merged-contact';
import { MAIL, RULES, TARGETS } from './any-contact';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const ADA: Identifier = { kind: 'email', value: 'ada@example.com' };
const USER_7: Identifier = { kind: 'ext_id', value: 'user-7' };
const PAGES = { begunAt: 5, contacts: 9, complete: true, kinds: ['email', 'ext_id'] } as const;

function unsubscribed(identifier: Identifier): MergedContact {
  const snapshot = { value: false, asOf: NOW / 1000 - 60 };
  const state = mergeStatements([], [{ regulation: 'gdpr', path: MAIL, user: 'u1', snapshot }]);
  return { identifier, state, heldUpTo: NOW };
}

function line(identifier: Identifier, id: number, emailBlacklisted = false, seenAt = 10): BrevoLine {
  return { identifier, contact: { id, emailBlacklisted, attributes: { MAIL: 'false' } }, seenAt };
}

async function* each<T>(...items: T[]): AsyncGenerator<T> {
  yield* items;
}

async function join(
  merged: MergedContact[],
  brevo: BrevoLine[],
  pages: JoinInput['pages'] = PAGES,
  isOwed: JoinInput['isOwed'] = () => false,
): Promise<Compared[]> {
  const by = { rules: { ...RULES, upsertMode: false }, targets: TARGETS, now: NOW };
  const found: Compared[] = [];
  const input = { merged: each(...merged), brevo: each(...brevo), pages, by, isOwed };
  for await (const one of compareBucket(input)) {
    found.push(one);
  }
  return found;
}

const verdicts = (compared: Compared[]) => compared.map(({ comparison }) => comparison.verdict);

describe('a bucket of the source and one of Brevo', () => {
  it('are joined by the kind and value of the identifier', async () => {
    const namesake: Identifier = { kind: 'email', value: 'user-7' };
    const compared = await join([unsubscribed(ADA), unsubscribed(USER_7)], [line(ADA, 1), line(namesake, 2)]);
    expect(verdicts(compared)).toEqual(['update', 'skipped']);
    expect(compared.map(({ found }) => [found?.contact?.id, found?.seenAt])).toEqual([
      [1, 10],
      [undefined, 5],
    ]);
  });

  it('count the later of two readings of a contact', async () => {
    const compared = await join([unsubscribed(ADA)], [line(ADA, 1), line(ADA, 1, true, 20)]);
    expect(verdicts(compared)).toEqual(['unchanged']);
    expect(compared[0]?.found?.seenAt).toBe(20);
  });

  it('leave it to the workflow to look where one identifier was seen at two contacts', async () => {
    const lines = [line(ADA, 1), line(ADA, 2), line(ADA, 2)];
    expect(verdicts(await join([unsubscribed(ADA)], lines))).toEqual(['unknown']);
  });

  it('leave it to the workflow to look where it has something to write', async () => {
    const [owed, other] = [ADA, USER_7];
    const asBrevoHolds = [line(owed, 1, true), line(other, 2, true)];
    const compared = await join(
      [unsubscribed(owed), unsubscribed(other)],
      asBrevoHolds,
      PAGES,
      (one) => one === owed,
    );
    expect(verdicts(compared)).toEqual(['unknown', 'unchanged']);
    expect(compared[0]).not.toHaveProperty('found');
  });

  it('keep both contacts of the source that lead to one of Brevo', async () => {
    const both = [unsubscribed(ADA), unsubscribed(USER_7)];
    expect(verdicts(await join(both, [line(ADA, 1), line(USER_7, 1)]))).toEqual(['update', 'update']);
  });
});

describe('a contact that was not found', () => {
  const CUSTOMER = { kind: 'ext_id', value: 'customer-1' } as const;

  it.each<[string, Identifier, JoinInput['pages']]>([
    ['not everything could be read', ADA, { ...PAGES, complete: false }],
    ['no contact at all showed an ext_id', CUSTOMER, { ...PAGES, kinds: ['email'] }],
  ])('is looked for by its workflow where %s', async (_why, identifier, pages) => {
    expect(verdicts(await join([unsubscribed(identifier)], [], pages))).toEqual(['unknown']);
  });

  it.each<[string, Identifier, JoinInput['pages']]>([
    ['no contact has an e-mail address', ADA, { ...PAGES, kinds: ['ext_id'] }],
    ['the account has no contact at all', CUSTOMER, { ...PAGES, contacts: 0, kinds: [] }],
  ])('is one that Brevo does not have where %s', async (_why, identifier, pages) => {
    expect(verdicts(await join([unsubscribed(identifier)], [], pages))).toEqual(['skipped']);
  });

  it('is one that Brevo does not have where it was looked up, or where all pages were read', async () => {
    expect(verdicts(await join([unsubscribed(ADA)], []))).toEqual(['skipped']);
    const lookedUp: BrevoLine = { identifier: ADA, contact: null, seenAt: 10 };
    const compared = await join([unsubscribed(ADA)], [lookedUp], { ...PAGES, complete: false });
    expect(verdicts(compared)).toEqual(['skipped']);
  });
});

describe('an opt-in that was found guarded before', () => {
  const optIn = (at: number): MergedContact => {
    const choice = { value: true, at, known: at, eventId: `event-${at}` };
    return {
      identifier: ADA,
      state: mergeStatements([], [{ regulation: 'gdpr', path: MAIL, user: 'u1', choice }]),
      heldUpTo: NOW,
    };
  };
  const AT = NOW / 1000 - 60;
  const blacklisted = (id: number): BrevoLine => ({
    identifier: ADA,
    contact: { id, emailBlacklisted: true, attributes: { MAIL: 'true' } },
    seenAt: 10,
  });
  const compared = async (at: number, id: number) => {
    const by = { rules: RULES, targets: TARGETS, now: NOW };
    const found: Compared[] = [];
    const both = { merged: each(optIn(at)), brevo: each(blacklisted(id)), pages: PAGES };
    const refusedOptIn: JoinInput['refusedOptIn'] = (_, of) => (of === 1 ? AT : undefined);
    for await (const one of compareBucket({ ...both, by, isOwed: () => false, refusedOptIn }))
      found.push(one);
    return found[0]?.comparison;
  };

  it('is not looked at again', async () => {
    expect(await compared(AT, 1)).toMatchObject({
      verdict: 'guarded',
      guarded: 'later_unsubscription',
      calls: 0,
    });
  });

  it('is looked at when it is another one, or about another contact of Brevo', async () => {
    expect(await compared(AT + 1, 1)).toMatchObject({
      verdict: 'update',
      blacklist: 'off',
      clearsSince: AT + 1,
    });
    expect(await compared(AT, 2)).toMatchObject({ verdict: 'update', blacklist: 'off', clearsSince: AT });
  });
});
