import { describe, expect, it } from '@jest/globals';
import type { Contact } from '../../../consent/contact';
import { BLACKLIST_FLAG } from '../../../consent/rules';
import type { Statement } from '../../../consent/statement';
import type { Look } from '../../../workflows/activities-contract';
import { ContactRecord } from '../../../workflows/contact-record';
import { type CarriedState, newContactState } from '../../../workflows/contact-state';
import type { SubmittedChange } from '../../../workflows/contract';
import { testRules } from '../../support/rules';

const NEWS = 'consents_purposes_newsletter_enabled';
/** s since 1970. */
const TODAY = 1_800_000_000;
const NOW = TODAY * 1000;
const MINUTE = 60_000;

const RULES = testRules({
  integration: 'shop',
  mappings: [
    { id: 'NEWS', value: NEWS },
    { id: BLACKLIST_FLAG, value: NEWS },
  ],
  rememberMs: 86_400_000,
});
const SUBSCRIBED: Contact = { id: 7, emailBlacklisted: false, attributes: { NEWS: true } };
const OPTED_OUT: Contact = { id: 7, emailBlacklisted: true, attributes: { NEWS: false } };

function lookAt(contact: Contact | null, more: Partial<Look> = {}): Look {
  const targets = [
    { id: 'NEWS', name: 'NEWS', type: { kind: 'boolean' as const } },
    { id: 'LEDGER', name: 'LEDGER', type: { kind: 'text' as const } },
  ];
  return { contact, rules: RULES, rulesVersion: 'v1', targets, ...more };
}

function submitted(statement: object, more: Partial<SubmittedChange> = {}): SubmittedChange {
  const statements = [{ regulation: 'gdpr', path: NEWS, user: 'u', ...statement } as Statement];
  return {
    eventId: 'e',
    eventKey: 'e',
    type: 'event.created',
    receivedAt: NOW,
    rulesVersion: 'v1',
    statements,
    ...more,
  };
}

/** @param at s since 1970 */
function chosen(value: boolean, at: number): SubmittedChange {
  return submitted({ choice: { value, at, known: at, eventId: `e${at}` } }, { eventId: `e${at}` });
}

/** What a resync submits: Didomi's record of this time, and what was read of Brevo so many ms ago. */
function resynced(
  value: boolean,
  {
    asOf = TODAY - 86_400,
    read = SUBSCRIBED as Contact | null,
    ago = 10_000,
    more = {} as Partial<Look>,
  } = {},
): SubmittedChange {
  const look = { look: lookAt(read, more), at: NOW - ago };
  return submitted({ snapshot: { value, asOf } }, { eventId: 'run', type: 'resync', bulk: true, look });
}

/** What is called, in order, until nothing is owed: a look, or what is written. */
class Calls {
  readonly made: unknown[] = [];

  constructor(
    readonly record: ContactRecord,
    private readonly inBrevo: Contact | null,
    private readonly now = NOW,
  ) {}

  settle(): this {
    const { record, now } = this;
    while (record.inbox.owesSomething()) {
      const anew = record.wanted.anew();
      if (record.wanted.needsLook()) {
        const round = record.inbox.begin();
        this.made.push('look');
        record.learn(lookAt(this.inBrevo), now, now);
        record.brevo.noteCall('lookUpContact', now, 'found');
        record.inbox.keep(round);
        continue;
      }
      this.decide(anew);
    }
    return this;
  }

  private decide(anew: ReadonlySet<string>): void {
    const { record, now } = this;
    const { knowledge } = record.state;
    if (!knowledge) throw new Error('look first');
    const { action, refused, guarded } = record.wanted.decide(knowledge, anew);
    const round = record.inbox.begin();
    if (action.kind === 'none') {
      record.settle(round, { outcome: action.outcome, refused, guarded }, now);
      return;
    }
    const values = Object.fromEntries(action.attributes.map(({ id, value }) => [id, value]));
    const on = action.kind !== 'clear' && action.blacklist;
    this.made.push({ [action.kind]: values, ...(on && { blacklist: 'on' }) });
    const before = knowledge.contact ?? SUBSCRIBED;
    const emailBlacklisted = on || (action.kind !== 'clear' && before.emailBlacklisted);
    const attributes = { ...before.attributes, ...values };
    record.brevo.noteWritten({ ...before, emailBlacklisted, attributes }, now);
    record.brevo.noteCall('updateContact', now, 'written');
    record.settle(round, { outcome: 'updated', refused, guarded }, now);
  }
}

function callsFor(change: SubmittedChange, inBrevo: Contact | null = SUBSCRIBED): unknown[] {
  const record = new ContactRecord(newContactState());
  record.receive(change, NOW);
  return new Calls(record, inBrevo).settle().made;
}

/** A contact of which we know this, by a look of so many ms ago. */
function known(change: SubmittedChange, contact: Contact, ago: number): ContactRecord {
  const record = new ContactRecord(newContactState());
  record.receive(change, NOW - ago);
  new Calls(record, contact, NOW - ago).settle();
  return record;
}

function callsAfter(record: ContactRecord, change: SubmittedChange, inBrevo = SUBSCRIBED): unknown[] {
  record.receive(change, NOW);
  return new Calls(record, inBrevo).settle().made;
}

describe('a contact that a resync submits with what it has just read of Brevo', () => {
  it('costs its write alone where it differs', () => {
    expect(callsFor(resynced(false))).toEqual([{ update: { NEWS: false }, blacklist: 'on' }]);
  });

  it('costs nothing where Brevo holds all of it', () => {
    expect(callsFor(resynced(true))).toEqual([]);
    expect(callsFor(resynced(false, { read: OPTED_OUT }))).toEqual([]);
  });

  it('is created where nothing was found', () => {
    expect(callsFor(resynced(true, { read: null }))).toEqual([{ create: { NEWS: true } }]);
  });

  it('is created also where that was long ago: Brevo refuses if it has one since', () => {
    const ago = 600 * MINUTE;
    expect(callsFor(resynced(true, { read: null, ago }))).toEqual([{ create: { NEWS: true } }]);
  });

  it('is told with the time of what it was compared with', () => {
    const record = new ContactRecord(newContactState());
    record.receive(resynced(false), NOW);
    expect(record.state.events).toMatchObject([{ type: 'resync', comparedWith: NOW - 10_000 }]);
  });

  it('is repaired where Brevo no longer holds what is in force, although it tells nothing new', () => {
    const record = known(chosen(false, TODAY - 3_600), OPTED_OUT, 30 * MINUTE);
    expect(callsAfter(record, resynced(false))).toEqual([{ update: { NEWS: false }, blacklist: 'on' }]);
  });

  it.each([
    ['the choice', 3_600, false],
    ['the resync', 2 * 86_400, true],
  ])('follows the later of an opt-out and an opt-in: %s', (_, ago, wins) => {
    const record = known(chosen(false, TODAY - ago), OPTED_OUT, 30 * MINUTE);
    expect(callsAfter(record, resynced(true, { read: OPTED_OUT }))).toEqual(
      wins ? [{ update: { NEWS: true } }] : [],
    );
    expect(record.state.events.at(-1)?.outcome).toBe(wins ? 'guarded' : 'stale');
    expect(record.wanted.wishes().map(({ value }) => value)).toEqual([wins, wins]);
  });
});

describe('what a resync has read of Brevo is not used, and Brevo looked at instead,', () => {
  const LOOKED_UP = ['look', { update: { NEWS: false }, blacklist: 'on' }];

  it('when it is ten minutes old', () => {
    expect(callsFor(resynced(false, { ago: 9 * MINUTE }))).toHaveLength(1);
    expect(callsFor(resynced(false, { ago: 10 * MINUTE }))).toEqual(LOOKED_UP);
  });

  it('when it is a minute old and there is a ledger, which others may have written since', () => {
    const more = { rules: { ...RULES, ledgerAttribute: 'LEDGER' } };
    expect(callsFor(resynced(false, { ago: 50_000, more }))).toHaveLength(1);
    expect(callsFor(resynced(false, { ago: MINUTE, more }))).toEqual(LOOKED_UP);
  });

  it('when it is dated ahead of our clock', () => {
    expect(callsFor(resynced(false, { ago: -MINUTE }))).toEqual(LOOKED_UP);
  });

  it('when it was read by other rules', () => {
    const more = { rulesVersion: 'v0' };
    expect(callsFor(resynced(false, { more }))).toEqual(LOOKED_UP);
  });

  it('when the workflow knows the contact by other rules', () => {
    const record = known(chosen(true, TODAY - 2 * 86_400), SUBSCRIBED, 30 * MINUTE);
    record.state.rulesVersion = 'v0';
    expect(callsAfter(record, resynced(false))).toEqual(LOOKED_UP);
  });

  it.each<[string, Partial<CarriedState>]>([
    ['a write without an answer may still be carried out', { doubtful: ['NEWS'] }],
    ['it is to be looked at again', { recheckAt: NOW + 1 }],
    ['taking it off the blacklist began', { memory: { own: [], clearingBegun: true } }],
  ])('when %s', (_, state) => {
    const record = new ContactRecord({ ...newContactState(), ...state });
    expect(callsAfter(record, resynced(false))).toEqual(LOOKED_UP);
  });

  it('when something else is owed already', () => {
    const record = new ContactRecord(newContactState());
    record.receive(chosen(true, TODAY - 2 * 86_400), NOW);
    expect(callsAfter(record, resynced(false))).toEqual(LOOKED_UP);
  });

  it('when a write of ours that began before it has ended since', () => {
    const record = known(chosen(true, TODAY - 2 * 86_400), SUBSCRIBED, 30 * MINUTE);
    record.brevo.noteWritten(SUBSCRIBED, NOW - 5 * MINUTE);
    record.brevo.noteCall('updateContact', NOW - 1_000, 'written');
    // Brevo holds the opt-in since: what was read before is no reason to leave the opt-out unwritten.
    expect(callsAfter(record, resynced(false, { read: OPTED_OUT, ago: 2 * MINUTE }))).not.toEqual([]);
  });

  it.each([
    ['was not found under its address', null],
    ['has lost its address to another', { ...OPTED_OUT, id: 8 }],
  ])('when a contact that we know by its id %s', (_, read) => {
    const record = known(chosen(false, TODAY - 3_600), OPTED_OUT, 30 * MINUTE);
    expect(callsAfter(record, resynced(false, { read }), OPTED_OUT)).toEqual(['look']);
  });

  it.each([
    ['nothing may be created', { upsertMode: false }],
    ['Brevo gives the ids', { identifier: 'contact_id' as const }],
  ])('when no contact was found and %s: the list may have missed it', (_, rules) => {
    const more = { rules: { ...RULES, ...rules } };
    expect(callsFor(resynced(false, { read: null, more }))).toEqual(LOOKED_UP);
  });

  it('and not even looked at where our own look is later and nothing new is told', () => {
    const record = known(chosen(false, TODAY - 3_600), OPTED_OUT, MINUTE);
    const old = resynced(false, { asOf: TODAY - 7_200, ago: 2 * MINUTE });
    expect(callsAfter(record, old, OPTED_OUT)).toEqual([]);
  });
});

describe('the calls of a contact', () => {
  function urgency(...changes: SubmittedChange[]): string {
    const record = new ContactRecord(newContactState());
    for (const change of changes) record.receive(change, NOW);
    return record.haste.urgency(record.wanted.hasWithdrawal());
  }

  it('let live events pass while a resync alone asks for them', () => {
    expect(urgency(resynced(true, { ago: 10 * MINUTE }))).toBe('bulk');
    expect(urgency(resynced(false, { ago: 10 * MINUTE }))).toBe('bulkWithdrawal');
  });

  it('are as urgent as the most urgent of what waits', () => {
    expect(urgency(resynced(true), chosen(true, TODAY))).toBe('live');
    expect(urgency(chosen(true, TODAY), resynced(true))).toBe('live');
    expect(urgency(resynced(true), chosen(false, TODAY))).toBe('withdrawal');
  });

  it('stay in the bulk when what a resync wrote is looked at again, also in a new run', () => {
    const record = new ContactRecord(newContactState());
    record.receive(resynced(true), NOW);
    new Calls(record, SUBSCRIBED).settle();
    const carried = JSON.parse(JSON.stringify(record.state)) as CarriedState;
    const next = new ContactRecord({ ...carried, recheckAt: NOW });
    next.recheckIfDue(NOW);
    expect(next.haste.urgency(next.wanted.hasWithdrawal())).toBe('bulk');
  });

  it('are live again for the next event', () => {
    const record = known(resynced(true), SUBSCRIBED, MINUTE);
    record.receive(chosen(true, TODAY), NOW);
    expect(record.haste.urgency(false)).toBe('live');
  });
});
