import { describe, expect, it } from '@jest/globals';
import type { Contact } from '../../../consent/contact';
import type { WriteAction } from '../../../consent/decide';
import { readLedger } from '../../../consent/ledger';
import type { Rules } from '../../../consent/rules';
import type { Look } from '../../../workflows/activities-contract';
import { ContactRecord } from '../../../workflows/contact-record';
import { newContactState } from '../../../workflows/contact-state';
import type { SubmittedChange } from '../../../workflows/contract';
import { testRules } from '../../support/rules';

const NEWS = 'consents_purposes_newsletter_enabled';
const NOW = 1_800_000_000_000;

const RULES = testRules({
  integration: 'shop',
  mappings: [{ id: 'NEWS', value: NEWS }],
  rememberMs: 86_400_000,
  ledgerAttribute: 'LEDGER',
});

const OTHER = 'consents_purposes_other_enabled';
/** After the configuration changed. */
const OTHER_RULES: Rules = { ...RULES, mappings: [{ id: 'OTHER', value: OTHER }] };

function lookAt(contact: Contact | null): Look {
  const targets = [
    { id: 'NEWS', name: 'NEWS', type: { kind: 'boolean' as const } },
    { id: 'LEDGER', name: 'LEDGER', type: { kind: 'text' as const } },
  ];
  return { contact, rules: RULES, rulesVersion: 'v1', targets };
}

function holding(attributes: Record<string, unknown>): Contact {
  return { id: 7, emailBlacklisted: false, attributes };
}

function choice(value: boolean, at: number, eventId = `e${at}`, path = NEWS): SubmittedChange {
  return {
    eventId,
    eventKey: eventId,
    type: 'event.created',
    receivedAt: NOW,
    rulesVersion: 'v1',
    statements: [{ regulation: 'gdpr', path, user: 'u1', choice: { value, at, known: at, eventId } }],
  };
}

function decide(record: ContactRecord) {
  const { knowledge } = record.state;
  if (!knowledge) throw new Error('look first');
  return record.wanted.decide(knowledge, record.wanted.anew());
}

/** A record that was told of a choice, and knows Brevo since. */
function told(change: SubmittedChange, contact: Contact): ContactRecord {
  const record = new ContactRecord(newContactState());
  record.receive(change, NOW);
  look(record, contact);
  return record;
}

function look(record: ContactRecord, contact: Contact | null, more: Partial<Look> = {}): void {
  const round = record.inbox.begin();
  record.learn({ ...lookAt(contact), ...more }, NOW, NOW);
  record.inbox.keep(round);
}

describe('a contact with a ledger', () => {
  it('is always looked at before it is written, because another workflow may know it too', () => {
    const record = told(choice(true, 100), holding({ NEWS: false }));
    record.settle(record.inbox.begin(), { outcome: 'updated', refused: [] }, NOW);
    record.receive(choice(false, 200), NOW);
    expect(record.wanted.needsLook()).toBe(true);
  });

  it('that holds the value gets the newer choice of it written to the ledger alone', () => {
    const record = told(choice(true, 100), holding({ NEWS: true }));
    expect(decide(record).action).toEqual({ kind: 'update', attributes: [], blacklist: false, ledger: true });
    const written = readLedger(record.ledger.text(), [NEWS], NOW / 1000);
    expect(written.state).toMatchObject([
      { path: NEWS, choices: [{ value: true, at: 100, eventId: 'e100' }] },
    ]);
  });

  it('that tells of a later choice makes an older one stale, and the value of the later one is kept', () => {
    const known = told(choice(false, 200), holding({ NEWS: false })).ledger.text();
    const record = new ContactRecord(newContactState());
    const ticket = record.receive(choice(true, 100), NOW);
    look(record, holding({ NEWS: false, LEDGER: known }));
    const { action } = decide(record);
    expect(action).toEqual({ kind: 'none', outcome: 'unchanged' });
    record.settle(record.inbox.begin(), { outcome: 'unchanged', refused: [] }, NOW);
    expect(ticket.outcome).toBe('stale');
    expect(record.shownOutcome()).toBe('stale');
  });

  it('that Brevo does not keep as written is written three times, and then shown as refused', () => {
    const record = told(choice(true, 100), holding({ NEWS: true }));
    for (let times = 1; times <= 3; times += 1) {
      expect(decide(record).action.kind).toBe('update');
      record.brevo.noteLedgerWritten(record.ledger.text(), NOW);
      record.learn(lookAt(holding({ NEWS: true, LEDGER: '1;=0:cut' })), NOW, NOW);
    }
    expect(decide(record)).toMatchObject({ action: { kind: 'none' }, refused: [{ id: 'LEDGER' }] });
  });

  it('that Brevo did keep may be written as often as somebody clears it', () => {
    const record = told(choice(true, 100), holding({ NEWS: true }));
    for (let times = 1; times <= 5; times += 1) {
      expect(decide(record).action.kind).toBe('update');
      record.brevo.noteLedgerWritten(record.ledger.text(), NOW);
      look(record, holding({ NEWS: true, LEDGER: record.ledger.text() }));
      look(record, holding({ NEWS: true }));
    }
  });

  it('is looked at once more a minute after its ledger was written', () => {
    const record = told(choice(true, 100), holding({ NEWS: true }));
    record.brevo.noteLedgerWritten(record.ledger.text(), NOW);
    expect(record.closesAt()).toBeUndefined();
    record.recheckIfDue(NOW + 60_000);
    expect(record.wanted.needsLook()).toBe(true);
    expect(record.closesAt()).toBeDefined();
  });

  it('that is remembered for less than a minute is looked at when its time is over', () => {
    const record = told(choice(true, 100), holding({ NEWS: true }));
    record.state.rules = { ...RULES, rememberMs: 2_000 };
    record.brevo.noteLedgerWritten(record.ledger.text(), NOW);
    expect(record.state.recheckAt).toBe(NOW + 2_000);
  });

  it('whose ledger was written without an answer gets it once more, though it seems to be right', () => {
    const record = told(choice(true, 100), holding({ NEWS: true }));
    record.brevo.beginWrite(['LEDGER']);
    record.brevo.giveUp(NOW);
    look(record, holding({ NEWS: true, LEDGER: record.ledger.text() }));
    const action = decide(record).action as WriteAction;
    expect(action).toEqual({ kind: 'update', attributes: [], blacklist: false, ledger: true });
    expect(record.wanted.isOvertaken(action)).toBe(false);
  });

  it('of which a path is no longer mapped, while its workflow is open, is not written because of that', () => {
    const record = told(choice(true, 100), holding({ NEWS: true }));
    const ledger = record.ledger.text();
    look(record, holding({ NEWS: true, LEDGER: ledger }), { rules: OTHER_RULES });
    expect(decide(record).action).toEqual({ kind: 'none', outcome: 'unchanged' });
    expect(record.ledger.text()).toBe(ledger);
  });

  it('of which a path is mapped only later, while its workflow is open, tells of it from then on', () => {
    const ledger = told(choice(false, 100), holding({ NEWS: false })).ledger.text();
    const record = new ContactRecord(newContactState());
    record.receive(choice(true, 150, 'e150', OTHER), NOW);
    look(record, holding({ OTHER: true, LEDGER: ledger }), { rules: OTHER_RULES });
    const both = record.ledger.text();
    look(record, holding({ NEWS: false, LEDGER: both }));
    expect(record.wanted.wishes()).toMatchObject([{ id: 'NEWS', value: false, inForce: { time: 100 } }]);
    expect(decide(record).action).toEqual({ kind: 'none', outcome: 'unchanged' });
    expect(record.ledger.text()).toBe(both);
  });

  it('is skipped where there is no such contact, whatever is wrong with the attribute', () => {
    const record = new ContactRecord(newContactState());
    record.receive(choice(true, 100), NOW);
    const targets = lookAt(null).targets.map((one) =>
      one.id === 'LEDGER' ? { ...one, type: { kind: 'missing' as const } } : one,
    );
    look(record, null, { rules: { ...RULES, upsertMode: false }, targets });
    expect(decide(record)).toEqual({ action: { kind: 'none', outcome: 'skipped' }, refused: [] });
  });

  it('that tells of a yes of unknown time does not make an older no of another user stale: it counts', () => {
    const other = new ContactRecord(newContactState());
    const yes = { regulation: 'gdpr', path: NEWS, user: 'u2', snapshot: { value: true, asOf: 200 } };
    other.receive({ ...choice(true, 200), statements: [yes] }, NOW);
    const record = new ContactRecord(newContactState());
    const ticket = record.receive(choice(false, 100), NOW);
    look(record, holding({ NEWS: true, LEDGER: other.ledger.text() }));
    expect(decide(record).action).toMatchObject({
      kind: 'update',
      attributes: [{ id: 'NEWS', value: false }],
    });
    record.settle(record.inbox.begin(), { outcome: 'updated', refused: [] }, NOW);
    expect(ticket.outcome).toBe('updated');
  });

  it('whose ledger tells of a deleted event does not make an older choice stale', () => {
    const held = told(choice(true, 200), holding({ NEWS: true })).ledger.text();
    const record = new ContactRecord({ ...newContactState(), deletedEvents: ['e200'] });
    const ticket = record.receive(choice(false, 100), NOW);
    look(record, holding({ NEWS: true, LEDGER: held }));
    record.settle(record.inbox.begin(), { outcome: 'updated', refused: [] }, NOW);
    expect(ticket.outcome).toBe('updated');
  });
});
