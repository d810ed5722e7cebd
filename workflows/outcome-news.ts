import type { Outcome, Refusal } from '../consent/outcome';
import { BLACKLIST_FLAG } from '../consent/rules';
import { isSubscribed, isWithdrawal, type Wish } from '../consent/wish';
import type { ContactRecord } from './contact-record';
import type { CarriedState, RecordedEvent } from './contact-state';
import type { AppliedChoice, OutcomeReason, OutcomeReport, SettledEvent } from './outcome-sink';

/** An event of which it is not known yet whether Brevo holds what it says. */
type Unsettled = undefined | 'held';

/** Brevo was not asked for what such an event says, or never will be. */
const WITHOUT_EFFECT: ReadonlySet<Outcome> = new Set(['skipped', 'stale']);

/**
 * What became of a contact since it was asked last. Pure. It compares with what it saw then, so that whatever changes an
 * outcome is noticed, and nothing is told twice.
 */
export class OutcomeNews {
  private shown: Outcome | null;
  private readonly told: WeakMap<RecordedEvent, Outcome>;
  private readonly toldChoices: Set<string>;
  private toldCalls = 0;

  /** What an earlier run has left counts as told, as far as it was settled there. */
  constructor(
    private readonly integration: string,
    private readonly record: ContactRecord,
  ) {
    this.shown = record.shownOutcome();
    this.told = new WeakMap();
    for (const event of record.state.events) if (event.outcome) this.told.set(event, event.outcome);
    const settled = record.wanted.wishes().filter((wish) => !isUnsettled(this.outcomeOf(wish)));
    this.toldChoices = new Set(settled.map(keyOf));
  }

  /** @returns undefined when there is nothing new */
  take(): OutcomeReport | undefined {
    const { integration, record } = this;
    const outcome = record.shownOutcome();
    const events = this.settledEvents();
    const choices = this.appliedChoices();
    const isNew = events.length > 0 || choices.length > 0 || outcome !== this.shown;
    this.shown = outcome;
    if (!isNew || outcome === null) return undefined;
    const calls = record.brevo.callsMade - this.toldCalls;
    this.toldCalls = record.brevo.callsMade;
    const dryRun = record.state.rules?.dryRun && { dryRun: true as const };
    return {
      integration,
      outcome,
      ...dryRun,
      events,
      reasons: reasonsOf(outcome, record.state),
      calls,
      choices,
    };
  }

  private settledEvents(): SettledEvent[] {
    return this.record.state.events.flatMap((event) => {
      const { eventKey, type, outcome } = event;
      if (outcome === undefined || this.told.get(event) === outcome) return [];
      this.told.set(event, outcome);
      return [{ eventKey, type, outcome }];
    });
  }

  /** A choice that came without an event of its own, as in a resync's record, says nothing of how quick we are. */
  private appliedChoices(): AppliedChoice[] {
    const { state } = this.record;
    return this.record.wanted.wishes().flatMap((wish) => {
      const outcome = this.outcomeOf(wish);
      if (this.toldChoices.has(keyOf(wish)) || isUnsettled(outcome)) return [];
      if (isRefused(wish, state.refused)) return [];
      this.toldChoices.add(keyOf(wish));
      const { time: at, eventId } = wish.inForce;
      const event = state.events.find((one) => one.eventId === eventId);
      const isKept = state.guarded !== undefined && wish.id === BLACKLIST_FLAG && subscribes(wish);
      if (!event || at === undefined || isKept || WITHOUT_EFFECT.has(outcome) || state.rules?.dryRun)
        return [];
      return [{ id: wish.id, eventKey: event.eventKey, at, withdrawal: isWithdrawal(wish) }];
    });
  }

  /** Of the event that the wish comes from; where several messages tell of it, the one that is not settled counts. */
  private outcomeOf({ inForce: { eventId } }: Wish): Outcome | Unsettled {
    const events = this.record.state.events.filter((event) => event.eventId === eventId);
    const unsettled = events.find(({ outcome }) => isUnsettled(outcome));
    return (unsettled ?? events[0])?.outcome;
  }
}

function reasonsOf(outcome: Outcome, { held, question, refused, guarded }: CarriedState): OutcomeReason[] {
  switch (outcome) {
    case 'held':
      return [held ?? question?.held ?? []].flat().map(reasonOf);
    case 'rejected':
      return refused.map(reasonOf);
    case 'guarded':
      return guarded === undefined ? [] : [{ id: BLACKLIST_FLAG, code: guarded }];
    default:
      return [];
  }
}

function reasonOf({ id, reason, status, code, requestId }: Refusal): OutcomeReason {
  return {
    ...(id !== undefined && { id }),
    ...(code !== undefined && { code }),
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId }),
    text: reason.replace(/"[^"]*"/g, '"…"'),
  };
}

function isUnsettled(outcome: Outcome | Unsettled): outcome is Unsettled {
  return outcome === undefined || outcome === 'held';
}

function isRefused({ id }: Wish, refused: readonly Refusal[]): boolean {
  return refused.some((refusal) => refusal.id === undefined || refusal.id === id);
}

function subscribes({ value }: Wish): boolean {
  return value !== undefined && isSubscribed(value);
}

function keyOf({ id, inForce: { eventId, time } }: Wish): string {
  return JSON.stringify([id, eventId, time]);
}
