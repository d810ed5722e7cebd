import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import type { Contact } from '../consent/contact';
import type { ClearAction, Decision, WriteAction } from '../consent/decide';
import type { BrevoFailureDetail } from './activities-contract';
import { awaitBrevo, brevoFailure, call, type Urgency } from './brevo-activities';
import type { ContactRecord, Round, Settlement } from './contact-record';
import type { ConsentSyncInput } from './contract';
import { Writing } from './writing';

/** Brevo's clock and ours. */
const CLOCK_TOLERANCE_MS = 2000;

/** Looks taken again in one go because Brevo's answers contradict each other, before it is called a refusal. */
const MAX_CONTRADICTIONS = 5;

/**
 * Brings Brevo in line with what is in force: look, decide, write, until nothing is owed. Comes back with
 * everything settled, or waits as long as Brevo's account refuses to work.
 *
 * @param onHeld called when the account is found held, and for every change that arrives while it is
 */
export async function settle(
  input: ConsentSyncInput,
  record: ContactRecord,
  onHeld: () => void,
): Promise<void> {
  const settling = new Settling(input, record, onHeld);
  while (record.owesSomething()) await settling.step();
}

class Settling {
  private heldInARow = 0;
  private contradictions = 0;
  /** ms: a create whose answer was lost began then. */
  private createdSince: number | undefined;

  constructor(
    private readonly input: ConsentSyncInput,
    private readonly record: ContactRecord,
    private readonly onHeld: () => void,
  ) {}

  /** One look, or one decision with what it asks for. */
  async step(): Promise<void> {
    const { record } = this;
    const urgency: Urgency = record.hasWithdrawal() ? 'withdrawal' : 'live';
    const looking = record.needsLook();
    const anew = record.anew();
    const round = record.beginRound();
    try {
      if (looking) await this.look(round, urgency);
      else await this.decideAndWrite(round, anew, urgency);
      this.heldInARow = 0;
    } catch (error) {
      record.reopen(round);
      await this.recover(error);
    }
  }

  private async look(round: Round, urgency: Urgency): Promise<void> {
    const { integration, identifier } = this.input;
    const at = Date.now();
    const look = await call(
      'lookUpContact',
      { integration, identifier },
      { urgency, summary: `look up the contact by ${identifier.kind}` },
    );
    this.record.learn(look, at);
    this.record.noteCall('lookUpContact', Date.now(), look.contact ? 'found' : 'no such contact');
    this.record.keepPending(round);
  }

  private async decideAndWrite(round: Round, anew: ReadonlySet<string>, urgency: Urgency): Promise<void> {
    const { record } = this;
    const { knowledge, rules } = record.state;
    if (!knowledge || !rules) throw new Error('a decision needs a look');
    const decision = record.decide(knowledge, anew);
    const settlement = await this.carryOut(decision, knowledge.contact, rules.dryRun, urgency);
    if (settlement === 'overtaken') {
      record.forgetContact();
      record.reopen(round);
      return;
    }
    const { outcome } = settlement;
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
  }

  private async carryOut(
    { action }: Decision,
    contact: Contact | null,
    dryRun: boolean,
    urgency: Urgency,
  ): Promise<Settlement | 'overtaken'> {
    if (action.kind === 'none') return { outcome: action.outcome, refused: [] };
    const writing = new Writing(this.input, this.record, urgency);
    if (action.kind === 'clear') {
      if (!contact) throw new Error('only a contact that exists can be taken off the blacklist');
      return unlessOvertaken(this.record, action, () => writing.clear(contact, action));
    }
    if (dryRun) return { outcome: action.kind === 'create' ? 'created' : 'updated', refused: [] };
    return unlessOvertaken(this.record, action, () => writing.write(action));
  }

  /** The answer to our create was lost, and the contact appeared since. */
  private wasCreatedByUs(contact: Contact | null): boolean {
    if (this.createdSince === undefined || contact?.createdAt === undefined) return false;
    return contact.createdAt >= this.createdSince - CLOCK_TOLERANCE_MS;
  }

  private async recover(error: unknown): Promise<void> {
    const failure = brevoFailure(error);
    switch (failure?.kind) {
      case 'held':
        return this.waitWhileHeld(failure.detail);
      case 'duplicate':
      case 'notFound':
        this.createdSince ??= failure.detail.mayBeOursSince;
        return this.lookAgain(failure.detail);
      case 'refused':
        return this.reject(failure.detail);
      default:
        throw error;
    }
  }

  private async waitWhileHeld(detail: BrevoFailureDetail): Promise<void> {
    const { record } = this;
    record.hold(detail, Date.now());
    record.forgetContact();
    this.onHeld();
    this.heldInARow += 1;
    let waiting = true;
    const wait = (async () => {
      // The account answers, and yet refuses what we ask for: do not ask in a tight loop.
      if (this.heldInARow > 1) await sleep(Math.min(60, 5 * 2 ** this.heldInARow) * 1000);
      await awaitBrevo(this.input.integration, `wait until Brevo's account works again: ${detail.reason}`);
    })().finally(() => {
      waiting = false;
    });
    let told = record.revision;
    while (waiting) {
      await condition(() => !waiting || record.revision !== told);
      if (record.revision !== told) this.onHeld();
      told = record.revision;
    }
    await wait;
  }

  /** Brevo knows the contact otherwise than it said: somebody else writes too. */
  private async lookAgain(detail: BrevoFailureDetail): Promise<void> {
    this.contradictions += 1;
    if (this.contradictions > MAX_CONTRADICTIONS) return this.reject(detail);
    this.record.forgetContact();
    if (this.contradictions > 1) await sleep(2 ** this.contradictions * 500);
  }

  /** Brevo refuses the contact as a whole: nothing of it can be written. */
  private reject(detail: BrevoFailureDetail): void {
    const { mayBeOursSince: _, ...refusal } = detail;
    const round = this.record.beginRound();
    this.record.settle(round, { outcome: 'unchanged', refused: [refusal] }, Date.now());
    this.contradictions = 0;
  }
}

/** Runs a write that is cancelled when, before it has begun, the person wants something else. */
async function unlessOvertaken(
  record: ContactRecord,
  action: WriteAction | ClearAction,
  write: () => Promise<Settlement>,
): Promise<Settlement | 'overtaken'> {
  let ended = false;
  let overtaken = false;
  const scope = new CancellationScope();
  const writing = scope.run(write).finally(() => {
    ended = true;
  });
  const watching = condition(() => ended || record.isOvertaken(action)).then(() => {
    if (ended) return;
    overtaken = true;
    scope.cancel();
  });
  try {
    return await writing;
  } catch (error) {
    if (overtaken && isCancellation(error)) return 'overtaken';
    throw error;
  } finally {
    await watching;
  }
}
