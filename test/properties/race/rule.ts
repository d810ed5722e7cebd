import { type Said, type Scenario, START_S } from './scenario';
import type { Course } from './temporal-in-process';
import type { Moment } from './timeline';

/**
 * What a person may rely on when consent changes in Didomi and in Brevo at once, read from the words of the
 * promise and from what truly took place. Shares no code with the product.
 */
export function violations(scenario: Scenario, course: Course): string[] {
  const story = new Story(scenario, course);
  return [...story.atEveryWrite(), ...story.atTheEnd()];
}

/** Clocks differ by this much: what the account did so close to our own write cannot be told from it. */
const CLOCKS_MS = 2_000;

type Elsewhere = Extract<Moment, { kind: 'elsewhere' }>;
type Write = Extract<Moment, { kind: 'write' }>;

interface InForce {
  readonly value: boolean;
  /** s since 1970; undefined = nobody knows. */
  readonly time: number | undefined;
}

class Story {
  private readonly moments: readonly Moment[];

  constructor(
    private readonly scenario: Scenario,
    private readonly course: Course,
  ) {
    this.moments = course.moments;
  }

  atEveryWrite(): string[] {
    return this.moments.flatMap((moment, index) => {
      if (moment.kind !== 'write' || moment.sent.emailBlacklisted === undefined) return [];
      if (!this.scenario.flagMapped) return ['the flag was sent although it is not mapped'];
      return moment.sent.emailBlacklisted ? [] : this.atClearing(moment, index);
    });
  }

  atTheEnd(): string[] {
    const said = this.said(this.moments.length);
    if (!said) return [];
    if (this.course.onBlacklist === undefined) return ['there is no contact'];
    return [
      ...this.attributeAtTheEnd(said),
      ...(this.scenario.flagMapped ? this.blacklistAtTheEnd(said) : []),
    ];
  }

  /** We sent `emailBlacklisted: false`. */
  private atClearing({ attempt }: Write, index: number): string[] {
    const { resubscribe } = this.scenario;
    if (resubscribe === 'never') return ['cleared although the integration says never'];
    const looked = this.moments.findLastIndex(
      (moment, at) => at < index && moment.kind === 'look' && moment.attempt === attempt,
    );
    const look = this.moments[looked];
    if (look?.kind !== 'look' || look.saw !== true)
      return ['cleared without having seen it on the blacklist'];
    const since = this.moments.findIndex((one) => one.kind === 'attempt' && one.attempt === attempt);
    const begun = this.moments[since];
    const called = this.moments.findIndex(
      (one) => one.kind === 'called' && begun?.kind === 'attempt' && one.call === begun.call,
    );
    const said = this.said(called);
    if (!said?.value) return ['cleared although no opt-in was in force when that began'];
    if (resubscribe === 'always') return [];
    if (said.time === undefined) return this.atClearingUnknownTime(looked);
    const { time } = said;
    return this.acts(looked).some((act) => this.isAtOrAfter(act, time) && !this.looksLikeOurs(act, looked))
      ? ['cleared against an unsubscription that the look had shown']
      : [];
  }

  /** An opt-in of which nobody knows the time clears only what we blacklisted ourselves. */
  private atClearingUnknownTime(looked: number): string[] {
    const last = this.moments.findLastIndex((one, at) => at < looked && turnedOn(one));
    const moment = this.moments[last];
    if (moment?.kind === 'write') return [];
    if (moment?.kind === 'elsewhere' && (!this.isTraced(moment) || this.looksLikeOurs(moment, looked)))
      return [];
    return ['an opt-in of unknown time cleared what was not ours'];
  }

  private attributeAtTheEnd({ value }: InForce): string[] {
    if (this.course.attribute === value) return [];
    const changed = this.moments.findLastIndex(
      (one) => one.kind === 'elsewhere' && 'otherSystem' in one.what && one.what.otherSystem.attributes,
    );
    return changed > this.lastLook('lookUpContact') && changed > this.chosen()
      ? []
      : [`the attribute is ${this.course.attribute}, and ${value} is in force`];
  }

  private blacklistAtTheEnd(said: InForce): string[] {
    const { onBlacklist } = this.course;
    const changedAt = this.moments.findLastIndex((one) => turnedOn(one) || turnedOff(one));
    const changed = this.moments[changedAt];
    const elsewhere = changed?.kind === 'elsewhere';
    const afterAll = elsewhere && changedAt > this.lastLook() && changedAt > this.chosen();
    if (!said.value) {
      if (onBlacklist === true || afterAll) return [];
      return ['an opt-out is in force and the contact is not on the blacklist'];
    }
    if (!onBlacklist) return this.whyOff(said, changed, changedAt);
    // Whoever put it there after we had cleared it for this very opt-in meant it.
    const afterClearing =
      elsewhere &&
      this.moments.some((one, at) => at < changedAt && clears(one) && this.said(at)?.time === said.time);
    return this.whyOn(said, afterAll || afterClearing);
  }

  /** It is off the blacklist, with an opt-in in force. */
  private whyOff({ time }: InForce, changed: Moment | undefined, changedAt: number): string[] {
    if (this.scenario.resubscribe === 'always' || changed?.kind !== 'write') return [];
    if (time === undefined) return [];
    return this.acts(changedAt).some(
      (act) => this.isAtOrAfter(act, time) && !this.looksLikeOurs(act, changedAt),
    )
      ? ['left cleared against a later unsubscription']
      : [];
  }

  /** It is on the blacklist, with an opt-in in force. */
  private whyOn({ time }: InForce, afterAll: boolean): string[] {
    const { resubscribe } = this.scenario;
    if (afterAll || resubscribe === 'never' || this.isTakenForTheAccounts()) return [];
    if (resubscribe === 'always') return ['not cleared although the integration says always'];
    const all = this.acts(this.moments.length);
    if (time !== undefined) {
      return all.some((act) => this.isAtOrAfter(act, time))
        ? []
        : ['not cleared although nothing forbids it'];
    }
    const last = this.moments.findLastIndex(turnedOn);
    const moment = this.moments[last];
    const ours = moment?.kind === 'write' && this.activityOf(moment) !== 'clearBlacklist';
    const before = this.moments.findLastIndex(
      (one, at) => at < last && one.kind === 'look' && one.saw === false,
    );
    const meanwhile = all.some((act) => this.moments.indexOf(act) > before);
    // Who unsubscribed in the second in which our last look before our own write began may have done it after the look.
    const close = all.some((act) => Math.floor(act.at / 1000) >= this.secondWhenAsked(before));
    if (!ours || before < 0 || meanwhile || close) return [];
    return ['what we blacklisted ourselves was not cleared by an opt-in'];
  }

  /**
   * Our own write came late, or put an unsubscription back and its answer was lost: Brevo's record of it cannot be
   * told from an act of the account, and the contact stays where it is.
   */
  private isTakenForTheAccounts(): boolean {
    const moment = this.moments.findLast(turnedOn);
    if (moment?.kind !== 'write') return false;
    const call = this.callIdOf(moment);
    const ended = this.moments.find((one) => one.kind === 'ended' && one.call === call);
    const last = this.moments.findLast((one) => one.kind === 'attempt' && one.call === call);
    const answered = last?.kind === 'attempt' && last.attempt === moment.attempt;
    const late = ended !== undefined && moment.at > ended.at;
    return late || (this.activityOf(moment) === 'clearBlacklist' && !answered);
  }

  /** The second in which the look was asked for. */
  private secondWhenAsked(index: number): number {
    const look = this.moments[index];
    if (look?.kind !== 'look') return Number.NEGATIVE_INFINITY;
    const call = this.callIdOf(look);
    const asked = this.moments.find((one) => one.kind === 'called' && one.call === call) ?? look;
    return Math.floor(asked.at / 1000);
  }

  /** What Didomi's messages so far amount to. */
  private said(before: number): InForce | undefined {
    const all = this.moments.slice(0, before).flatMap((one) => (one.kind === 'didomi' ? [one.said] : []));
    const choice = latest(all.filter((one) => 'at' in one));
    const record = latest(all.filter((one) => 'asOf' in one));
    if (!choice || !('at' in choice)) return record && { value: record.value, time: undefined };
    if (!record || !('asOf' in record) || choice.at > record.asOf)
      return { value: choice.value, time: choice.at };
    const seen = choice.known < record.asOf;
    const value = seen ? record.value : record.value && choice.value;
    return { value, time: value === choice.value ? choice.at : undefined };
  }

  /** Unsubscriptions and complaints that Brevo knows, in what took place so far. */
  private acts(before: number): Elsewhere[] {
    return this.moments
      .slice(0, before)
      .flatMap((one) => (one.kind === 'elsewhere' && this.isTraced(one) ? [one] : []));
  }

  /** Whether Brevo's statistics tell of it. */
  private isTraced({ what, before, after }: Elsewhere): boolean {
    if ('by' in what) return true;
    return this.scenario.trace === 'leaves_admin_unsubscription' && !before && after;
  }

  private isAtOrAfter({ at }: Elsewhere, time: number): boolean {
    return Math.floor(at / 1000) >= time;
  }

  /** The account's act, so close to a write that we meant to make that nobody can tell whose it was. */
  private looksLikeOurs({ at, what }: Elsewhere, before: number): boolean {
    if ('by' in what && what.by !== 'admin') return false;
    return this.moments.slice(0, before).some((one) => {
      const [from, to] = this.spanOf(one) ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      return at >= from && at <= to + CLOCKS_MS;
    });
  }

  /**
   * Since and until when we were putting the contact on the blacklist. What a look had shown before we put it back
   * is known not to be ours.
   */
  private spanOf(moment: Moment): [number, number] | undefined {
    if (moment.kind === 'write' && moment.sent.emailBlacklisted === true) {
      const looked = this.moments.findLast((one) => one.kind === 'look' && one.attempt === moment.attempt);
      return [looked?.at ?? moment.at - CLOCKS_MS, moment.at];
    }
    if (moment.kind !== 'called' || !moment.blacklists) return undefined;
    const ended = this.moments.find((one) => one.kind === 'ended' && one.call === moment.call);
    return [moment.at - CLOCKS_MS, ended?.at ?? Number.POSITIVE_INFINITY];
  }

  private callIdOf({ attempt }: { attempt: number }): number {
    const begun = this.moments.find((one) => one.kind === 'attempt' && one.attempt === attempt);
    return begun?.kind === 'attempt' ? begun.call : 0;
  }

  /**
   * When the message came that made the last difference to what is in force; where a resync sent it, when that had read
   * Brevo.
   */
  private chosen(): number {
    const chosen = this.moments.findLastIndex((one, at) => {
      const [before, after] = [this.said(at), this.said(at + 1)];
      return one.kind === 'didomi' && (before?.value !== after?.value || before?.time !== after?.time);
    });
    const moment = this.moments[chosen];
    return moment?.kind === 'didomi' && moment.read ? this.moments.indexOf(moment.read) : chosen;
  }

  private lastLook(activity?: string): number {
    return this.moments.findLastIndex(
      (one) =>
        one.kind === 'look' && one.heard && (activity ?? this.activityOf(one)) === this.activityOf(one),
    );
  }

  private activityOf(one: { attempt: number }): string | undefined {
    const call = this.callIdOf(one);
    const called = this.moments.find((moment) => moment.kind === 'called' && moment.call === call);
    return called?.kind === 'called' ? called.activity : undefined;
  }
}

function turnedOn(moment: Moment): boolean {
  return (moment.kind === 'elsewhere' || moment.kind === 'write') && !moment.before && moment.after;
}

function turnedOff(moment: Moment): boolean {
  return (moment.kind === 'elsewhere' || moment.kind === 'write') && moment.before && !moment.after;
}

function clears(moment: Moment): boolean {
  return moment.kind === 'write' && moment.sent.emailBlacklisted === false;
}

/** The latest; in the same second the opt-out. */
function latest<T extends Said>(all: readonly T[]): T | undefined {
  const timeOf = (said: Said) => ('at' in said ? said.at : said.asOf);
  return all.reduce<T | undefined>((best, one) => {
    if (!best || timeOf(one) > timeOf(best)) return one;
    return timeOf(one) === timeOf(best) && !one.value ? one : best;
  }, undefined);
}

/** A course as a person reads it, in seconds since the start. */
export function told({ moments, onBlacklist, attribute, outcome }: Course): string {
  const lines = moments.map(
    ({ at, ...rest }) => `${((at - START_S * 1000) / 1000).toFixed(1)} ${shown(rest)}`,
  );
  return [...lines, `ends: ${JSON.stringify({ onBlacklist, attribute, outcome })}`].join('\n');
}

function shown(value: unknown): string {
  return JSON.stringify(value, (key, one: unknown) =>
    (key === 'at' || key === 'known' || key === 'asOf') && typeof one === 'number' ? one - START_S : one,
  );
}
