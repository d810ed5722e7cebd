import { describe, expect, it } from '@jest/globals';
import { forbiddingUnsubscription } from '../../../consent/clearing';
import type { Contact } from '../../../consent/contact';
import { type Action, type ClearAction, isWithdrawing, type WriteAction } from '../../../consent/decide';
import type { Refusal } from '../../../consent/outcome';
import { BLACKLIST_FLAG, type Rules } from '../../../consent/rules';
import type { ConsentValue, Statement } from '../../../consent/statement';
import { ContactRecord, type Settlement } from '../../../workflows/contact-record';
import { type CarriedState, newContactState } from '../../../workflows/contact-state';
import type { SubmittedChange } from '../../../workflows/contract';
import type { Ticket } from '../../../workflows/inbox';

const MAIL = 'consents_purposes_mail_enabled';
const NEWS = 'consents_purposes_news_enabled';

const RULES: Rules = {
  integration: 'default',
  upsertMode: true,
  mappings: [
    { id: BLACKLIST_FLAG, value: MAIL },
    { id: 'NEWS', value: NEWS },
  ],
  identifier: 'auto',
  regulations: ['gdpr'],
  rememberMs: 1_000,
  resubscribe: 'newer',
  dryRun: false,
};
const SUBSCRIBED: Contact = { id: 7, emailBlacklisted: false, attributes: {} };
const BLACKLISTED: Contact = { ...SUBSCRIBED, emailBlacklisted: true };

interface Said {
  readonly id?: string;
  readonly type?: string;
  readonly rulesVersion?: string;
}

function change(statements: Statement[], { id, type, rulesVersion }: Said = {}): SubmittedChange {
  const eventId = id ?? 'e';
  return {
    eventId,
    eventKey: eventId,
    type: type ?? 'event.created',
    receivedAt: 0,
    rulesVersion: rulesVersion ?? 'v1',
    statements,
  };
}

/** An event in which the person chose this, at a time in s; Didomi's event id follows from the time. */
function event(path: string, value: ConsentValue, at: number, said: Said = {}): SubmittedChange {
  const choice = { value, at, known: at, eventId: `e${at}` };
  return change([{ regulation: 'gdpr', path, user: 'u', choice }], { id: `e${at}`, ...said });
}

/** A user record of the same person. */
function userRecord(path: string, value: ConsentValue, asOf: number): SubmittedChange {
  const statements = [{ regulation: 'gdpr', path, user: 'u', snapshot: { value, asOf } }];
  return change(statements, { id: `u@${asOf}`, type: 'user.created' });
}

/** A workflow without Temporal or Brevo: time stands at so many seconds, which is also when Brevo is asked. */
class Contacted {
  readonly record: ContactRecord;
  now = 1_000;

  /** @param carried what a run before this one left */
  constructor(carried: CarriedState = newContactState()) {
    this.record = new ContactRecord(carried);
  }

  receive(submitted: SubmittedChange): Ticket {
    return this.record.receive(submitted, this.now * 1000);
  }

  look(contact: Contact | null): void {
    const round = this.record.inbox.begin();
    this.learn(contact);
    this.record.inbox.keep(round);
  }

  /** Carries out what is decided, as if Brevo took it. */
  write(settlement: Partial<Settlement> = {}): void {
    const { record } = this;
    const { knowledge } = record.state;
    if (!knowledge) throw new Error('look first');
    const { action, refused, guarded } = record.wanted.decide(knowledge, record.wanted.anew());
    const round = record.inbox.begin();
    const at = this.now * 1000;
    if (action.kind !== 'none') {
      const blacklist = action.kind !== 'clear' && action.blacklist;
      const ids = [...action.attributes.map(({ id }) => id), ...(blacklist ? [BLACKLIST_FLAG] : [])];
      record.brevo.beginWrite(ids);
      if (blacklist) this.blacklist(at, this.now);
      if (action.kind === 'clear') record.brevo.noteOffBlacklist();
      record.brevo.confirm(ids);
      const before = knowledge.contact ?? SUBSCRIBED;
      const written = Object.fromEntries(action.attributes.map(({ id, value }) => [id, value]));
      const emailBlacklisted = action.kind === 'clear' ? false : blacklist || before.emailBlacklisted;
      const contact = { ...before, emailBlacklisted, attributes: { ...before.attributes, ...written } };
      record.brevo.noteWritten(contact, at);
    }
    const outcomes = { none: 'unchanged', create: 'created', update: 'updated', clear: 'updated' } as const;
    const outcome = action.kind === 'none' ? action.outcome : outcomes[action.kind];
    record.settle(round, { outcome, refused, guarded, ...settlement }, at);
  }

  /** A write of ours that puts the contact on the blacklist and takes 5 ms. @param at ms */
  blacklist(at: number, since: number): void {
    this.record.brevo.beginBlacklisting(at, since);
    this.record.brevo.endBlacklisting(at + 5);
    this.record.brevo.noteOnBlacklist();
  }

  /** Until nothing is owed. */
  settle(inBrevo: Contact | null): void {
    while (this.record.inbox.owesSomething()) {
      if (this.record.wanted.needsLook()) this.look(inBrevo);
      else this.write();
    }
  }

  /** What is decided for what is known. */
  action(): Action {
    const { knowledge } = this.record.state;
    if (!knowledge) throw new Error('look first');
    return this.record.wanted.decide(knowledge, this.record.wanted.anew()).action;
  }

  /** What a person who looks the contact up is shown. */
  shown() {
    const { events } = this.record.state;
    return {
      outcome: this.record.shownOutcome(),
      events: events.map(({ eventId, type, outcome }) => `${type} ${eventId}: ${outcome}`),
    };
  }

  private learn(contact: Contact | null): void {
    const targets = [{ id: 'NEWS', name: 'NEWS', type: { kind: 'boolean' as const } }];
    this.record.learn(
      { contact, rules: RULES, rulesVersion: 'v1', targets },
      this.now * 1000,
      this.now * 1000,
    );
  }
}

/** A contact whose first event, an opt-in to news at 100, was settled. */
function known(contact: Contact = SUBSCRIBED): Contacted {
  const contacted = new Contacted();
  contacted.receive(event(NEWS, true, 100));
  contacted.settle(contact);
  return contacted;
}

describe('a change without statements', () => {
  const TOLD = { ...change([], { id: 'moved', type: 'user.updated' }), movedAway: true as const };

  it('is told in the story as unchanged, costs no call, and is not stale', () => {
    const contacted = known();
    const { knowledge } = contacted.record.state;
    expect(contacted.receive(TOLD).outcome).toBe('unchanged');
    expect(contacted.record.inbox.owesSomething()).toBe(false);
    expect(contacted.record.state.knowledge).toBe(knowledge);
    expect(contacted.shown().events.at(-1)).toBe('user.updated moved: unchanged');
    expect(contacted.record.state.events.at(-1)).toMatchObject({ movedAway: true });
  });

  it('does not wait for others, nor make them anything else', () => {
    const contacted = new Contacted();
    const ticket = contacted.receive(event(NEWS, true, 100));
    expect(contacted.receive({ ...TOLD, rulesVersion: 'v2' }).outcome).toBe('unchanged');
    contacted.settle(SUBSCRIBED);
    expect(ticket.outcome).toBe('updated');
    expect(contacted.shown().outcome).toBe('updated');
  });

  it('leaves nothing to remember where nothing else was said', () => {
    const contacted = new Contacted();
    expect(contacted.record.closesAt()).toBe(0);
    contacted.receive(TOLD);
    expect(contacted.receive(TOLD).outcome).toBe('unchanged');
    expect(contacted.record.closesAt()).toBe(1_000_000);
    expect(contacted.shown().events).toEqual(['user.updated moved: unchanged']);
    contacted.receive(event(NEWS, true, 100));
    expect(contacted.record.closesAt()).toBeUndefined();
  });
});

describe('a change', () => {
  it('is looked up, written and settled with what became of it', () => {
    const contacted = new Contacted();
    const ticket = contacted.receive(event(NEWS, true, 100));
    expect(ticket.outcome).toBeUndefined();
    expect(contacted.record.wanted.needsLook()).toBe(true);
    contacted.look(SUBSCRIBED);
    expect(contacted.record.wanted.needsLook()).toBe(false);
    expect(ticket.outcome).toBeUndefined();
    contacted.write();
    expect(ticket.outcome).toBe('updated');
    expect(contacted.record.inbox.owesSomething()).toBe(false);
    expect(contacted.shown()).toEqual({ outcome: 'updated', events: ['event.created e100: updated'] });
  });

  it('that Brevo held already is unchanged', () => {
    const contacted = new Contacted();
    const ticket = contacted.receive(event(NEWS, true, 100));
    contacted.settle({ ...SUBSCRIBED, attributes: { NEWS: true } });
    expect(ticket.outcome).toBe('unchanged');
  });

  it('that is older than what is in force is stale, costs no call and changes nothing', () => {
    const contacted = known();
    const ticket = contacted.receive(event(NEWS, false, 50));
    expect(ticket.outcome).toBe('stale');
    expect(contacted.record.inbox.owesSomething()).toBe(false);
    expect(contacted.shown().outcome).toBe('stale');
    expect(contacted.record.wanted.wishes()).toMatchObject([{ id: 'NEWS', value: true }]);
  });

  it('that is stale is shown as stale while newer ones are still being written', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, true, 100));
    expect(contacted.receive(event(NEWS, false, 50)).outcome).toBe('stale');
    contacted.settle(SUBSCRIBED);
    expect(contacted.shown()).toEqual({
      outcome: 'updated',
      events: ['event.created e100: updated', 'event.created e50: stale'],
    });
  });

  it('that comes with several others is settled with them in one write', () => {
    const contacted = new Contacted();
    const tickets = [event(NEWS, true, 100), event(MAIL, false, 101), event(NEWS, false, 102)].map((one) =>
      contacted.receive(one),
    );
    contacted.look(SUBSCRIBED);
    contacted.write();
    expect(tickets.map(({ outcome }) => outcome)).toEqual(['updated', 'updated', 'updated']);
    expect(contacted.record.state.knowledge?.contact).toMatchObject({
      emailBlacklisted: true,
      attributes: { NEWS: false },
    });
  });

  it('that arrives while another is being written waits for the next round', () => {
    const contacted = known();
    const first = contacted.receive(event(NEWS, false, 200));
    const round = contacted.record.inbox.begin();
    const second = contacted.receive(event(NEWS, true, 300));
    contacted.record.settle(round, { outcome: 'updated', refused: [] }, 0);
    expect(first.outcome).toBe('updated');
    expect(second.outcome).toBeUndefined();
    expect(contacted.record.inbox.owesSomething()).toBe(true);
  });

  it('whose round came to nothing is still owed', () => {
    const contacted = known();
    const ticket = contacted.receive(event(NEWS, false, 200));
    contacted.record.inbox.reopen(contacted.record.inbox.begin());
    expect(contacted.record.inbox.owesSomething()).toBe(true);
    expect(contacted.record.state.unseen).toEqual([NEWS]);
    contacted.settle(SUBSCRIBED);
    expect(ticket.outcome).toBe('updated');
  });

  it('that takes the only choice back leaves nothing to be written', () => {
    const contacted = known();
    const retraction = { eventId: 'e100', known: 200 };
    const ticket = contacted.receive(
      change([{ regulation: 'gdpr', path: NEWS, user: 'u', retraction }], { type: 'event.updated' }),
    );
    contacted.settle({ ...SUBSCRIBED, attributes: { NEWS: true } });
    expect(ticket.outcome).toBe('unchanged');
    expect(contacted.record.wanted.wishes()).toEqual([]);
  });
});

describe('a doubled message', () => {
  it('changes nothing that is shown, once everything is settled', () => {
    const contacted = known();
    contacted.receive(event(NEWS, false, 50));
    const before = contacted.shown();
    const again = [event(NEWS, true, 100), event(NEWS, false, 50)].map((one) => contacted.receive(one));
    expect(again.map(({ outcome }) => outcome)).toEqual(['updated', 'stale']);
    expect(contacted.shown()).toEqual(before);
    expect(contacted.record.inbox.owesSomething()).toBe(false);
  });

  it('is settled with the first one when that still waits', () => {
    const contacted = new Contacted();
    const tickets = [1, 2].map(() => contacted.receive(event(NEWS, true, 100)));
    expect(tickets.map(({ outcome }) => outcome)).toEqual([undefined, undefined]);
    contacted.settle(SUBSCRIBED);
    expect(tickets.map(({ outcome }) => outcome)).toEqual(['updated', 'updated']);
    expect(contacted.shown().events).toEqual(['event.created e100: updated']);
  });

  it('lets the contact be remembered from then on', () => {
    const contacted = known();
    contacted.now = 5_000;
    contacted.receive(event(NEWS, true, 100));
    expect(contacted.record.state.lastEventAt).toBe(5_000_000);
  });

  it('changes nothing that is shown of its event while another one waits', () => {
    const contacted = known();
    contacted.receive(event(MAIL, true, 200));
    contacted.receive(event(NEWS, true, 100));
    contacted.settle({ ...SUBSCRIBED, attributes: { NEWS: true } });
    expect(contacted.shown().events).toEqual([
      'event.created e100: updated',
      'event.created e200: unchanged',
    ]);
  });

  it('is not called settled while the first one is being written', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, true, 100));
    contacted.record.inbox.begin();
    expect(contacted.receive(event(NEWS, true, 100)).outcome).toBeUndefined();
  });

  it('of another type is a message of its own', () => {
    const contacted = known();
    contacted.receive(event(NEWS, true, 100, { type: 'event.updated' }));
    expect(contacted.shown().events).toEqual([
      'event.created e100: updated',
      'event.updated e100: unchanged',
    ]);
  });

  it('that says something new all the same is taken as new', () => {
    const contacted = known();
    const ticket = contacted.receive(event(NEWS, false, 200, { id: 'e100' }));
    contacted.settle(SUBSCRIBED);
    expect(ticket.outcome).toBe('updated');
  });
});

describe('one fact that Didomi tells in an event and in a user record', () => {
  it.each([
    ['the event first', [event(NEWS, true, 100), userRecord(NEWS, true, 100)]],
    ['the record first', [userRecord(NEWS, true, 100), event(NEWS, true, 100)]],
  ])('is one write: %s', (_, messages) => {
    const contacted = new Contacted();
    const tickets = messages.map((one) => contacted.receive(one));
    contacted.look(SUBSCRIBED);
    contacted.write();
    expect(tickets.map(({ outcome }) => outcome)).toEqual(['updated', 'updated']);
    expect(contacted.record.inbox.owesSomething()).toBe(false);
    expect(contacted.record.wanted.wishes()).toMatchObject([{ value: true, inForce: { time: 100 } }]);
  });

  it('costs no further look when the record comes later but is older than our write', () => {
    const contacted = known();
    const ticket = contacted.receive(userRecord(NEWS, true, 100));
    expect(ticket.outcome).toBe('unchanged');
    expect(contacted.record.inbox.owesSomething()).toBe(false);
  });

  it('is looked up again when the record was made after our write, because Brevo may have changed', () => {
    const contacted = known();
    const ticket = contacted.receive(userRecord(NEWS, true, contacted.now + 1));
    expect(ticket.outcome).toBeUndefined();
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });

  it('is not called settled for the record while the event is being written', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, true, 100));
    contacted.look(SUBSCRIBED);
    contacted.record.inbox.begin();
    expect(contacted.receive(userRecord(NEWS, true, 100)).outcome).toBeUndefined();
  });
});

describe('knowing the contact saves a look', () => {
  it('for a newer choice that differs from what Brevo holds', () => {
    const contacted = known();
    contacted.receive(event(NEWS, false, 200));
    expect(contacted.record.wanted.needsLook()).toBe(false);
    expect(contacted.action().kind).toBe('update');
  });

  it('for a withdrawal from mail, which is written at once', () => {
    const contacted = known();
    contacted.receive(event(MAIL, false, 200));
    expect(contacted.record.wanted.needsLook()).toBe(false);
    expect(contacted.record.wanted.hasWithdrawal()).toBe(true);
    contacted.write();
    expect(contacted.record.state.knowledge?.contact?.emailBlacklisted).toBe(true);
  });

  it('for an opt-in of a contact on the blacklist, because clearing it looks itself', () => {
    const contacted = known(BLACKLISTED);
    contacted.receive(event(MAIL, true, 200));
    expect(contacted.record.wanted.needsLook()).toBe(false);
    expect(contacted.action().kind).toBe('clear');
  });

  it('never for a withdrawal chosen anew that equals what we last wrote: it is looked up or written', () => {
    const contacted = known();
    contacted.receive(event(MAIL, false, 200));
    contacted.settle(SUBSCRIBED);
    contacted.receive(event(MAIL, false, 300));
    expect(contacted.record.wanted.needsLook()).toBe(true);
    contacted.receive(event(NEWS, false, 300, { id: 'other' }));
    expect(contacted.record.wanted.needsLook()).toBe(false);
    expect(contacted.action()).toMatchObject({ blacklist: true, attributes: [{ id: 'NEWS', value: false }] });
  });

  it('never for an opt-in of a contact that we saw off the blacklist, because it may be on it now', () => {
    const contacted = known();
    contacted.receive(event(MAIL, true, 200));
    expect(contacted.record.wanted.needsLook()).toBe(true);
    contacted.receive(event(NEWS, false, 201));
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });

  it('never for a contact that Brevo did not have', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, true, 100));
    contacted.look(null);
    contacted.write({ outcome: 'skipped' });
    contacted.record.learn({ contact: null, rules: RULES, rulesVersion: 'v1', targets: [] }, 0, 0);
    contacted.receive(event(NEWS, false, 200));
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });

  it('never while something is refused, because what Brevo takes may have changed', () => {
    const contacted = known();
    contacted.receive(event(NEWS, false, 200));
    contacted.write({ refused: [{ id: 'NEWS', reason: 'no' }] });
    contacted.receive(event(NEWS, true, 300));
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });

  it('never after the contact was lost', () => {
    const contacted = known();
    contacted.record.brevo.forget();
    contacted.receive(event(NEWS, false, 200));
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });

  it('never for a change that was read with other rules', () => {
    const contacted = known();
    const ticket = contacted.receive(event(NEWS, false, 50, { rulesVersion: 'v2' }));
    expect(ticket.outcome).toBeUndefined();
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });
});

describe('what takes something back goes first', () => {
  const writesWithdrawal = (contacted: Contacted): boolean => {
    const action = contacted.action();
    return action.kind !== 'none' && isWithdrawing(action);
  };

  it('also before the rules are known', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, false, 100));
    expect(contacted.record.wanted.hasWithdrawal()).toBe(true);
  });

  it('and not what gives consent', () => {
    const contacted = known();
    contacted.receive(event(NEWS, true, 200));
    expect(contacted.record.wanted.hasWithdrawal()).toBe(false);
  });

  it('in the write after a look too, and not in the look alone', () => {
    const contacted = new Contacted();
    contacted.receive(event(MAIL, false, 100));
    contacted.look(SUBSCRIBED);
    expect(writesWithdrawal(contacted)).toBe(true);
  });

  it('in a write of several values, whichever of them takes something back', () => {
    const contacted = known();
    contacted.receive(event(MAIL, true, 200));
    contacted.receive(event(NEWS, false, 201));
    contacted.look(BLACKLISTED);
    expect(contacted.action().kind).toBe('clear');
    expect(writesWithdrawal(contacted)).toBe(true);
  });

  it('and not a write that gives consent', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, true, 100));
    contacted.look(SUBSCRIBED);
    expect(writesWithdrawal(contacted)).toBe(false);
  });
});

describe('a write that has not begun is overtaken', () => {
  const decided = (contacted: Contacted): WriteAction | ClearAction => {
    const action = contacted.action();
    if (action.kind === 'none') throw new Error('nothing was decided');
    contacted.record.inbox.begin();
    return action;
  };

  it('by nothing, as long as nothing arrives', () => {
    for (const [contact, submitted] of [
      [SUBSCRIBED, event(NEWS, false, 200)],
      [SUBSCRIBED, event(MAIL, false, 200)],
      [BLACKLISTED, event(MAIL, true, 200)],
    ] as const) {
      const contacted = known(contact);
      contacted.receive(submitted);
      expect(contacted.record.wanted.isOvertaken(decided(contacted))).toBe(false);
    }
  });

  it('by a newer choice of the same value', () => {
    const contacted = known();
    contacted.receive(event(NEWS, false, 200));
    const action = decided(contacted);
    contacted.receive(event(NEWS, true, 300));
    expect(contacted.record.wanted.isOvertaken(action)).toBe(true);
  });

  it('when it clears the blacklist, by a newer opt-out', () => {
    const contacted = known(BLACKLISTED);
    contacted.receive(event(MAIL, true, 200));
    const action = decided(contacted);
    expect(action.kind).toBe('clear');
    contacted.receive(event(MAIL, false, 300));
    expect(contacted.record.wanted.isOvertaken(action)).toBe(true);
  });

  it('when it creates a contact off the blacklist, by a newer opt-out', () => {
    const contacted = new Contacted();
    contacted.receive(event(MAIL, true, 100));
    contacted.look(null);
    const action = decided(contacted);
    contacted.receive(event(MAIL, false, 200));
    expect(contacted.record.wanted.isOvertaken(action)).toBe(true);
  });

  it('not by an older choice, nor by the same one told again', () => {
    const contacted = known();
    contacted.receive(event(NEWS, false, 200));
    const action = decided(contacted);
    contacted.receive(event(NEWS, true, 150));
    contacted.receive(event(NEWS, false, 200));
    expect(contacted.record.wanted.isOvertaken(action)).toBe(false);
  });

  it('by the loss of what we knew of the contact', () => {
    const contacted = known();
    contacted.receive(event(NEWS, false, 200));
    const action = decided(contacted);
    contacted.record.brevo.forget();
    expect(contacted.record.wanted.isOvertaken(action)).toBe(true);
  });
});

describe('each event is told its own outcome', () => {
  const REFUSED: Refusal = { id: 'NEWS', reason: 'no', status: 400, code: 'invalid_parameter' };

  function settledWith(settlement: Settlement) {
    const contacted = new Contacted();
    const tickets = [event(NEWS, true, 100), event(MAIL, true, 101)].map((one) => contacted.receive(one));
    contacted.look(BLACKLISTED);
    contacted.record.settle(contacted.record.inbox.begin(), settlement, 1_000_000);
    return { contacted, outcomes: tickets.map(({ outcome }) => outcome) };
  }

  it('rejected only where it touches what was refused', () => {
    const { contacted, outcomes } = settledWith({ outcome: 'updated', refused: [REFUSED] });
    expect(outcomes).toEqual(['rejected', 'updated']);
    expect(contacted.record.shownOutcome()).toBe('rejected');
    expect(contacted.record.state.refused).toEqual([{ ...REFUSED, since: '1970-01-01T00:16:40.000Z' }]);
  });

  it('guarded only where it touches the blacklist', () => {
    const { contacted, outcomes } = settledWith({
      outcome: 'updated',
      refused: [],
      guarded: 'later_unsubscription',
    });
    expect(outcomes).toEqual(['updated', 'guarded']);
    expect(contacted.record.shownOutcome()).toBe('guarded');
  });

  it('rejected altogether where Brevo refuses the contact as a whole', () => {
    expect(settledWith({ outcome: 'unchanged', refused: [{ reason: 'no' }] }).outcomes).toEqual([
      'rejected',
      'rejected',
    ]);
  });

  it('and the contact shows held before rejected before guarded before the latest', () => {
    const { contacted } = settledWith({
      outcome: 'updated',
      refused: [REFUSED],
      guarded: 'later_unsubscription',
    });
    const { record } = contacted;
    expect(record.shownOutcome()).toBe('rejected');
    record.hold({ reason: 'the key' }, 0);
    expect(record.shownOutcome()).toBe('held');
    record.settle(
      record.inbox.begin(),
      { outcome: 'unchanged', refused: [], guarded: 'resubscribe_never' },
      0,
    );
    expect(record.shownOutcome()).toBe('guarded');
    record.settle(record.inbox.begin(), { outcome: 'unchanged', refused: [] }, 0);
    expect(record.shownOutcome()).toBe('updated');
  });

  it('and what stays refused is shown since it was first', () => {
    const { contacted } = settledWith({ outcome: 'updated', refused: [REFUSED] });
    contacted.record.settle(contacted.record.inbox.begin(), { outcome: 'updated', refused: [REFUSED] }, 9e9);
    expect(contacted.record.state.refused).toMatchObject([{ since: '1970-01-01T00:16:40.000Z' }]);
  });
});

describe('while the Brevo account is held', () => {
  const TROUBLE: Refusal = { reason: 'the key is not accepted', status: 401 };

  it('everybody who waits is told, and so is who comes then', () => {
    const contacted = new Contacted();
    const before = contacted.receive(event(NEWS, true, 100));
    const round = contacted.record.inbox.begin();
    contacted.record.inbox.reopen(round);
    contacted.record.hold(TROUBLE, 5_000);
    const meanwhile = contacted.receive(event(MAIL, false, 200));
    expect([before.outcome, meanwhile.outcome]).toEqual(['held', 'held']);
    expect(contacted.shown()).toEqual({
      outcome: 'held',
      events: ['event.created e100: held', 'event.created e200: held'],
    });
  });

  it('all of it is still owed, and settled once the account works again', () => {
    const contacted = new Contacted();
    const ticket = contacted.receive(event(MAIL, false, 100));
    contacted.record.inbox.reopen(contacted.record.inbox.begin());
    contacted.record.hold(TROUBLE, 5_000);
    contacted.record.brevo.forget();
    contacted.settle(SUBSCRIBED);
    expect(ticket.outcome).toBe('updated');
    expect(contacted.shown()).toEqual({ outcome: 'updated', events: ['event.created e100: updated'] });
    expect(contacted.record.state.held).toBeUndefined();
  });

  it('it is shown since when', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, true, 100));
    contacted.record.hold(TROUBLE, 5_000);
    contacted.record.hold(TROUBLE, 9_000);
    expect(contacted.record.state.held).toEqual({ ...TROUBLE, since: '1970-01-01T00:00:05.000Z' });
  });
});

describe('what is remembered of the blacklist', () => {
  const memory = (contacted: Contacted) => contacted.record.state.memory;
  const OWN = { seenOffAt: 1_000_000, from: 1_100_000, to: 1_100_005 };

  it('that others put the contact there, since we saw it', () => {
    const contacted = known(BLACKLISTED);
    expect(memory(contacted)).toEqual({ own: [], on: { since: 1_000, byUs: false } });
    contacted.now = 2_000;
    contacted.look(BLACKLISTED);
    expect(memory(contacted).on).toEqual({ since: 1_000, byUs: false });
  });

  it('that we put it there, since the person chose it', () => {
    const contacted = known();
    contacted.blacklist(OWN.from, 200);
    expect(memory(contacted)).toEqual({ own: [OWN], on: { since: 200, byUs: true } });
  });

  it('nothing, once it is seen off it or taken off it', () => {
    const contacted = known(BLACKLISTED);
    contacted.look(SUBSCRIBED);
    expect(memory(contacted)).toEqual({ own: [] });
    contacted.blacklist(OWN.from, 200);
    contacted.record.brevo.noteOffBlacklist();
    expect(memory(contacted)).toEqual({ own: [OWN] });
  });

  it('which opt-in Brevo told us to be overtaken', () => {
    const contacted = known(BLACKLISTED);
    contacted.record.brevo.noteGuarded(200, 300);
    expect(memory(contacted)).toMatchObject({ on: { since: 300, byUs: false }, refusedOptIn: 200 });
    contacted.receive(event(MAIL, true, 200));
    contacted.settle(BLACKLISTED);
    expect(contacted.shown()).toMatchObject({ outcome: 'guarded' });
  });

  it("an unsubscription of the person's own does not become ours when we write the same again", () => {
    const contacted = known(BLACKLISTED);
    contacted.blacklist(OWN.from, 200);
    expect(memory(contacted).on).toEqual({ since: 1_000, byUs: false });
    const unknownTime = userRecord(MAIL, true, 2_000);
    contacted.receive(unknownTime);
    contacted.settle(BLACKLISTED);
    expect(contacted.shown().outcome).toBe('guarded');
  });

  it('when it was last seen off it, however often we write the same again', () => {
    const contacted = known();
    contacted.blacklist(OWN.from, 200);
    contacted.record.brevo.noteWritten(BLACKLISTED, OWN.from);
    contacted.blacklist(1_150_000, 300);
    expect(memory(contacted).own.map(({ seenOffAt }) => seenOffAt)).toEqual([1_000_000, 1_000_000]);
  });

  it('when it was last seen off it, and not when we wrote something else', () => {
    const contacted = known();
    const { record } = contacted;
    record.brevo.noteWritten({ ...SUBSCRIBED, attributes: { NEWS: false } }, 1_050_000);
    contacted.blacklist(OWN.from, 200);
    expect(memory(contacted).own).toMatchObject([{ seenOffAt: 1_000_000 }]);
    record.brevo.noteWritten(SUBSCRIBED, 1_300_000, 1_300_000);
    record.brevo.noteOffBlacklist();
    contacted.blacklist(1_400_000, 300);
    expect(memory(contacted).own.at(-1)).toMatchObject({ seenOffAt: 1_300_000 });
  });

  it('that we began to put it there, as long as Brevo has not answered', () => {
    const contacted = known();
    contacted.record.brevo.beginBlacklisting(OWN.from, 200);
    const { to: _, ...begun } = OWN;
    expect(memory(contacted)).toEqual({ own: [begun], on: { since: 200, byUs: true } });
  });

  it('that we began to take it off, so that it is done again until Brevo says what became of it', () => {
    const contacted = known(BLACKLISTED);
    contacted.receive(event(MAIL, true, 200));
    contacted.record.brevo.beginClearing();
    contacted.look(SUBSCRIBED);
    expect(contacted.action().kind).toBe('clear');
    contacted.write();
    expect(memory(contacted)).toEqual({ own: [] });
    expect(contacted.action().kind).toBe('none');
  });

  it('that we began to take it off, also while we begin to put it back', () => {
    const { record } = known(BLACKLISTED);
    record.brevo.beginClearing();
    record.brevo.beginBlacklisting(1_100_000, 300);
    record.brevo.endBlacklisting(1_100_005);
    expect(record.state.memory.clearingBegun).toBe(true);
    record.brevo.noteOnBlacklist();
    expect(record.state.memory.clearingBegun).toBeUndefined();
  });

  it('when we put it back because somebody had unsubscribed, so that this is not taken for the account', () => {
    const contacted = known(BLACKLISTED);
    contacted.record.brevo.noteGuarded(200, 300, { from: 1_100_000, to: 1_100_200 });
    const terms = { optInAt: 301, unconditional: false, own: memory(contacted).own };
    expect(forbiddingUnsubscription(terms, [{ by: 'admin', at: 1_100_100 }])).toBeUndefined();
  });

  it('that the account unsubscribed the contact, however soon we put it back after that', () => {
    const contacted = known(BLACKLISTED);
    contacted.record.brevo.noteGuarded(200, 1_099, { from: 1_100_000, to: 1_100_200 });
    const terms = { optInAt: 1_050, unconditional: false, own: memory(contacted).own };
    const byTheAccount = { by: 'admin', at: 1_099_900 } as const;
    expect(forbiddingUnsubscription(terms, [byTheAccount])).toBe(byTheAccount);
  });

  it('not that we put it there, of the contact into which ours was merged', () => {
    const contacted = known();
    contacted.receive(event(MAIL, false, 200));
    contacted.settle(SUBSCRIBED);
    contacted.record.brevo.forgetId();
    contacted.receive(userRecord(MAIL, true, 2_000));
    contacted.settle({ ...BLACKLISTED, id: 8 });
    expect(contacted.shown().outcome).toBe('guarded');
    expect(memory(contacted).on).toMatchObject({ byUs: false });
  });

  it('not that an opt-in was refused, of the contact into which ours was merged', () => {
    const contacted = known(BLACKLISTED);
    contacted.receive(event(MAIL, true, 200));
    contacted.record.brevo.noteGuarded(200, 300);
    contacted.record.brevo.forgetId();
    contacted.look({ ...BLACKLISTED, id: 8 });
    expect(contacted.action().kind).toBe('clear');
  });

  it('nothing of a contact that we began to create on it, and that Brevo does not have', () => {
    const contacted = new Contacted();
    contacted.receive(event(MAIL, false, 200));
    contacted.look(null);
    contacted.record.brevo.beginBlacklisting(1_100_000, 200);
    contacted.record.brevo.endBlacklisting(1_100_005);
    contacted.receive(event(MAIL, true, 200, { id: 'z' }));
    contacted.look(null);
    expect(memory(contacted).on).toBeUndefined();
  });

  it('of a contact that Brevo lost, so that it is created on the blacklist and stays there', () => {
    const contacted = known(BLACKLISTED);
    contacted.record.brevo.forget();
    contacted.receive(event(MAIL, true, 500));
    contacted.look(null);
    expect(contacted.action().kind).toBe('create');
    contacted.write();
    expect(contacted.shown().outcome).toBe('guarded');
    expect(memory(contacted).on).toEqual({ since: 1_000, byUs: false, carried: true });
    contacted.receive(event(MAIL, true, 600));
    contacted.settle(BLACKLISTED);
    expect(contacted.shown().outcome).toBe('guarded');
    contacted.receive(event(MAIL, true, 1_001));
    expect(contacted.action().kind).toBe('clear');
  });
});

describe('a write whose answer is lost', () => {
  function givenUp(): Contacted {
    const contacted = known();
    contacted.receive(event(NEWS, false, 200));
    const round = contacted.record.inbox.begin();
    contacted.record.brevo.beginWrite(['NEWS']);
    contacted.record.brevo.giveUp(1_000_000);
    contacted.record.brevo.forget();
    contacted.record.inbox.reopen(round);
    return contacted;
  }

  it('is made again, even where Brevo seems to hold the value', () => {
    const contacted = givenUp();
    contacted.look({ ...SUBSCRIBED, attributes: { NEWS: false } });
    expect(contacted.action()).toMatchObject({ kind: 'update', attributes: [{ id: 'NEWS', value: false }] });
    contacted.write();
    expect(contacted.record.wanted.anew().size).toBe(0);
  });

  it('is looked at once more after a minute, when Brevo can no longer carry it out, and not before', () => {
    const contacted = givenUp();
    contacted.settle(SUBSCRIBED);
    expect(contacted.record.closesAt()).toBeUndefined();
    contacted.record.recheckIfDue(1_059_999);
    expect(contacted.record.inbox.owesSomething()).toBe(false);
    contacted.record.recheckIfDue(1_060_000);
    expect(contacted.record.inbox.owesSomething()).toBe(true);
    expect(contacted.record.wanted.needsLook()).toBe(true);
    contacted.settle({ ...SUBSCRIBED, attributes: { NEWS: false } });
    expect(contacted.shown().outcome).toBe('updated');
    expect(contacted.record.closesAt()).toBeDefined();
  });

  it('is made good where the look after a minute shows that Brevo carried out something else', () => {
    const contacted = givenUp();
    contacted.settle(SUBSCRIBED);
    contacted.record.recheckIfDue(1_060_000);
    contacted.look({ ...SUBSCRIBED, attributes: { NEWS: true } });
    expect(contacted.record.inbox.owesSomething()).toBe(true);
    expect(contacted.action()).toMatchObject({ kind: 'update', attributes: [{ id: 'NEWS', value: false }] });
    contacted.write();
    expect(contacted.record.inbox.owesSomething()).toBe(false);
  });

  it('is still owed after a new run has begun, although nobody waits for it there', () => {
    const { record } = givenUp();
    const carried = new Contacted(JSON.parse(JSON.stringify(record.state)));
    carried.look(SUBSCRIBED);
    const twice = new Contacted(JSON.parse(JSON.stringify(carried.record.state)));
    expect(twice.record.inbox.owesSomething()).toBe(true);
    expect(twice.record.wanted.needsLook()).toBe(false);
    twice.write();
    expect(twice.record.state.knowledge?.contact?.attributes).toEqual({ NEWS: false });
    expect(twice.record.inbox.owesSomething()).toBe(false);
  });
});

describe('the contact in Brevo', () => {
  const EMAIL = { kind: 'email', value: 'ada@example.com' } as const;

  it('is looked up by its numeric id once that is known, until Brevo has none of it', () => {
    const contacted = new Contacted();
    const { brevo } = contacted.record;
    expect(brevo.identifier(EMAIL)).toEqual(EMAIL);
    contacted.look(SUBSCRIBED);
    expect(brevo.identifier(EMAIL)).toEqual({ kind: 'contact_id', value: '7' });
    brevo.forgetId();
    expect(brevo.identifier(EMAIL)).toEqual(EMAIL);
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });
});

describe('what is kept', () => {
  it('is bounded: events, calls and own blacklistings', () => {
    const contacted = known();
    for (let time = 101; time < 300; time += 1) {
      contacted.receive(event(NEWS, time % 2 === 0, time));
      contacted.record.brevo.noteCall('updateContact', time, 'NEWS');
      contacted.blacklist(time, time);
    }
    const { calls, events, memory } = contacted.record.state;
    expect([events.length, calls.length, memory.own.length]).toEqual([50, 30, 8]);
    expect(events.at(-1)?.eventId).toBe('e299');
  });

  it('survives being carried over as JSON, with all that is known', () => {
    const contacted = known(BLACKLISTED);
    contacted.receive(event(MAIL, true, 200));
    contacted.settle(BLACKLISTED);
    const { state } = contacted.record;
    const carried = new ContactRecord(JSON.parse(JSON.stringify(state)));
    expect(carried.state).toEqual(state);
    expect(carried.receive(event(NEWS, true, 100), 0).outcome).toBe('updated');
    expect(carried.receive(event(NEWS, false, 50), 0).outcome).toBe('stale');
  });

  it('counts every change received', () => {
    const contacted = known();
    const before = contacted.record.revision;
    contacted.receive(event(NEWS, true, 100));
    contacted.receive(event(NEWS, false, 50));
    expect(contacted.record.revision).toBe(before + 2);
  });
});
