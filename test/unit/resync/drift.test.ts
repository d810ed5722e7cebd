import { describe, expect, it } from '@jest/globals';
import { mergeStatements } from '../../../consent/consent-state';
import { writeLedger } from '../../../consent/ledger';
import type { Rules } from '../../../consent/rules';
import type { ConsentValue, Statement } from '../../../consent/statement';
import type { BrevoLine } from '../../../resync/brevo-line';
import { sideOf } from '../../../resync/drift';
import { MAIL, NEWS, RULES, WITH_LEDGER } from './any-contact';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const EARLIER = Date.parse('2026-11-10T12:00:00Z');
const BETWEEN = Date.parse('2026-11-15T12:00:00Z');
const LATER = Date.parse('2026-11-18T12:00:00Z');

const seconds = (ms: number) => ms / 1000;

function chose(
  value: ConsentValue,
  at: number,
  { path = MAIL, known = at }: { path?: string; known?: number } = {},
): Statement {
  const choice = { value, at: seconds(at), known: seconds(known), eventId: `event at ${at}` };
  return { regulation: 'gdpr', path, user: 'u1', choice };
}

function recorded(value: ConsentValue, asOf: number): Statement {
  return { regulation: 'gdpr', path: MAIL, user: 'u1', snapshot: { value, asOf: seconds(asOf) } };
}

interface Case {
  readonly says: readonly Statement[];
  readonly changes?: readonly string[];
  readonly modifiedAt?: number;
  readonly ledger?: readonly Statement[];
  readonly rules?: Rules;
}

function side({ says, changes = ['MAIL'], modifiedAt, ledger, rules = RULES }: Case) {
  const text = ledger && writeLedger({ state: mergeStatements([], ledger) });
  const contact = { id: 1, emailBlacklisted: false, attributes: text === undefined ? {} : { LEDGER: text } };
  const found: Pick<BrevoLine, 'contact' | 'modifiedAt'> = {
    contact,
    ...(modifiedAt !== undefined && { modifiedAt }),
  };
  return sideOf({ changes, state: mergeStatements([], says) }, found, rules, NOW);
}

describe('a contact that differs', () => {
  it('is newer in Didomi where Brevo was not changed since Didomi has the choice', () => {
    expect(side({ says: [chose(false, BETWEEN)], modifiedAt: EARLIER })).toBe('didomi');
  });

  it('was changed in Brevo where that was changed after Didomi had the choice', () => {
    expect(side({ says: [chose(false, BETWEEN)], modifiedAt: LATER })).toBe('brevo');
  });

  it('is newer in Didomi where a choice of long ago came to Didomi only after Brevo was changed', () => {
    expect(side({ says: [chose(false, EARLIER, { known: LATER })], modifiedAt: BETWEEN })).toBe('didomi');
  });

  it('is judged by the choice, not by a later record that repeats it', () => {
    const says = [chose(false, EARLIER), recorded(false, LATER)];
    expect(side({ says, modifiedAt: BETWEEN })).toBe('brevo');
  });

  it('is judged by the record, where Didomi tells of no choice', () => {
    expect(side({ says: [recorded(false, LATER)], modifiedAt: BETWEEN })).toBe('didomi');
  });

  it('is newer in Didomi where one of several values is', () => {
    const says = [chose(false, EARLIER), chose('a', LATER, { path: NEWS })];
    expect(side({ says, changes: ['MAIL', 'NEWS'], modifiedAt: BETWEEN })).toBe('didomi');
    expect(side({ says, changes: ['MAIL'], modifiedAt: BETWEEN })).toBe('brevo');
  });

  it('was changed in Brevo where its ledger says that Brevo was told, whatever the times are', () => {
    const says = [chose(false, LATER)];
    expect(side({ says, ledger: says, modifiedAt: EARLIER, rules: WITH_LEDGER })).toBe('brevo');
  });

  it('is newer in Didomi where its ledger holds something else, or nothing else differs', () => {
    const both = { says: [chose(false, LATER)], ledger: [chose(true, EARLIER)], rules: WITH_LEDGER };
    expect(side({ ...both, modifiedAt: NOW })).toBe('didomi');
    expect(side({ ...both, changes: ['LEDGER'], modifiedAt: NOW })).toBe('didomi');
  });

  it('cannot be told where Brevo does not say when it was changed', () => {
    expect(side({ says: [chose(false, LATER)] })).toBe('untold');
  });

  it('may be unknown to Brevo, or what Brevo holds may not be known', () => {
    const comparison = { changes: ['MAIL'], state: mergeStatements([], [chose(false, LATER)]) };
    expect(sideOf(comparison, { contact: null }, RULES, NOW)).toBe('missing');
    expect(sideOf(comparison, undefined, RULES, NOW)).toBe('untold');
  });
});
