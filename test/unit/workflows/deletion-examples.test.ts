import { describe, expect, it } from '@jest/globals';
import type { WriteAction } from '../../../consent/decide';
import { BLACKLIST_FLAG } from '../../../consent/rules';
import type { ConsentValue, Statement } from '../../../consent/statement';
import { ContactRecord } from '../../../workflows/contact-record';
import { type CarriedState, newContactState } from '../../../workflows/contact-state';
import type { SubmittedChange } from '../../../workflows/contract';
import { spellingsOf } from '../../../workflows/spellings';
import { testRules } from '../../support/rules';

const MAIL = 'consents_purposes_mail_enabled';
const SUBJECT = { regulation: 'gdpr', path: MAIL, user: 'u' };
const RULES = testRules({
  mappings: [
    { id: BLACKLIST_FLAG, value: MAIL },
    { id: 'MAIL', value: MAIL },
  ],
});
const CONTACT = { id: 7, emailBlacklisted: false, attributes: {} };
const NOW = 1_000_000;

function change(eventId: string, rest: Partial<SubmittedChange>): SubmittedChange {
  const base = { eventId, eventKey: eventId, receivedAt: NOW, rulesVersion: 'v1', statements: [] };
  return { ...base, type: 'event.created', ...rest };
}
const says = (value: ConsentValue, at: number, rest: Partial<SubmittedChange> = {}) =>
  change(`e${at}`, {
    statements: [{ ...SUBJECT, choice: { value, at, known: at, eventId: `e${at}` } }],
    ...rest,
  });
const deleted = (at: number) => change(`e${at}`, { type: 'event.deleted', deletion: { event: `e${at}` } });
const snapshot = (value: ConsentValue, asOf: number): Statement => ({
  ...SUBJECT,
  snapshot: { value, asOf },
});

function contacted(state: CarriedState = newContactState()) {
  const record = new ContactRecord(state);
  const receive = (one: SubmittedChange) => record.receive(one, NOW);
  const look = () => {
    const round = record.inbox.begin();
    const targets = [{ id: 'MAIL', name: 'MAIL', type: { kind: 'boolean' as const } }];
    record.learn({ contact: CONTACT, rules: RULES, rulesVersion: 'v1', targets }, NOW, NOW);
    record.inbox.keep(round);
  };
  const answer = (...statements: Statement[]) =>
    record.learnFromDidomi(
      record.deletions.begin(),
      { statements, records: 1, rules: RULES, rulesVersion: 'v1' },
      NOW,
    );
  const decided = () => {
    const { knowledge } = record.state;
    if (!knowledge) throw new Error('look first');
    return record.wanted.decide(knowledge, record.wanted.anew()).action;
  };
  return { record, receive, look, answer, decided };
}

describe('a deletion', () => {
  it('stops an opt-in that is being written: it may be what was deleted', () => {
    const { record, receive, look, decided } = contacted();
    receive(says(true, 100));
    look();
    const writing = decided() as WriteAction;
    expect(writing).toMatchObject({ kind: 'update' });
    expect(record.wanted.isOvertaken(writing)).toBe(false);
    receive(deleted(100));
    expect(record.wanted.isOvertaken(writing)).toBe(true);
    expect(decided().kind).toBe('none');
  });

  it('does not stop an opt-out that is being written', () => {
    const { record, receive, look, decided } = contacted();
    receive(says(false, 100));
    look();
    const writing = decided() as WriteAction;
    receive(deleted(100));
    expect(record.wanted.isOvertaken(writing)).toBe(false);
    expect(decided()).toMatchObject({ kind: 'update', blacklist: true });
  });

  it('keeps the workflow open until Didomi has answered', () => {
    const { record, receive, answer } = contacted();
    receive(deleted(100));
    expect(record.closesAt()).toBeUndefined();
    answer();
    expect(record.closesAt()).toBe(NOW + RULES.rememberMs);
  });

  it('that arrives while Didomi answers another one is asked about again', () => {
    const { record, receive } = contacted();
    receive(deleted(100));
    const round = record.deletions.begin();
    const ticket = receive(deleted(200));
    record.learnFromDidomi(round, { statements: [], records: 0, rules: RULES, rulesVersion: 'v1' }, NOW);
    expect(record.deletions.mustAsk()).toBe(true);
    expect(ticket.outcome).toBeUndefined();
  });

  it('that Didomi keeps us waiting for does not hold back an older no that comes late', () => {
    const { record, receive, answer, look, decided } = contacted();
    receive(says(true, 200));
    look();
    record.settle(record.inbox.begin(), { outcome: 'updated', refused: [] }, NOW);
    receive(deleted(200));
    record.holdForDidomi({ reason: "Didomi's key" }, NOW);
    const ticket = receive(says(false, 100));
    expect(record.wanted.wishes()).toMatchObject([{ value: false }, { value: false }]);
    expect(record.inbox.owesSomething()).toBe(true);
    look();
    expect(decided()).toMatchObject({ kind: 'update', blacklist: true });
    record.settle(record.inbox.begin(), { outcome: 'updated', refused: [] }, NOW);
    expect(ticket.outcome).toBe('updated');
    answer({ ...SUBJECT, silence: { asOf: 300 } });
    expect(record.wanted.wishes()).toMatchObject([{ value: false }, { value: false }]);
  });

  it('that is doubled asks again, and changes nothing that is shown', () => {
    const { record, receive, answer } = contacted();
    const first = receive(deleted(100));
    answer();
    const second = receive(deleted(100));
    expect(record.deletions.mustAsk()).toBe(true);
    answer();
    expect([first.outcome, second.outcome]).toEqual(['unchanged', 'unchanged']);
    expect(record.state.events).toHaveLength(1);
  });

  it('of an event that comes only then leaves nothing of it', () => {
    const { record, receive, answer } = contacted();
    receive(deleted(100));
    receive(says(false, 100));
    expect(record.wanted.wishes()).toEqual([]);
    answer();
    receive(says(true, 100));
    expect(record.wanted.wishes()).toEqual([]);
  });

  it('takes effect together with what holds instead', () => {
    const { record, receive, answer } = contacted();
    receive(says(true, 100));
    receive(says(false, 200));
    receive(deleted(200));
    expect(record.wanted.wishes()).toMatchObject([{ value: false }]);
    answer({ ...SUBJECT, silence: { asOf: 300 } });
    expect(record.wanted.wishes()).toEqual([]);
    answer(snapshot(true, 301));
    expect(record.wanted.wishes()).toMatchObject([{ value: true }, { value: true }]);
  });

  it('is not forgotten by a run that continues', () => {
    const before = contacted();
    before.receive(says(false, 200));
    before.receive(deleted(200));
    before.record.holdForDidomi({ reason: "Didomi's key" }, NOW);
    const { record, answer } = contacted(structuredClone(before.record.state));
    expect(record.shownOutcome()).toBe('held');
    answer(snapshot(true, 300));
    expect(record.wanted.wishes()).toMatchObject([{ value: true }, { value: true }]);
    expect(record.shownOutcome()).not.toBe('held');
  });

  it('tells a caller who would be kept waiting by a run that ends that it is held', () => {
    const { record, receive } = contacted();
    const ticket = receive(deleted(100));
    record.deletions.release();
    expect(ticket.outcome).toBe('held');
  });
});

describe('a patch that takes a choice back', () => {
  const takenBack = () =>
    change('e200', {
      type: 'event.updated',
      statements: [{ ...SUBJECT, retraction: { eventId: 'e200', known: 300 } }],
      readAgain: { user: 'u' },
    });
  /** An opt-in that a record of Didomi's repeats. */
  const optedIn = () => {
    const person = contacted();
    person.receive(says(true, 200));
    person.receive(change('u@1', { type: 'user.created', statements: [snapshot(true, 210)] }));
    person.look();
    person.record.settle(person.record.inbox.begin(), { outcome: 'updated', refused: [] }, NOW);
    return person;
  };

  it('leaves the record that may rest on it alone, and asks once', () => {
    const { record, receive, answer, decided } = optedIn();
    receive(takenBack());
    expect(record.deletions.mustAsk()).toBe(true);
    expect(decided().kind).toBe('none');
    answer(snapshot(false, 300));
    expect(record.wanted.wishes()).toMatchObject([{ value: false }, { value: false }]);
    receive(takenBack());
    expect(record.deletions.mustAsk()).toBe(false);
  });

  it('voids nothing else that the event says', () => {
    const { record, receive, answer } = optedIn();
    receive(takenBack());
    answer();
    const statements = [{ ...SUBJECT, choice: { value: false, at: 400, known: 400, eventId: 'e200' } }];
    receive(change('e200', { type: 'event.updated', statements }));
    expect(record.wanted.wishes()).toMatchObject([{ value: false }, { value: false }]);
  });

  it('is settled by itself: only the contact is held while Didomi refuses us', () => {
    const { record, receive } = optedIn();
    const ticket = receive(takenBack());
    record.holdForDidomi({ reason: "Didomi's key" }, NOW);
    expect(record.shownOutcome()).toBe('held');
    expect(ticket.outcome).not.toBe('held');
  });
});

describe('the spellings of a person', () => {
  it('are only our own until Didomi has another one', () => {
    const { record, receive } = contacted();
    receive(says(true, 100));
    expect(record.state.spellings).toBeUndefined();
    expect(spellingsOf(record.state, 'ana@x.io')).toEqual(['ana@x.io']);
    receive(says(true, 200, { organizationUserId: 'Ana@x.io' }));
    receive(says(true, 300, { organizationUserId: 'ANA@x.io' }));
    receive(says(true, 400, { organizationUserId: 'Ana@x.io' }));
    expect(spellingsOf(record.state, 'ana@x.io')).toEqual(['ana@x.io', 'ANA@x.io', 'Ana@x.io']);
  });
});
