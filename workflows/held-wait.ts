import type { Admission, BrevoFailureDetail } from './activities-contract';
import type { ContactRecord } from './contact-record';
import type { ConsentSyncInput } from './contract';
import type { Surroundings } from './surroundings';
import { unless } from './unless';

/** The change with which contacts wait at the account's gate, without pauses of their own. */
const WAITS_AT_THE_GATE = 'waits-at-the-gate';

/** Longest pause, in s, that earlier versions made before they asked again. */
const MAX_PAUSE_S = 60;

/** A contact's wait for a Brevo account that does not serve it. */
export class HeldWait {
  /** How it got past the last wait: told with its next calls. */
  admission: Admission | undefined;
  private times = 0;
  /** As `times`, those only at which Brevo itself was asked for this contact. */
  private refusals = 0;
  /** It waits, and not as a withdrawal. */
  private waitsLast = false;
  /** A withdrawal came while it waited so. */
  private goesFirst = false;

  constructor(
    private readonly input: ConsentSyncInput,
    private readonly record: ContactRecord,
    private readonly tell: () => void,
    private readonly temporal: Surroundings,
  ) {}

  /** Ends when Brevo serves the account again, or the contact has the turn to try. */
  async wait(detail: BrevoFailureDetail): Promise<void> {
    this.times += 1;
    if (!detail.notAsked) this.refusals += 1;
    let waiting = true;
    const wait = this.awaitBrevo(detail).finally(() => {
      waiting = false;
    });
    await Promise.all([wait, this.tellOfArrivals(() => waiting)]);
  }

  /** Brevo has served it. */
  end(): void {
    this.times = 0;
    this.refusals = 0;
    this.admission = undefined;
  }

  private async awaitBrevo({ reason, call }: BrevoFailureDetail): Promise<void> {
    const { record, temporal } = this;
    if (this.times > 1 && !temporal.patched(WAITS_AT_THE_GATE)) {
      const ms = Math.min(MAX_PAUSE_S, 5 * 2 ** this.times) * 1000;
      await temporal.pause(ms, 'pause: the account works, but Brevo refuses this call');
    }
    const summary = `wait until Brevo's account works again: ${reason}`;
    const { integration, identifier: given } = this.input;
    const input = {
      integration,
      identifier: record.brevo.identifier(given),
      ...(call !== undefined && { needs: call }),
      refusals: this.refusals,
    };
    for (let asked = false; ; ) {
      const tries = record.triesAsked;
      this.waitsLast = !record.wanted.hasWithdrawal();
      const urgency = record.haste.urgency(!this.waitsLast);
      const how = { ...input, ...(asked && { asked: true as const }) };
      const admission = await unless(
        temporal,
        () => record.triesAsked !== tries || this.goesFirst,
        () => temporal.awaitBrevo(how, { urgency, summary }),
      );
      this.goesFirst = false;
      if (admission !== 'overtaken') {
        this.admission = admission;
        return;
      }
      asked = record.triesAsked !== tries;
    }
  }

  private async tellOfArrivals(waiting: () => boolean): Promise<void> {
    const { record, temporal } = this;
    let told = record.revision;
    while (waiting()) {
      await temporal.until(() => !waiting() || record.revision !== told);
      if (record.revision === told) continue;
      this.tell();
      told = record.revision;
      // A withdrawal does not wait behind others because the contact began to wait without one.
      if (this.waitsLast && record.wanted.hasWithdrawal() && temporal.patched(WAITS_AT_THE_GATE)) {
        this.goesFirst = true;
      }
    }
  }
}
