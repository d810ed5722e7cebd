import { type ConsentState, mergeStatements, usersIn } from '../consent/consent-state';
import { retractionsOf, withDeleted, withoutChoicesOf } from '../consent/deleted-events';
import { withoutErased } from '../consent/erasure';
import type { Refusal } from '../consent/outcome';
import { countedWhileAsking } from '../consent/question';
import { type Statement, toSeconds } from '../consent/statement';
import type { CarriedState, OwedDeletion, RecordedEvent } from './contact-state';
import type { SubmittedChange } from './contract';
import type { Pending } from './inbox';

/** A deletion that was received, and waits for what Didomi says. */
export type Deleted = Pick<Pending, 'ticket' | 'event' | 'repeats'>;

/** What one answer of Didomi's covers: what arrives later may not be in it. */
export interface DeletionRound {
  readonly owed: readonly OwedDeletion[];
  readonly deleted: readonly Deleted[];
}

/** What was deleted in Didomi, and what may be acted on until Didomi has said what holds now. */
export class Deletions {
  private waiting: readonly Deleted[];

  constructor(private readonly state: CarriedState) {
    this.waiting = this.owed().map((one) => ({ ticket: { awaited: false }, event: eventOf(state, one) }));
  }

  /** Didomi has to be asked. */
  mustAsk(): boolean {
    return this.state.question !== undefined;
  }

  add({ eventId, type, receivedAt, deletion, eventKey }: SubmittedChange, deleted: Deleted): void {
    const owed: OwedDeletion = { eventId, eventKey, type, receivedAt, ...deletion };
    const others = this.owed().filter((one) => !isSame(one, owed));
    this.state.question = { ...this.state.question, owed: [...others, owed] };
    this.waiting = [...this.waiting, deleted];
  }

  /** Asked beside the change itself, which is settled without the answer. */
  ask(change: SubmittedChange, event: RecordedEvent): void {
    const detached = { ticket: { awaited: false }, event: { ...event }, repeats: event };
    this.add({ ...change, deletion: change.readAgain ?? {} }, detached);
  }

  begin(): DeletionRound {
    return { owed: this.owed(), deleted: this.waiting };
  }

  /**
   * Didomi answered. Only now are the deleted events void, together with what holds instead: else an old yes could be
   * uncovered that Didomi does not hold.
   */
  end({ owed, deleted }: DeletionRound, statements: readonly Statement[]): void {
    const eventIds = owed.flatMap(({ event }) => event ?? []);
    if (eventIds.length > 0) {
      this.state.deletedEvents = withDeleted(this.state.deletedEvents ?? [], eventIds);
      const known = toSeconds(Math.max(...owed.map(({ receivedAt }) => receivedAt)));
      const voids = retractionsOf(this.state.consent, eventIds, known);
      this.state.consent = mergeStatements(withoutChoicesOf(this.state.consent, eventIds), voids);
    }
    this.state.consent = mergeStatements(this.state.consent, statements);
    const left = this.owed().filter((one) => !owed.includes(one));
    if (left.length > 0) this.state.question = { owed: left };
    else delete this.state.question;
    this.waiting = this.waiting.filter((one) => !deleted.includes(one));
  }

  /** Didomi's API does not serve us. @param now ms */
  hold(trouble: Refusal, now: number): void {
    const { question } = this.state;
    if (!question) return;
    const since = question.held?.since ?? new Date(now).toISOString();
    this.state.question = { ...question, held: { ...trouble, service: 'Didomi', since } };
  }

  /** The answer is late. */
  stopWaiting(): void {
    const { question } = this.state;
    if (question) this.state.question = { ...question, overdue: true };
  }

  everyone(): readonly Deleted[] {
    return this.waiting;
  }

  /** Nobody is kept waiting by a run that ends: the next one asks. */
  release(): void {
    for (const { ticket } of this.waiting) ticket.outcome ??= 'held';
  }

  /** Of what is known, what may be acted on. */
  counted(): ConsentState {
    const { question, erasure } = this.state;
    const consent = erasure ? withoutErased(this.state.consent, erasure) : this.state.consent;
    if (!question) return consent;
    const since = toSeconds(Math.max(...question.owed.map(({ receivedAt }) => receivedAt)));
    const overdue = question.overdue ?? false;
    return countedWhileAsking(consent, { since, deleted: this.asked(), overdue });
  }

  /** What a deleted event said is left out, however late it comes. */
  withoutVoidChoices(statements: readonly Statement[]): Statement[] {
    const gone = new Set([...(this.state.deletedEvents ?? []), ...this.asked()]);
    return statements.filter((one) => !('choice' in one && gone.has(one.choice.eventId)));
  }

  /** As `withoutVoidChoices`, for a state that somebody else kept. */
  withoutVoid(state: ConsentState): ConsentState {
    return withoutChoicesOf(state, this.state.deletedEvents ?? []);
  }

  /** Didomi users that are known of the person, also those that a deletion names. */
  users(): string[] {
    const named = this.owed().flatMap(({ user }) => user ?? []);
    return [...new Set([...usersIn(this.state.consent), ...named])];
  }

  private owed(): readonly OwedDeletion[] {
    return this.state.question?.owed ?? [];
  }

  /** Events that will be void with the answer. */
  private asked(): string[] {
    return this.owed().flatMap(({ event }) => event ?? []);
  }
}

type Named = Pick<OwedDeletion, 'eventId' | 'type'>;

function isSame(a: Named, b: Named): boolean {
  return a.eventId === b.eventId && a.type === b.type;
}

/** The event as it is listed; an old one may not be listed any more. */
function eventOf({ events }: Pick<CarriedState, 'events'>, owed: OwedDeletion): RecordedEvent {
  const { eventId, eventKey, type, receivedAt } = owed;
  return events.find((event) => isSame(event, owed)) ?? { eventId, eventKey, type, receivedAt };
}
