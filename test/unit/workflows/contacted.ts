import type { Contact } from '../../../consent/contact';
import type { Action } from '../../../consent/decide';
import { BLACKLIST_FLAG } from '../../../consent/rules';
import type { ConsentValue, Statement } from '../../../consent/statement';
import { ContactRecord, type Settlement } from '../../../workflows/contact-record';
import { type CarriedState, newContactState } from '../../../workflows/contact-state';
import type { SubmittedChange } from '../../../workflows/contract';
import type { Ticket } from '../../../workflows/inbox';
import { testRules } from '../../support/rules';

export const MAIL = 'consents_purposes_mail_enabled';
export const NEWS = 'consents_purposes_news_enabled';

export const RULES = testRules({
  mappings: [
    { id: BLACKLIST_FLAG, value: MAIL },
    { id: 'NEWS', value: NEWS },
  ],
});
export const SUBSCRIBED: Contact = { id: 7, emailBlacklisted: false, attributes: {} };
export const BLACKLISTED: Contact = { ...SUBSCRIBED, emailBlacklisted: true };

interface Said {
  readonly id?: string;
  readonly type?: string;
  readonly rulesVersion?: string;
}

export function change(statements: Statement[], { id, type, rulesVersion }: Said = {}): SubmittedChange {
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
export function event(path: string, value: ConsentValue, at: number, said: Said = {}): SubmittedChange {
  const choice = { value, at, known: at, eventId: `e${at}` };
  return change([{ regulation: 'gdpr', path, user: 'u', choice }], { id: `e${at}`, ...said });
}

/** A user record of the same person. */
export function userRecord(path: string, value: ConsentValue, asOf: number): SubmittedChange {
  const statements = [{ regulation: 'gdpr', path, user: 'u', snapshot: { value, asOf } }];
  return change(statements, { id: `u@${asOf}`, type: 'user.created' });
}

/** A workflow without Temporal or Brevo: time stands at so many seconds, which is also when Brevo is asked. */
export class Contacted {
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
export function known(contact: Contact = SUBSCRIBED): Contacted {
  const contacted = new Contacted();
  contacted.receive(event(NEWS, true, 100));
  contacted.settle(contact);
  return contacted;
}
