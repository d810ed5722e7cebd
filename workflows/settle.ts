import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { Contact } from '../consent/contact';
import { type ClearAction, type Decision, isWithdrawing, type WriteAction } from '../consent/decide';
import type { Refusal } from '../consent/outcome';
import type { BrevoFailureDetail } from './activities-contract';
import { type BrevoFailureKind, brevoFailure } from './brevo-activities';
import { CLOCK_TOLERANCE_MS } from './clocks';
import type { ContactRecord, Settlement } from './contact-record';
import type { ConsentSyncInput } from './contract';
import { HeldWait } from './held-wait';
import type { Round } from './inbox';
import { type Surroundings, TEMPORAL } from './surroundings';
import { TypesWait } from './types-wait';
import { unless } from './unless';
import { isMoreUrgent, type Urgency } from './urgency';
import { Writing } from './writing';

/** Looks taken again in one go because Brevo's answers contradict each other, before it is called a refusal. */
const MAX_CONTRADICTIONS = 5;

/** Longest pause, in s, before Brevo is asked again for what its account refuses although it works. */
const MAX_PAUSE_S = 60;

export interface SettleOptions {
  /** Called when the story changes while something waits: the account is held, or an event arrives meanwhile. */
  readonly tell: () => void;
  /** Called when a round has come to its end: others may follow. */
  readonly settled?: () => void;
  /** Asked between two steps, when nobody waits for an outcome: whether to leave the rest to a new run. */
  readonly leave: () => boolean;
}

/**
 * Brings Brevo in line with what is in force: look, decide, write, until nothing is owed. Waits as long as Brevo's
 * account refuses to work.
 */
export async function settle(
  input: ConsentSyncInput,
  record: ContactRecord,
  options: SettleOptions,
  temporal: Surroundings = TEMPORAL,
): Promise<void> {
  const settling = new Settling(input, record, options, temporal);
  while (record.inbox.owesSomething()) {
    if (record.inbox.nobodyWaits() && options.leave()) return;
    await settling.step();
  }
}

class Settling {
  private readonly held: HeldWait;
  private readonly types: TypesWait;
  private contradictions = 0;
  /** ms: a create whose answer was lost began then. */
  private createdSince: number | undefined;

  constructor(
    private readonly input: ConsentSyncInput,
    private readonly record: ContactRecord,
    private readonly options: Pick<SettleOptions, 'tell' | 'settled'>,
    private readonly temporal: Surroundings,
  ) {
    this.held = new HeldWait(input, record, options.tell, temporal);
    this.types = new TypesWait(record);
  }

  /** One look, or one decision with what it asks for. */
  async step(): Promise<void> {
    const { record } = this;
    const looking = record.wanted.needsLook();
    const urgency = this.urgencyNow();
    const anew = record.wanted.anew();
    const round = record.inbox.begin();
    try {
      if (looking) await this.look(round, urgency);
      else await this.decideAndWrite(round, anew);
    } catch (error) {
      await this.recover(error, round);
    }
  }

  private async look(round: Round, urgency: Urgency): Promise<void> {
    const { integration, identifier: given } = this.input;
    const { brevo, inbox } = this.record;
    const identifier = brevo.identifier(given);
    const at = Date.now();
    const summary = `look up the contact by ${identifier.kind}`;
    const asked = { integration, identifier, ...this.types.asked() };
    const look = await this.unlessHurried(urgency, () =>
      this.call('lookUpContact', asked, { urgency, summary }),
    );
    if (look === 'overtaken') {
      this.types.hurry();
      inbox.reopen(round);
      return;
    }
    brevo.noteCall('lookUpContact', Date.now(), look.contact ? 'found' : 'no such contact');
    if (!look.contact && identifier !== given) {
      // The id is gone, but the person may be there under another one.
      brevo.forgetId();
      inbox.reopen(round);
      return;
    }
    this.record.learn(look, at, Date.now());
    inbox.keep(round);
  }

  private async decideAndWrite(round: Round, anew: ReadonlySet<string>): Promise<void> {
    const { record } = this;
    const { knowledge, rules } = record.state;
    if (!knowledge || !rules) throw new Error('a decision needs a look');
    const withoutTypes = knowledge.typesUnknown === true;
    const decision = record.wanted.decide(knowledge, anew);
    const settlement = await this.carryOut(decision, knowledge.contact, rules.dryRun);
    if (settlement === 'overtaken') {
      record.brevo.giveUp(Date.now());
      record.brevo.forget();
      record.inbox.reopen(round);
      return;
    }
    if (withoutTypes) {
      this.types.missed(settlement.outcome);
      record.brevo.forget();
      record.inbox.reopen(round);
      return;
    }
    const outcome = this.types.outcome(settlement.outcome);
    const created = this.wasCreatedByUs(knowledge.contact) && outcome !== 'skipped';
    record.settle(
      round,
      {
        outcome: created ? 'created' : outcome,
        refused: [...decision.refused, ...settlement.refused],
        guarded: settlement.guarded ?? decision.guarded,
      },
      Date.now(),
    );
    this.createdSince = undefined;
    this.contradictions = 0;
    this.held.end();
    this.types.end();
    this.options.settled?.();
  }

  private readonly call: Surroundings['call'] = (name, input, how) =>
    this.temporal.call(name, input, { ...how, gate: this.held.admission });

  private async carryOut(
    { action }: Decision,
    contact: Contact | null,
    dryRun: boolean,
  ): Promise<Settlement | 'overtaken'> {
    if (action.kind === 'none') return { outcome: action.outcome, refused: [] };
    const urgency = this.record.haste.urgency(isWithdrawing(action));
    const writing = new Writing(this.input, this.record, urgency, this.call);
    if (action.kind === 'clear') {
      if (!contact) throw new Error('only a contact that exists can be taken off the blacklist');
      return this.unlessOvertaken(action, urgency, () => writing.clear(contact, action));
    }
    if (dryRun) return { outcome: action.kind === 'create' ? 'created' : 'updated', refused: [] };
    return this.unlessOvertaken(action, urgency, () => writing.write(action));
  }

  /** The answer to our create was lost, and the contact appeared since. */
  private wasCreatedByUs(contact: Contact | null): boolean {
    if (this.createdSince === undefined || contact?.createdAt === undefined) return false;
    return contact.createdAt >= this.createdSince - CLOCK_TOLERANCE_MS;
  }

  private async recover(error: unknown, round: Round): Promise<void> {
    if (isCancellation(error)) throw error;
    const failure = brevoFailure(error);
    switch (failure?.kind) {
      case 'refused':
        return this.reject(failure.detail, round);
      case 'duplicate':
      case 'notFound':
      case 'rulesChanged':
      case 'ledgerChanged':
        this.createdSince ??= failure.detail.mayBeOursSince;
        return this.lookAgain(failure.kind, failure.detail, round);
      default:
        // Whatever else an activity ends with, the person's choice is not given up because of it.
        if (!(error instanceof ActivityFailure)) throw error;
        return this.waitWhileHeld(
          failure?.detail ?? { reason: 'an activity failed: see the history' },
          round,
        );
    }
  }

  private async waitWhileHeld(detail: BrevoFailureDetail, round: Round): Promise<void> {
    const { record } = this;
    record.inbox.reopen(round);
    record.hold(troubleOf(detail), Date.now());
    record.brevo.giveUp(Date.now());
    record.brevo.forget();
    this.options.tell();
    await this.held.wait(detail);
  }

  /** Brevo knows the contact otherwise than it said, or the worker knows other rules: somebody else acts too. */
  private async lookAgain(kind: BrevoFailureKind, detail: BrevoFailureDetail, round: Round): Promise<void> {
    const { brevo, inbox } = this.record;
    this.contradictions += 1;
    if ((kind === 'duplicate' || kind === 'notFound') && this.contradictions > MAX_CONTRADICTIONS)
      return this.reject(detail, round);
    if (kind === 'notFound') brevo.forgetId();
    else brevo.forget();
    if (detail.inDoubt) brevo.recheckAfter(Date.now());
    inbox.reopen(round);
    if (this.contradictions > 1) {
      const ms = Math.min(MAX_PAUSE_S, 2 ** this.contradictions / 2) * 1000;
      await this.temporal.pause(ms, 'pause: somebody else acts on the contact too');
    }
  }

  /** Brevo refuses the contact as a whole: nothing of it can be written. */
  private reject(detail: BrevoFailureDetail, round: Round): void {
    this.record.brevo.forget();
    this.record.settle(round, { outcome: 'unchanged', refused: [troubleOf(detail)] }, Date.now());
    this.contradictions = 0;
    this.options.settled?.();
  }

  /**
   * Runs a look at the given urgency, which is called off when what has come since must not wait for its turn, or a
   * withdrawal for the types of attributes.
   */
  private unlessHurried<T>(urgency: Urgency, look: () => Promise<T>): Promise<T | 'overtaken'> {
    return this.unless(this.types.hurries() ?? (() => false), urgency, look);
  }

  /** Runs a write that is called off when, before it is done, the person wants something else, or as `unlessHurried`. */
  private unlessOvertaken(
    action: WriteAction | ClearAction,
    urgency: Urgency,
    write: () => Promise<Settlement>,
  ): Promise<Settlement | 'overtaken'> {
    return this.unless(() => this.record.wanted.isOvertaken(action), urgency, write);
  }

  private unless<T>(
    isOvertaken: () => boolean,
    urgency: Urgency,
    act: () => Promise<T>,
  ): Promise<T | 'overtaken'> {
    const { haste } = this.record;
    const inBulk = haste.isBulk();
    return unless(
      this.temporal,
      () => isOvertaken() || (inBulk && !haste.isBulk()),
      act,
      () => isMoreUrgent(this.urgencyNow(), urgency),
    );
  }

  private urgencyNow(): Urgency {
    return this.record.haste.urgency(this.record.wanted.hasWithdrawal());
  }
}

/** What a person is told of a failure. */
function troubleOf({ reason, status, code, requestId }: BrevoFailureDetail): Refusal {
  return {
    reason,
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    ...(requestId !== undefined && { requestId }),
  };
}
