import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergeStatements, mergeStates } from '../../../consent/consent-state';
import { type Contact, NO_BLACKLIST_MEMORY } from '../../../consent/contact';
import { ledgerOf } from '../../../consent/contact-ledger';
import { decide } from '../../../consent/decide';
import { writeLedger } from '../../../consent/ledger';
import { BLACKLIST_FLAG, type Rules } from '../../../consent/rules';
import { type ConsentValue, isOptOut, type Statement } from '../../../consent/statement';
import { type Wish, wishesOf } from '../../../consent/wish';
import { type Comparison, compareContact } from '../../../resync/compare';
import type { MergedContact } from '../../../resync/merged-contact';
import { checkProperty } from '../../support/check-property';
import { anyContact, anyState, MAIL, NEWS, RULES, TARGETS, WITH_LEDGER } from './any-contact';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-20T12:00:00Z');
const RECENTLY = NOW / 1000 - 86_400;
const LAST_MONTH = NOW / 1000 - 30 * 86_400;

function chosen(value: ConsentValue, at: number, path: string = MAIL): Statement {
  return { regulation: 'gdpr', path, user: 'u1', choice: { value, at, known: at, eventId: `e${at}` } };
}

function recorded(value: ConsentValue, asOf: number, path: string = MAIL): Statement {
  return { regulation: 'gdpr', path, user: 'u1', snapshot: { value, asOf } };
}

const merged = (heldUpTo: number, ...statements: Statement[]): MergedContact => ({
  identifier: { kind: 'email', value: 'ada@example.com' },
  state: mergeStatements([], statements),
  heldUpTo,
});
const fresh = (...statements: Statement[]) => merged(NOW - DAY_MS, ...statements);
const old = (...statements: Statement[]) => merged(NOW - 8 * DAY_MS, ...statements);

function contact(emailBlacklisted: boolean, attributes: Record<string, unknown> = {}): Contact {
  return { id: 7, emailBlacklisted, attributes };
}
const FOLLOWING = contact(false, { MAIL: 'true', NEWS: 'true' });

function compare(one: MergedContact, found: Contact | null | undefined, rules: Rules = RULES): Comparison {
  return compareContact(one, found, { rules, targets: TARGETS, now: NOW });
}

const NOTHING_TO_DO = { changes: [], withdraws: false, state: [], calls: 0 };

describe('a contact of a source that is fresh', () => {
  it('is unchanged where Brevo holds what is in force', () => {
    expect(compare(fresh(chosen(true, RECENTLY)), FOLLOWING)).toEqual({
      ...NOTHING_TO_DO,
      verdict: 'unchanged',
      refused: [],
    });
  });

  it('is submitted as the source says it, where anything differs', () => {
    const one = fresh(chosen(false, RECENTLY - 9), chosen(true, RECENTLY), chosen('a', RECENTLY, NEWS));
    expect(compare(one, FOLLOWING)).toEqual({
      verdict: 'update',
      changes: ['NEWS'],
      withdraws: false,
      refused: [],
      state: one.state,
      calls: 1,
    });
  });

  it('goes on the blacklist first of all', () => {
    expect(compare(fresh(recorded(false, RECENTLY)), FOLLOWING)).toMatchObject({
      verdict: 'update',
      blacklist: 'on',
      withdraws: true,
      changes: ['MAIL', BLACKLIST_FLAG],
    });
  });

  it('goes off the blacklist with the looks that it takes, more where they have to reach back far', () => {
    const blacklisted = contact(true, { MAIL: 'true' });
    expect(compare(fresh(chosen(true, RECENTLY)), blacklisted)).toMatchObject({
      verdict: 'update',
      blacklist: 'off',
      withdraws: false,
      calls: 3,
    });
    expect(compare(fresh(chosen(true, NOW / 1000 - 100 * 86_400)), blacklisted).calls).toBe(5);
    const always: Rules = { ...RULES, resubscribe: 'always' };
    expect(compare(fresh(recorded(true, RECENTLY)), blacklisted, always).calls).toBe(3);
  });

  it('is not submitted for an opt-in alone that the blacklist is kept against', () => {
    expect(compare(fresh(recorded(true, RECENTLY)), contact(true, { MAIL: 'true' }))).toMatchObject({
      ...NOTHING_TO_DO,
      verdict: 'guarded',
      guarded: 'opt_in_time_unknown',
    });
  });

  it('is updated all the same where something else differs', () => {
    expect(compare(fresh(recorded(true, RECENTLY)), contact(true))).toMatchObject({
      verdict: 'update',
      changes: ['MAIL'],
      guarded: 'opt_in_time_unknown',
    });
  });

  it('is created or skipped, as upsert_mode says', () => {
    const one = fresh(chosen(true, RECENTLY));
    expect(compare(one, null)).toMatchObject({ verdict: 'create', calls: 1, state: one.state });
    expect(compare(one, null, { ...RULES, upsertMode: false })).toMatchObject({
      ...NOTHING_TO_DO,
      verdict: 'skipped',
    });
  });

  it('is submitted for its workflow to look, where nobody knows whether Brevo has it', () => {
    const one = fresh(chosen(false, RECENTLY));
    for (const rules of [RULES, { ...RULES, upsertMode: false }]) {
      expect(compare(one, undefined, rules)).toMatchObject({
        verdict: 'unknown',
        withdraws: true,
        state: one.state,
        calls: 2,
      });
    }
  });

  it('is rejected with the reason where Brevo takes nothing of what differs', () => {
    const targets = TARGETS.map((target) => ({ ...target, type: { kind: 'missing' as const } }));
    const one = fresh(chosen(true, RECENTLY, NEWS));
    const comparison = compareContact(one, FOLLOWING, { rules: RULES, targets, now: NOW });
    expect(comparison).toMatchObject({ ...NOTHING_TO_DO, verdict: 'rejected', refused: [{ id: 'NEWS' }] });
  });

  it('of which the source says nothing is left alone', () => {
    expect(compare(fresh(), contact(true))).toMatchObject({ ...NOTHING_TO_DO, verdict: 'unchanged' });
  });

  it('compares the same in a dry run', () => {
    const one = fresh(chosen(false, RECENTLY));
    expect(compare(one, FOLLOWING, { ...RULES, dryRun: true })).toEqual(compare(one, FOLLOWING));
  });
});

describe('the ledger of a contact', () => {
  const withLedger = (found: Contact, ...statements: Statement[]): Contact => ({
    ...found,
    attributes: {
      ...found.attributes,
      LEDGER: writeLedger({ state: mergeStatements([], statements) }),
    },
  });

  it('keeps what is newer than the source', () => {
    const found = withLedger(contact(true, { MAIL: 'false' }), chosen(false, RECENTLY + 60));
    expect(compare(fresh(chosen(true, RECENTLY)), found, WITH_LEDGER).verdict).toBe('unchanged');
  });

  it('that lacks a choice is a reason to write, as it is for the workflow', () => {
    const one = fresh(chosen(true, RECENTLY));
    expect(compare(one, FOLLOWING, WITH_LEDGER)).toMatchObject({ verdict: 'update', changes: ['LEDGER'] });
    const noted = withLedger(FOLLOWING, chosen(true, RECENTLY));
    expect(compare(one, noted, WITH_LEDGER)).toMatchObject(NOTHING_TO_DO);
  });

  it('tells of our own blacklisting, which an opt-in of unknown time may lift', () => {
    const own = { seenOffAt: NOW - 9_000, from: NOW - 8_000, to: NOW - 7_000 };
    const found = contact(true, { MAIL: 'true', LEDGER: writeLedger({ state: [], own }) });
    expect(compare(fresh(recorded(true, RECENTLY)), found, WITH_LEDGER).blacklist).toBe('off');
  });

  it('confirms the opt-in of an old source', () => {
    const yes = chosen(true, LAST_MONTH);
    const found = withLedger(contact(true, { MAIL: 'true' }), yes);
    expect(compare(old(yes), found, WITH_LEDGER)).toMatchObject({ verdict: 'update', blacklist: 'off' });
  });
});

describe('a contact of an old source', () => {
  it('is not subscribed again', () => {
    expect(compare(old(chosen(true, LAST_MONTH)), contact(true))).toMatchObject({
      ...NOTHING_TO_DO,
      verdict: 'guarded',
      guarded: 'source_too_old',
    });
  });

  it('is no longer old within what is remembered', () => {
    const yes = chosen(true, LAST_MONTH);
    expect(compare(merged(NOW - RULES.rememberMs, yes), contact(true)).verdict).toBe('update');
    expect(compare(merged(NOW - RULES.rememberMs - 1, yes), contact(true)).verdict).toBe('guarded');
  });

  it('is withdrawn, and its opt-ins stay behind', () => {
    const no = chosen(false, LAST_MONTH);
    expect(compare(old(no, chosen(true, LAST_MONTH, NEWS)), contact(false, { NEWS: 'a' }))).toMatchObject({
      verdict: 'update',
      blacklist: 'on',
      withdraws: true,
      guarded: 'source_too_old',
      state: mergeStatements([], [no]),
    });
  });

  it('is not guarded where Brevo holds the opt-in anyway', () => {
    expect(compare(old(chosen(true, LAST_MONTH)), FOLLOWING).verdict).toBe('unchanged');
  });

  it('is not created', () => {
    expect(compare(old(chosen(false, LAST_MONTH)), null)).toMatchObject({
      ...NOTHING_TO_DO,
      verdict: 'skipped',
    });
    expect(compare(old(chosen(true, LAST_MONTH)), null)).toMatchObject({
      ...NOTHING_TO_DO,
      verdict: 'guarded',
      guarded: 'source_too_old',
    });
  });

  it('is looked for by its workflow where nobody knows whether Brevo has it, for a withdrawal alone', () => {
    const no = chosen(false, LAST_MONTH);
    expect(compare(old(no, chosen(true, LAST_MONTH, NEWS)), undefined)).toMatchObject({
      verdict: 'unknown',
      withdraws: true,
      state: mergeStatements([], [no]),
    });
    expect(compare(old(chosen(true, LAST_MONTH)), undefined)).toMatchObject({
      ...NOTHING_TO_DO,
      verdict: 'guarded',
    });
  });
});

describe('whatever a source says, and whatever Brevo holds', () => {
  const anyAge = fc.constantFrom(0, RULES.rememberMs, RULES.rememberMs + 1, 90 * DAY_MS);
  const anyRules = fc.constantFrom(RULES, WITH_LEDGER, { ...RULES, upsertMode: false });
  const anyCase = fc.record({
    state: anyState,
    age: anyAge,
    found: fc.option(anyContact, { freq: 8 }),
    rules: anyRules,
  });

  /** What a workflow that knows nothing else would write after what was submitted. */
  function afterSubmitting({ state }: Comparison, found: Contact | null, rules: Rules) {
    const consent = mergeStates(state, ledgerOf(found, rules, state, NOW).state);
    const wishes = wishesOf(consent, rules.mappings);
    const { action } = decideOn(wishes, found, rules);
    return { action, wishes };
  }

  function decideOn(wishes: readonly Wish[], found: Contact | null, rules: Rules) {
    const situation = { wishes, contact: found, targets: TARGETS, rules };
    return decide({ ...situation, memory: NO_BLACKLIST_MEMORY, anew: new Set() });
  }

  it('no opt-in of an old source is ever applied', () => {
    checkProperty(
      fc.property(anyCase, ({ state, age, found, rules }) => {
        if (age <= RULES.rememberMs) return;
        const one = { ...fresh(), state, heldUpTo: NOW - age };
        const comparison = compare(one, found, rules);
        const ledger = wishesOf(ledgerOf(found, rules, state, NOW).state, rules.mappings);
        const { action, wishes } = afterSubmitting(comparison, found, rules);
        if (action.kind === 'none' || comparison.state.length === 0) return;
        expect(action.kind).not.toBe('create');
        const applied = wishes.filter(({ inForce }) => !isOptOut(inForce.value));
        for (const { id, inForce } of applied) {
          expect(ledger.map((wish) => [wish.id, wish.inForce])).toContainEqual([id, inForce]);
        }
      }),
      1_000,
    );
  });

  it('every opt-out that differs is submitted, and goes first', () => {
    checkProperty(
      fc.property(anyCase, ({ state: said, age, found, rules }) => {
        // An old source cannot void what a ledger knows: sources tell what was said, not what was deleted.
        const state = said.map(({ silentAsOf: _, ...register }) => ({ ...register, retractions: [] }));
        const one = { ...fresh(), state, heldUpTo: NOW - age };
        const comparison = compare(one, found, rules);
        const known = mergeStates(state, ledgerOf(found, rules, state, NOW).state);
        const paths = new Set(state.map(({ path }) => path));
        const noes = wishesOf(known, rules.mappings).filter(
          ({ inForce, path }) => paths.has(path) && isOptOut(inForce.value),
        );
        const { action: owed } = decideOn(noes, found, rules);
        if (owed.kind === 'none' || found === null) return;
        expect([comparison.verdict, comparison.withdraws]).toEqual(['update', true]);
        const { wishes } = afterSubmitting(comparison, found, rules);
        for (const { id } of noes) {
          expect(wishes.filter((wish) => wish.id === id && isOptOut(wish.inForce.value))).toHaveLength(1);
        }
      }),
      1_000,
    );
  });

  it('what is not submitted, a fresh source would not change either', () => {
    checkProperty(
      fc.property(anyCase, ({ state, found, rules }) => {
        if (state.length === 0) return;
        const comparison = compare({ ...fresh(), state }, found, rules);
        const { action } = afterSubmitting({ ...comparison, state }, found, rules);
        if (comparison.state.length === 0) expect(action.kind).toBe('none');
        else expect(action.kind !== 'none' || comparison.changes.join() === 'LEDGER').toBe(true);
      }),
      1_000,
    );
  });
});
