import { asyncLocalStorage, Context } from '@temporalio/activity';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  RetryState,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';
import { contactActivities } from '../../../activities/contact-activities';
import type { Integrations } from '../../../activities/integrations';
import { rulesVersion } from '../../../config/rules-version';
import type { ConsentChange } from '../../../consent/change';
import { BLACKLIST_FLAG, type Rules } from '../../../consent/rules';
import type { Admission, ContactActivities } from '../../../workflows/activities-contract';
import { ContactRecord } from '../../../workflows/contact-record';
import { newContactState } from '../../../workflows/contact-state';
import type { GivenLook } from '../../../workflows/contract';
import { settle } from '../../../workflows/settle';
import type { Cancellable, Surroundings } from '../../../workflows/surroundings';
import { testRules } from '../../support/rules';
import { BrevoInProcess, EMAIL, typeOf, type Way } from './brevo-in-process';
import {
  type Fault,
  type Happening,
  type Message,
  type Resync,
  type Said,
  type Scenario,
  START,
} from './scenario';
import { type Moment, Timeline } from './timeline';

export const MAIL = 'consents_purposes_mail_enabled';

/** Temporal's own, as the workflow sets them. */
const HEARTBEAT_TIMEOUT_MS = 15_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** More than any scenario needs. */
const MOST_STEPS = 1_000;

interface Scope {
  cancelled: boolean;
}

interface Attempt {
  readonly number: number;
  readonly controller: AbortController;
  /** Temporal waits for it no longer. */
  lost: boolean;
  tellLost(): void;
}

/** What a resync has read of the contact, and when it submits it. */
interface Submission {
  readonly step: number;
  readonly says: Message;
  readonly look: GivenLook;
  readonly read: Moment;
}

/** What came of a scenario. */
export interface Course {
  readonly moments: readonly Moment[];
  readonly onBlacklist: boolean | undefined;
  readonly attribute: unknown;
  readonly outcome: string | null;
  /** ms since 1970. */
  readonly endedAt: number;
}

/**
 * The product's workflow logic and activities on a clock of their own: Temporal's part (retries, timeouts,
 * cancellation, new runs) is played here, Brevo's by the simulator's logic.
 */
export class TemporalInProcess {
  private readonly timeline = new Timeline();
  private readonly brevo: BrevoInProcess;
  private readonly due: { at: number; what: () => void }[] = [];
  private readonly faults: Fault[];
  private readonly happenings: Happening[];
  private submissions: Submission[] = [];
  private readonly rules: Rules;
  private readonly version: string;
  private readonly activities: ContactActivities;
  private record = new ContactRecord(newContactState());
  private now = START;
  private steps = 0;
  private attempts = 0;
  private calls = 0;
  private events = 0;
  private scope: Scope | undefined;
  private over = false;
  /** Attempts that go on although Temporal waits for them no longer. */
  private readonly asleep = new Set<Attempt>();

  constructor(private readonly scenario: Scenario) {
    const { contact, faults, flagMapped, happenings, ledger, resubscribe, trace } = scenario;
    this.brevo = new BrevoInProcess(this.timeline, () => this.now, { apiBlacklisting: trace });
    this.faults = [...faults];
    this.happenings = [...happenings];
    this.rules = testRules({
      mappings: [{ id: 'NEWS', value: MAIL }, ...(flagMapped ? [{ id: BLACKLIST_FLAG, value: MAIL }] : [])],
      rememberMs: 7 * 86_400_000,
      resubscribe,
      ...(ledger && { ledgerAttribute: 'LEDGER' }),
    });
    this.version = rulesVersion(this.rules);
    const account = this.brevo.open(() => (Context.current().info as unknown as { way: Way }).way);
    const open = () => ({ integration: { rules: this.rules }, account });
    this.activities = contactActivities({ open } as unknown as Integrations);
    if (contact) this.seed(contact);
  }

  async run(): Promise<Course> {
    const clock = Date.now;
    Date.now = () => this.now;
    try {
      await this.workflow();
      return {
        moments: this.timeline.moments,
        onBlacklist: this.brevo.contact()?.emailBlacklisted,
        attribute: this.brevo.contact()?.attributes.NEWS,
        outcome: this.record.shownOutcome(),
        endedAt: this.now,
      };
    } finally {
      this.over = true;
      Date.now = clock;
    }
  }

  /** As consentSync does it, until nothing more can happen. */
  private async workflow(): Promise<void> {
    const input = { integration: 'default', identifier: { kind: 'email', value: EMAIL } } as const;
    let runBegan = this.steps;
    // A run has to come some way before the next is due.
    const newRunIsDue = () => this.scenario.newRuns && this.steps > runBegan + 2;
    for (;;) {
      const { record } = this;
      record.recheckIfDue(this.now);
      if (record.inbox.owesSomething()) {
        await settle(input, record, { tell: () => undefined, leave: newRunIsDue }, this.temporal);
      }
      if (newRunIsDue() && record.inbox.nobodyWaits()) {
        record.inbox.handOver();
        this.record = new ContactRecord(JSON.parse(JSON.stringify(record.state)));
        runBegan = this.steps;
      }
      if (this.record.inbox.owesSomething()) continue;
      const more = this.happenings.length + this.submissions.length > 0;
      if (more || (this.asleep.size > 0 && this.due.length === 0)) {
        await this.step();
        continue;
      }
      const next = Math.min(this.record.state.recheckAt ?? Infinity, ...this.due.map(({ at }) => at));
      if (next === Infinity) return;
      await this.pass(Math.max(1, next - this.now));
    }
  }

  private seed({ emailBlacklisted, unsubscribedBefore }: NonNullable<Scenario['contact']>): void {
    const createdAt = '2025-01-01T00:00:00Z';
    if (unsubscribedBefore === undefined) {
      this.brevo.seed({ emailBlacklisted, createdAt });
      return;
    }
    const at = START - unsubscribedBefore * 1000;
    const userUnsubscription = [{ campaignId: 1, eventTime: new Date(at).toISOString() }];
    const statistics = { unsubscriptions: { userUnsubscription, adminUnsubscription: [] } };
    this.brevo.seed({ emailBlacklisted: true, createdAt, statistics });
    const what = { by: 'user' } as const;
    this.timeline.add({ kind: 'elsewhere', at, what, before: false, after: true });
  }

  private readonly temporal: Surroundings = {
    call: ((name: 'lookUpContact', input: object, { gate }: { gate?: Admission }) =>
      this.callActivity(name, { ...input, ...(gate && { gate }) })) as unknown as Surroundings['call'],
    awaitBrevo: (input) => this.callActivity('awaitBrevo', input),
    pause: (ms) => this.pass(ms),
    patched: () => true,
    until: async (isSo) => {
      while (!isSo()) {
        await turn();
        if (this.over) throw new Error('the scenario is over');
      }
    },
    cancellable: (run) => this.cancellable(run),
  };

  private cancellable<T>(run: () => Promise<T>): Cancellable<T> {
    const scope: Scope = { cancelled: false };
    this.scope = scope;
    return {
      result: run().finally(() => {
        this.scope = undefined;
      }),
      cancel: () => {
        scope.cancelled = true;
      },
    };
  }

  private async callActivity<T>(name: 'lookUpContact' | 'awaitBrevo', input: never | object): Promise<T> {
    const { scope } = this;
    this.calls += 1;
    const call = this.calls;
    const blacklists = (input as { emailBlacklisted?: boolean }).emailBlacklisted === true;
    this.timeline.add({ kind: 'called', at: this.now, activity: name, call, blacklists });
    const scheduledAt = this.now;
    const left = {};
    try {
      for (
        let attempt = 1, wait = FIRST_RETRY_MS;
        ;
        attempt += 1, wait = Math.min(wait * 2, LONGEST_RETRY_MS)
      ) {
        await this.step();
        if (scope?.cancelled) throw failed(name, new CancelledFailure('cancelled'));
        const ended = await this.attempt<T>(name, input, { attempt, scheduledAt, scope, call, left });
        if ('result' in ended) return ended.result;
        if (ended.error instanceof CancelledFailure) throw failed(name, ended.error);
        const final = ended.error instanceof ApplicationFailure && ended.error.nonRetryable;
        if (final || scope?.cancelled) throw failed(name, ended.error);
        if (ended.error instanceof TimeoutFailure) await this.pass(HEARTBEAT_TIMEOUT_MS);
        else await this.pass(ownDelay(ended.error) ?? wait);
      }
    } finally {
      this.timeline.add({ kind: 'ended', at: this.now, activity: name, call });
    }
  }

  private async attempt<T>(
    name: 'lookUpContact' | 'awaitBrevo',
    input: object,
    about: {
      attempt: number;
      scheduledAt: number;
      scope: Scope | undefined;
      call: number;
      left: { details?: unknown };
    },
  ): Promise<{ result: T } | { error: Error }> {
    this.attempts += 1;
    const controller = new AbortController();
    let tellLost = (): void => undefined;
    const lost = new Promise<{ error: Error }>((resolve) => {
      tellLost = () => resolve({ error: new TimeoutFailure('heartbeat', undefined, TimeoutType.HEARTBEAT) });
    });
    const attempt: Attempt = { number: this.attempts, controller, lost: false, tellLost };
    this.timeline.add({ kind: 'attempt', at: this.now, attempt: attempt.number, call: about.call });
    const way = this.wayOf(attempt, about.scope);
    const info = {
      attempt: about.attempt,
      scheduledTimestampMs: about.scheduledAt,
      priority: {},
      heartbeatDetails: about.left.details,
      way,
    };
    const none = undefined as never;
    const context = new Context(
      info as never,
      none,
      controller.signal,
      (details: unknown) => {
        about.left.details = details;
      },
      none,
      none,
      none,
      {} as never,
    );
    const running = asyncLocalStorage
      .run(context, () => this.activities[name](input as never) as Promise<T>)
      .then(
        (result) => ({ result }),
        (error: Error) => ({ error }),
      )
      .finally(() => {
        this.asleep.delete(attempt);
      });
    return Promise.race([running, lost]);
  }

  private wayOf(attempt: Attempt, scope: Scope | undefined): Way {
    const { cancellationArrives } = this.scenario;
    const heed = () => {
      if (scope?.cancelled && cancellationArrives && !attempt.lost) {
        attempt.controller.abort(new CancelledFailure('cancelled'));
      }
    };
    return {
      attempt: attempt.number,
      step: async () => {
        // A worker that lost touch with Temporal goes on, but it is not what moves time.
        if (attempt.lost) await turn();
        else await this.step();
        heed();
      },
      fault: () => (attempt.lost ? 'none' : (this.faults.shift() ?? 'none')),
      die: () => {
        attempt.lost = true;
        attempt.tellLost();
      },
      isHeard: () => !attempt.lost,
      later: (ms, what) => {
        this.due.push({ at: this.now + ms, what });
      },
      sleepTooLong: (ms) => {
        attempt.lost = true;
        attempt.tellLost();
        this.asleep.add(attempt);
        return new Promise((wake) => {
          this.due.push({ at: this.now + ms, what: wake });
        });
      },
    };
  }

  /** A moment in which something may happen. */
  private async step(): Promise<void> {
    const { pace } = this.scenario;
    await this.pass(pace[this.steps % pace.length] ?? 1);
  }

  private async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const [next] = this.due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.due.splice(this.due.indexOf(next), 1);
      this.now = Math.max(this.now, next.at);
      next.what();
      await turn();
    }
    this.now = end;
    this.steps += 1;
    if (this.steps > MOST_STEPS) throw new Error('it comes to no end');
    for (let next = this.happenings[0]; next && next.step <= this.steps; next = this.happenings[0]) {
      this.happenings.shift();
      if ('didomi' in next.what) this.deliver(next.what.didomi);
      else if ('resync' in next.what) this.read(next.what.resync);
      else this.brevo.happen(next.what);
    }
    const due = this.submissions.filter(({ step }) => step <= this.steps);
    this.submissions = this.submissions.filter((one) => !due.includes(one));
    for (const one of due) this.deliver(one.says, one);
    await turn();
    await turn();
  }

  private read({ says, submittedAfter, missed, clockAhead }: Resync): void {
    const contact = missed ? null : this.brevo.listed();
    const targets = this.rules.mappings.flatMap(({ id }) => (id === BLACKLIST_FLAG ? [] : [id]));
    const { ledgerAttribute } = this.rules;
    const look = {
      contact,
      rules: this.rules,
      rulesVersion: this.version,
      targets: [...targets, ...(ledgerAttribute ? [ledgerAttribute] : [])].map(targetOf),
    };
    const read: Moment = { kind: 'read', at: this.now, saw: contact?.emailBlacklisted };
    this.timeline.add(read);
    const step = this.steps + submittedAfter;
    this.submissions.push({ step, says, look: { look, at: this.now + clockAhead }, read });
  }

  private deliver(message: Message, resync?: Submission): void {
    this.events += 1;
    const said = this.dated(message);
    const subject = { regulation: 'gdpr', path: MAIL, user: 'u' };
    const eventId = `e${String(this.events).padStart(3, '0')}`;
    const { value } = said;
    const statement =
      'at' in said
        ? { ...subject, choice: { value, at: said.at, known: said.known, eventId } }
        : { ...subject, snapshot: { value, asOf: said.asOf } };
    const change: ConsentChange = {
      eventId,
      type: 'at' in said ? 'event.created' : 'user.created',
      receivedAt: this.now,
      statements: [statement],
    };
    const read = resync && { read: resync.read };
    this.timeline.add({ kind: 'didomi', at: this.now, said, ...read });
    const bulk = resync && { type: 'resync', bulk: true as const, look: resync.look };
    this.record.receive({ ...change, ...bulk, eventKey: eventId, rulesVersion: this.version }, this.now);
  }

  private dated(message: Message): Said {
    if (!('secondsAgo' in message)) return message;
    const at = Math.floor(this.now / 1000) - message.secondsAgo;
    return { value: message.value, at, known: at };
  }
}

function failed(name: string, cause: Error): ActivityFailure {
  return new ActivityFailure('failed', name, '1', RetryState.NON_RETRYABLE_FAILURE, undefined, cause);
}

/** The time that the activity itself named for its next attempt, in ms. */
function ownDelay(error: Error): number | undefined {
  const { nextRetryDelay } = error as Partial<ApplicationFailure>;
  return typeof nextRetryDelay === 'number' ? nextRetryDelay : undefined;
}

function targetOf(id: string) {
  return { id, name: id, type: { kind: typeOf(id) } };
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
