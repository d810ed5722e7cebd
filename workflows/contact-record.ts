import { mergeStatements, mergeStates } from '../consent/consent-state';
import { ledgerOf } from '../consent/contact-ledger';
import type { GuardReason } from '../consent/decide';
import { type Effect, effectOf, isStale } from '../consent/effect';
import { withNames } from '../consent/ledger';
import type { Outcome, Refusal } from '../consent/outcome';
import { changedPaths } from '../consent/question';
import { BLACKLIST_FLAG } from '../consent/rules';
import { toSeconds } from '../consent/statement';
import type { Look } from './activities-contract';
import { BrevoView } from './brevo-view';
import type { CarriedState, RecordedEvent } from './contact-state';
import type { GivenLook, SubmittedChange } from './contract';
import { type DeletionRound, Deletions } from './deletions';
import type { DidomiAnswer } from './didomi-contract';
import type { ForgetWish } from './forget/contract';
import { Forgetting } from './forgetting';
import { hasLookedSince, readAt, usableLook } from './given-look';
import { Inbox, type Pending, type Round, type Ticket } from './inbox';
import { LedgerView } from './ledger-view';
import { noteSpelling } from './spellings';
import { Haste } from './urgency';
import { Wanted } from './wanted';

const KEPT_EVENTS = 50;

/** What a round came to. */
export interface Settlement {
  readonly outcome: Outcome;
  readonly refused: readonly Refusal[];
  readonly guarded?: GuardReason | undefined;
}

/** What a contact's workflow knows, and what it still owes. Pure: it calls neither Temporal nor Brevo. */
export class ContactRecord {
  readonly inbox: Inbox;
  readonly brevo: BrevoView;
  readonly deletions: Deletions;
  readonly ledger: LedgerView;
  readonly haste: Haste;
  readonly wanted: Wanted;
  private readonly forgetting: Forgetting;
  /** Grows with every change received, so that others can tell whether they have told everything. */
  revision = 0;
  /** Grows each time that somebody wants what failed to be tried again. */
  triesAsked = 0;

  constructor(readonly state: CarriedState) {
    this.inbox = new Inbox(state);
    this.deletions = new Deletions(state);
    this.brevo = new BrevoView(state);
    this.haste = new Haste(state);
    this.ledger = new LedgerView(state);
    this.wanted = new Wanted(state, this.inbox, this.deletions, this.ledger);
    this.forgetting = new Forgetting(state);
  }

  /**
   * Merges a change at once, so that whatever is decided next knows it.
   *
   * @param now ms
   * @param awaited whether somebody waits for the outcome
   */
  receive(change: SubmittedChange, now: number, awaited = false): Ticket {
    const ticket: Ticket = { awaited };
    this.revision += 1;
    noteSpelling(this.state, change);
    const owes = this.inbox.owesSomething();
    this.haste.note(change, owes);
    if (change.deletion) return this.receiveDeletion(change, now, ticket);
    const given = usableLook(this.state, change, owes, now);
    const effect = this.take(change);
    this.state.lastEventAt = now;

    const { statements } = change;
    const double = this.eventLike(change);
    if (double && effect.changed.length === 0) {
      // Whoever sends it again learns what became of it; nothing that is shown changes.
      if (this.inbox.owesSomething())
        this.wait({ ticket, statements, event: { ...double }, repeats: double });
      else ticket.outcome = double.outcome ?? this.shownOutcome() ?? 'unchanged';
      return ticket;
    }
    const event = this.record(change, given);
    if (change.readAgain) this.deletions.ask(change, event);
    const stale = change.bulk && effect.stale && { stale: true as const };
    const pending = { ticket, statements, event, ...stale };
    if (given) {
      this.wait(pending);
      this.learn(given.look, readAt(given), now);
      return ticket;
    }
    const toLookAt = this.pathsToLookAt(change, effect);
    this.inbox.addUnseen(toLookAt);
    const waits = statements.length > 0 && !effect.stale && this.inbox.owesSomething();
    if (toLookAt.length > 0 || waits) {
      this.wait(pending);
    } else {
      this.state.latest = effect.stale ? 'stale' : 'unchanged';
      finish({ ticket, event }, this.state.latest);
    }
    return ticket;
  }

  /** @param at ms, when the look began @param now ms */
  learn(look: Look, at: number, now: number): void {
    const paths = look.rules.mappings.map(({ value }) => value);
    const consent = withNames(this.state.consent, paths);
    const ledger = ledgerOf(look.contact, look.rules, consent, now);
    this.brevo.learn(look, at, ledger.own);
    const known = this.deletions.withoutVoid(ledger.state);
    this.state.consent = mergeStates(consent, known);
    for (const one of this.inbox.everyone()) {
      // What is older than a record of another user's may be in force all the same.
      if (isStale(one.statements, known) && isStale(one.statements, this.state.consent)) one.stale = true;
    }
  }

  /** Didomi said what holds after deletions. @param now ms */
  learnFromDidomi(round: DeletionRound, answer: DidomiAnswer, now: number): void {
    const { statements, rules, rulesVersion, records } = answer;
    const before = this.deletions.counted();
    this.revision += 1;
    this.haste.end();
    this.deletions.end(round, statements);
    this.state.rules ??= rules;
    const read = records === 1 ? '1 record' : `${records} records`;
    this.brevo.noteCall('readDidomiUser', now, `read again from Didomi: ${read}`);

    const after = this.deletions.counted();
    const said = { rulesVersion, statements: statements.filter((statement) => 'snapshot' in statement) };
    const changed = changedPaths(before, after);
    const { repeated } = effectOf(before, after, said);
    const toLookAt = [
      ...changed,
      ...this.pathsToLookAt(said, { changed, repeated, stale: false }),
      ...this.pathsOfLedger(round),
    ];
    this.inbox.addUnseen(toLookAt);
    for (const one of round.deleted) {
      if (toLookAt.length > 0) this.wait({ ...one, statements });
      else finish(one, one.repeats?.outcome ?? 'unchanged');
    }
    const isNews = round.deleted.some(({ repeats }) => !repeats);
    if (isNews && !this.inbox.owesSomething()) this.state.latest = 'unchanged';
  }

  /** Didomi's API does not serve us: whoever waits for its answer is told. @param now ms */
  holdForDidomi(trouble: Refusal, now: number): void {
    this.deletions.hold(trouble, now);
    for (const one of this.deletions.everyone()) finish(one, 'held');
    this.stopWaitingForDidomi();
  }

  /** The answer is late: an older no that a deletion uncovers counts. */
  stopWaitingForDidomi(): void {
    this.revision += 1;
    this.haste.end();
    const before = this.deletions.counted();
    this.deletions.stopWaiting();
    this.inbox.addUnseen(changedPaths(before, this.deletions.counted()));
  }

  /** The account refuses to work: everybody who waits is told. @param now ms */
  hold(trouble: Refusal, now: number): void {
    const since = this.state.held?.since ?? new Date(now).toISOString();
    this.state.held = { ...trouble, since };
    for (const one of this.inbox.everyone()) finish(one, 'held');
  }

  /**
   * Somebody wants what failed to be tried again: a contact that waits for its account is to be tried as soon as may be,
   * and what Brevo refused is looked at and written anew.
   */
  retry(): void {
    this.triesAsked += 1;
    if (this.state.refused.length === 0 || this.state.held) return;
    this.brevo.forget();
    this.inbox.addUnseen(this.wanted.wishes().map(({ path }) => path));
  }

  /** The contact is to be forgotten as soon as nothing is lost by it. */
  forget(wish: ForgetWish): void {
    this.revision += 1;
    this.forgetting.add(wish);
  }

  /** What the round covered is settled: each change gets its own outcome. @param now ms */
  settle({ pending }: Round, { outcome, refused, guarded }: Settlement, now: number): void {
    this.inbox.end();
    delete this.state.held;
    delete this.state.guarded;
    if (guarded) this.state.guarded = guarded;
    this.state.refused = refused.map((refusal) => ({ ...refusal, since: this.refusedSince(refusal, now) }));
    // Looking again at something that turned out well is no news.
    const wrote = outcome === 'created' || outcome === 'updated';
    const news = pending.filter(({ repeats }) => !repeats);
    if (wrote || news.length > 0) this.state.latest = outcome;
    if (!wrote && news.length > 0 && news.every(({ stale }) => stale)) this.state.latest = 'stale';
    for (const one of pending) {
      if (!one.repeats) finish(one, this.outcomeFor(one, { outcome, refused, guarded }));
    }
    this.settleEarlierRuns(outcome);
    for (const one of pending) {
      if (one.repeats) finish(one, one.repeats.outcome ?? outcome);
    }
  }

  shownOutcome(): Outcome | null {
    const { held, refused, guarded, latest, question } = this.state;
    if (held || question?.held) return 'held';
    if (refused.length > 0) return 'rejected';
    return guarded ? 'guarded' : latest;
  }

  /** A write in doubt can no longer be carried out: time to see what Brevo holds. @param now ms */
  recheckIfDue(now: number): void {
    const { doubtUntil, recheckAt } = this.state;
    if (recheckAt === undefined || now < recheckAt) return;
    delete this.state.recheckAt;
    if (doubtUntil !== undefined && doubtUntil > now) this.state.recheckAt = doubtUntil;
    else delete this.state.doubtUntil;
    this.brevo.forget();
    this.inbox.addUnseen(this.wanted.wishes().map(({ path }) => path));
  }

  /** When the workflow may close, in ms; undefined while something is unsolved or not known. */
  closesAt(): number | undefined {
    const { consent, held, question, refused, rules, recheckAt, lastEventAt } = this.state;
    if (held || recheckAt !== undefined) return undefined;
    if (this.forgetting.endsAtOnce() && this.wanted.unwrittenWithdrawals().length === 0) return lastEventAt;
    if (question || refused.length > 0) return undefined;
    // Where nothing was said there is nothing to remember.
    if (!rules) return consent.length === 0 ? lastEventAt : undefined;
    return lastEventAt + rules.rememberMs;
  }

  /** A ledger may tell of the deleted event: only a look shows that. */
  private pathsOfLedger({ owed }: DeletionRound): string[] {
    const { rules } = this.state;
    const isConcerned = rules?.ledgerAttribute !== undefined && owed.some(({ event }) => event !== undefined);
    return isConcerned ? rules.mappings.map(({ value }) => value) : [];
  }

  /** A run before this one had received these events, and at most told that they were held. */
  private settleEarlierRuns(outcome: Outcome): void {
    const owed = new Set([...this.inbox.everyone(), ...this.deletions.everyone()].map(({ event }) => event));
    for (const event of this.state.events) {
      const isOpen = event.outcome === undefined || event.outcome === 'held';
      if (isOpen && !owed.has(event)) event.outcome = outcome;
    }
  }

  private take(change: SubmittedChange): Effect {
    const before = this.state.consent;
    const countedBefore = this.deletions.counted();
    this.state.consent = mergeStatements(before, this.deletions.withoutVoidChoices(change.statements));
    const effect = effectOf(before, this.state.consent, change);
    if (!this.deletions.mustAsk()) return effect;
    // Of what is in force something may be left out while Didomi is asked: an older no counts then.
    const changed = changedPaths(countedBefore, this.deletions.counted());
    if (changed.length === 0) return effect;
    return { ...effect, changed: [...new Set([...effect.changed, ...changed])], stale: false };
  }

  /** What holds now, Didomi has to be asked; everything else goes on. @param now ms */
  private receiveDeletion(change: SubmittedChange, now: number, ticket: Ticket): Ticket {
    const repeats = this.eventLike(change);
    const event = repeats ? { ...repeats } : this.record(change);
    this.state.lastEventAt = now;
    this.deletions.add(change, { ticket, event, ...(repeats && { repeats }) });
    if (this.state.question?.held) finish({ ticket, event }, 'held');
    return ticket;
  }

  private eventLike({ eventId, type }: SubmittedChange): RecordedEvent | undefined {
    return this.state.events.find((event) => event.eventId === eventId && event.type === type);
  }

  /**
   * A change that tells nothing new needs no look, unless Brevo may have changed since our last one: a resync submits
   * what it saw to differ.
   */
  private pathsToLookAt(
    change: Pick<SubmittedChange, 'rulesVersion' | 'statements' | 'bulk' | 'look'>,
    effect: Effect,
  ): string[] {
    if (change.statements.length === 0) return [];
    const { knowledge, rulesVersion } = this.state;
    const tellsNothing = effect.stale && this.inbox.owesSomething();
    if (rulesVersion === undefined && tellsNothing) return [];
    if (rulesVersion !== change.rulesVersion) {
      this.brevo.forget();
      return change.statements.map(({ path }) => path);
    }
    const { bulk, look } = change;
    if (bulk && !(look && hasLookedSince(this.state, look))) return change.statements.map(({ path }) => path);
    const since = knowledge ? toSeconds(knowledge.at) : Number.NEGATIVE_INFINITY;
    const repeatedSince = effect.repeated.filter(({ asOf }) => asOf > since);
    return [...effect.changed, ...repeatedSince.map(({ path }) => path)];
  }

  /** Whoever waits is told at once when the account is held; the change itself stays pending. */
  private wait(pending: Pending): void {
    this.inbox.wait(pending);
    if (this.state.held) finish(pending, 'held');
  }

  private record(
    { eventId, eventKey, type, receivedAt, movedAway }: SubmittedChange,
    given?: GivenLook,
  ): RecordedEvent {
    const event: RecordedEvent = {
      eventId,
      eventKey,
      type,
      receivedAt,
      ...(movedAway && { movedAway }),
      ...(given && { comparedWith: given.at }),
    };
    this.state.events = [...this.state.events, event].slice(-KEPT_EVENTS);
    return event;
  }

  /** Rejected or guarded is an event only that touches what is. */
  private outcomeFor({ statements, stale }: Pending, { outcome, refused, guarded }: Settlement): Outcome {
    if (stale) return 'stale';
    const paths = new Set(statements.map(({ path }) => path));
    const ids = this.wanted.wishes().flatMap(({ id, path }) => (paths.has(path) ? [id] : []));
    if (refused.some(({ id }) => id === undefined || ids.includes(id))) return 'rejected';
    return guarded !== undefined && ids.includes(BLACKLIST_FLAG) ? 'guarded' : outcome;
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
