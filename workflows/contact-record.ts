import { type ConsentState, mergeStatements } from '../consent/consent-state';
import type { Contact, OwnBlacklisting } from '../consent/contact';
import {
  type ClearAction,
  type Decision,
  decide,
  type GuardReason,
  type WriteAction,
} from '../consent/decide';
import { type Effect, effectOf } from '../consent/effect';
import type { Outcome, Refusal } from '../consent/outcome';
import { BLACKLIST_FLAG, type Mapping } from '../consent/rules';
import { type Seconds, toSeconds } from '../consent/statement';
import { isSubscribed, isWithdrawal, type Wish, wishesOf } from '../consent/wish';
import type { Look } from './activities-contract';
import type { CarriedState, Knowledge, RecordedEvent } from './contact-state';
import type { SubmittedChange } from './contract';

const NOTHING: ReadonlySet<string> = new Set();

const KEPT_EVENTS = 50;
const KEPT_CALLS = 30;
const KEPT_OWN_BLACKLISTINGS = 8;

/** What becomes of one received change; the outcome is absent while it is being worked on. */
export interface Ticket {
  outcome?: Outcome;
}

/** What a round came to. */
export interface Settlement {
  readonly outcome: Outcome;
  readonly refused: readonly Refusal[];
  readonly guarded?: GuardReason | undefined;
}

interface Pending {
  readonly ticket: Ticket;
  readonly paths: ReadonlySet<string>;
  readonly event: RecordedEvent;
}

/** What one look or write covers: later arrivals belong to the next. */
export interface Round {
  readonly paths: readonly string[];
  readonly pending: readonly Pending[];
}

/** What a contact's workflow knows, and what it still owes. Pure: it calls neither Temporal nor Brevo. */
export class ContactRecord {
  /** Changes whose part is not settled. */
  private pending: Pending[] = [];
  /** Grows with every change received, so that others can tell whether they have told everything. */
  revision = 0;

  constructor(readonly state: CarriedState) {}

  /** Merges a change at once, so that whatever is decided next knows it. @param now ms */
  receive(change: SubmittedChange, now: number): Ticket {
    const ticket: Ticket = {};
    this.revision += 1;
    const before = this.state.consent;
    const after = mergeStatements(before, change.statements);
    const effect = effectOf(before, after, change);
    this.state.consent = after;
    this.state.lastEventAt = now;

    const paths = new Set(change.statements.map(({ path }) => path));
    const double = this.state.events.find(
      (event) => event.eventId === change.eventId && event.type === change.type,
    );
    if (double && effect.changed.length === 0) {
      if (this.owesSomething()) this.wait({ ticket, paths, event: double });
      else ticket.outcome = double.outcome ?? this.shownOutcome() ?? 'unchanged';
      return ticket;
    }
    const event = this.record(change);
    const toLookAt = this.pathsToLookAt(change, effect);
    this.addUnseen(toLookAt);
    if (toLookAt.length > 0 || (!effect.stale && this.owesSomething())) {
      this.wait({ ticket, paths, event });
    } else {
      this.state.latest = effect.stale ? 'stale' : 'unchanged';
      finish({ ticket, event }, this.state.latest);
    }
    return ticket;
  }

  /** Something is in force that Brevo may not hold yet. */
  owesSomething(): boolean {
    return this.state.unseen.length > 0 || this.pending.length > 0;
  }

  wishes(): Wish[] {
    const { consent, rules } = this.state;
    return wishesOf(consent, rules?.mappings ?? unmapped(consent));
  }

  /** Whether anything that waits takes something back: it goes first. */
  hasWithdrawal(): boolean {
    const { unseen } = this.state;
    return this.wishes().some((wish) => unseen.includes(wish.path) && isWithdrawal(wish));
  }

  /**
   * What is chosen anew since our last look or write is written without a look where some of it differs from what
   * we saw. Where all of it equals that, a look may show that nothing has to be written; and an opt-in for a
   * contact that we saw off the blacklist needs one, because the person may have unsubscribed meanwhile.
   */
  needsLook(): boolean {
    const { knowledge, unseen, refused } = this.state;
    if (!knowledge) return true;
    if (unseen.length === 0) return false;
    if (!knowledge.contact || refused.length > 0) return true;
    const { action } = this.decide(knowledge, NOTHING);
    if (action.kind === 'none') return true;
    const optIn = this.anew().has(BLACKLIST_FLAG) && this.isOptIn();
    return optIn && action.kind !== 'clear';
  }

  /** Ids whose value was chosen anew since our last look or write. */
  anew(): ReadonlySet<string> {
    const { unseen } = this.state;
    return new Set(this.wishes().flatMap(({ id, path }) => (unseen.includes(path) ? [id] : [])));
  }

  decide(knowledge: Knowledge, anew: ReadonlySet<string>): Decision {
    const { rules } = this.state;
    if (!rules) throw new Error('a decision needs the rules that come with a look');
    const { contact, targets } = knowledge;
    return decide({ wishes: this.wishes(), contact, targets, rules, memory: this.state.memory, anew });
  }

  private isOptIn(): boolean {
    const flag = this.wishes().find(({ id }) => id === BLACKLIST_FLAG);
    return flag?.value !== undefined && isSubscribed(flag.value);
  }

  /** Called when a look or a write begins. */
  beginRound(): Round {
    const round = { paths: this.state.unseen, pending: this.pending };
    this.state.unseen = [];
    this.pending = [];
    return round;
  }

  /** The round did not come to its end, or was only a look: what it covered is still owed. */
  reopen({ paths, pending }: Round): void {
    this.addUnseen(paths);
    this.pending = [...pending, ...this.pending];
  }

  /** After a look: what it covered waits for the decision, but needs no further look. */
  keepPending({ pending }: Round): void {
    this.pending = [...pending, ...this.pending];
  }

  /** @param at ms, when the look began */
  learn(look: Look, at: number): void {
    const { contact, rules, rulesVersion, targets } = look;
    Object.assign(this.state, { rules, rulesVersion });
    this.state.knowledge = { contact, at, targets };
    if (contact) this.noteBlacklist(contact.emailBlacklisted, toSeconds(at));
  }

  forgetContact(): void {
    delete this.state.knowledge;
  }

  /** Brevo now holds this. @param at ms, when the write began */
  noteWritten(contact: Contact, at: number): void {
    const { knowledge } = this.state;
    if (knowledge) this.state.knowledge = { ...knowledge, contact, at };
  }

  /** What was on the blacklist before and is put there again was lost by Brevo: the older reason still counts. */
  noteOwnBlacklisting(own: OwnBlacklisting, since: Seconds): void {
    const { memory } = this.state;
    const kept = [...memory.own, own].slice(-KEPT_OWN_BLACKLISTINGS);
    const on = memory.on ? { ...memory.on, carried: true as const } : { since, byUs: true };
    this.state.memory = { ...memory, own: kept, on };
  }

  noteCleared(): void {
    const { own } = this.state.memory;
    this.state.memory = { own };
  }

  /** Brevo knows an unsubscription that is later than the opt-in of this time. */
  noteGuarded(optInAt: Seconds | undefined, unsubscribedAt: Seconds): void {
    this.state.memory = {
      own: this.state.memory.own,
      on: { since: unsubscribedAt, byUs: false },
      ...(optInAt !== undefined && { refusedOptIn: optInAt }),
    };
  }

  noteCall(activity: string, at: number, result: string): void {
    const call = { activity, at: new Date(at).toISOString(), result };
    this.state.calls = [...this.state.calls, call].slice(-KEPT_CALLS);
  }

  hold(trouble: Refusal, now: number): void {
    this.state.held ??= { ...trouble, since: new Date(now).toISOString() };
    for (const one of this.pending) finish(one, 'held');
  }

  /** What the round covered is settled: each change gets its own outcome. @param now ms */
  settle({ pending }: Round, { outcome, refused, guarded }: Settlement, now: number): void {
    delete this.state.held;
    delete this.state.guarded;
    if (guarded) this.state.guarded = guarded;
    this.state.refused = refused.map((refusal) => ({ ...refusal, since: this.refusedSince(refusal, now) }));
    this.state.latest = outcome;
    const idsOf = (paths: ReadonlySet<string>) =>
      this.wishes().flatMap(({ id, path }) => (paths.has(path) ? [id] : []));
    for (const one of pending) {
      const ids = idsOf(one.paths);
      const isRefused = refused.some(({ id }) => id === undefined || ids.includes(id));
      const isGuarded = guarded !== undefined && ids.includes(BLACKLIST_FLAG);
      finish(one, isRefused ? 'rejected' : isGuarded ? 'guarded' : outcome);
    }
  }

  /** What was decided is no longer what the person wants. */
  isOvertaken(action: WriteAction | ClearAction): boolean {
    const { knowledge } = this.state;
    if (!knowledge) return true;
    const ids = [...action.attributes.map(({ id }) => id), ...(blacklists(action) ? [BLACKLIST_FLAG] : [])];
    const { action: now } = this.decide(knowledge, new Set(ids));
    if (now.kind === 'none') return true;
    if (action.kind === 'clear' ? now.kind !== 'clear' : blacklists(action) !== blacklists(now)) return true;
    return action.attributes.some(({ id, value }) => {
      const current = now.attributes.find((write) => write.id === id);
      return JSON.stringify(current?.value) !== JSON.stringify(value);
    });
  }

  shownOutcome(): Outcome | null {
    const { held, refused, guarded, latest } = this.state;
    if (held) return 'held';
    if (refused.length > 0) return 'rejected';
    return guarded ? 'guarded' : latest;
  }

  /** A change that tells nothing new needs no look, unless Brevo may have changed since our last one. */
  private pathsToLookAt(change: SubmittedChange, effect: Effect): string[] {
    const { knowledge, rulesVersion } = this.state;
    if (rulesVersion !== undefined && rulesVersion !== change.rulesVersion) {
      delete this.state.knowledge;
      return change.statements.map(({ path }) => path);
    }
    const since = knowledge ? toSeconds(knowledge.at) : Number.NEGATIVE_INFINITY;
    const repeatedSince = effect.repeated.filter(({ asOf }) => asOf > since);
    return [...effect.changed, ...repeatedSince.map(({ path }) => path)];
  }

  /** Whoever waits is told at once when the account is held; the change itself stays pending. */
  private wait(pending: Pending): void {
    this.pending.push(pending);
    if (this.state.held) finish(pending, 'held');
  }

  private record({ eventId, eventKey, type, receivedAt }: SubmittedChange): RecordedEvent {
    const event: RecordedEvent = { eventId, eventKey, type, receivedAt };
    this.state.events = [...this.state.events, event].slice(-KEPT_EVENTS);
    return event;
  }

  private addUnseen(paths: readonly string[]): void {
    this.state.unseen = [...new Set([...this.state.unseen, ...paths])];
  }

  /** A blacklisting that we did not make counts since we saw it. */
  private noteBlacklist(on: boolean, at: Seconds): void {
    const { memory } = this.state;
    if (!on) this.state.memory = { own: memory.own };
    else if (!memory.on) this.state.memory = { ...memory, on: { since: at, byUs: false } };
  }

  private refusedSince(refusal: Refusal, now: number): string {
    const earlier = this.state.refused.find(({ id, code }) => id === refusal.id && code === refusal.code);
    return earlier?.since ?? new Date(now).toISOString();
  }
}

function finish({ ticket, event }: Pick<Pending, 'ticket' | 'event'>, outcome: Outcome): void {
  event.outcome = outcome;
  ticket.outcome = outcome;
}

/** Until rules are known, values go by their paths. */
function unmapped(consent: ConsentState): Mapping[] {
  return [...new Set(consent.map(({ path }) => path))].map((path) => ({ id: path, value: path }));
}

function blacklists(action: WriteAction | ClearAction): boolean {
  return action.kind !== 'clear' && action.blacklist;
}
