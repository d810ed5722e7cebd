import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { accountKey } from '../brevo/accounts';
import type { ObservedCall } from '../brevo/call-observer';
import { HELD_REASONS, type HeldReason } from '../brevo/errors';
import type { Config } from '../config';
import { OUTCOMES } from '../consent/outcome';
import type { OutcomeReport } from '../workflows/outcome-sink';
import { Minute } from './minute';

/** What is counted for an integration that the configuration does not have any more. */
const OTHER = 'other';

const CHOICES = ['withdrawal', 'other'] as const;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
/** Some seconds is as it should be; a week is how long a contact is remembered by default. */
const LAG_SECONDS = [
  ...[1, 2, 5, 10, 30],
  ...[1, 2, 5, 10, 30].map((minutes) => minutes * MINUTE),
  ...[1, 6].map((hours) => hours * HOUR),
  ...[1, 3, 7].map((days) => days * DAY),
];
/** The longest wait for an answer is 90 s. */
const CALL_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45, 90];

const STAGES = ['early', 'late'] as const;
/** From this attempt on, some four minutes after the first: what passes by itself has passed by then. */
const LATE_ATTEMPT = 10;

/** A Brevo account as a worker sees it. */
interface AccountState {
  readonly integrations: readonly string[];
  readonly held?: { readonly reason: HeldReason };
}

/** A call for a contact that did not succeed. */
interface FailedAttempt {
  readonly integration: string;
  /** From 1. */
  readonly attempt: number;
}

/** What workers do: outcomes, and the calls to Brevo. */
export class WorkerMetrics {
  private readonly outcomes: Counter<'integration' | 'outcome'>;
  private readonly lag: Histogram<'integration' | 'choice'>;
  private readonly calls: Counter<'integration' | 'operation' | 'status'>;
  private readonly callSeconds: Histogram<'operation'>;
  private readonly failedAttempts: Counter<'integration' | 'stage'>;
  private readonly accounts: Accounts;

  constructor(
    registry: Registry,
    private readonly config: Pick<Config, 'integrations'>,
  ) {
    const registers = [registry];
    this.accounts = new Accounts(config, registers);
    this.outcomes = new Counter({
      name: 'consent_sync_outcomes_total',
      help: 'Outcomes that contacts came to, as they are shown.',
      labelNames: ['integration', 'outcome'],
      registers,
    });
    this.lag = new Histogram({
      name: 'consent_sync_consent_lag_seconds',
      help: "From a person's choice to the moment when it is known to be in force in Brevo. Live events only.",
      labelNames: ['integration', 'choice'],
      buckets: LAG_SECONDS,
      registers,
    });
    this.calls = new Counter({
      name: 'consent_sync_brevo_calls_total',
      help: 'Calls to Brevo, by HTTP status, or no_answer, or cancelled where nobody wanted the answer any more.',
      labelNames: ['integration', 'operation', 'status'],
      registers,
    });
    this.callSeconds = new Histogram({
      name: 'consent_sync_brevo_call_seconds',
      help: "Time of a call to Brevo, without the wait for its turn in the account's budget.",
      labelNames: ['operation'],
      buckets: CALL_SECONDS,
      registers,
    });
    this.failedAttempts = new Counter({
      name: 'consent_sync_failed_attempts_total',
      help: 'Attempts of a call for a contact that failed and are made again; late: the tenth of the same call, or a later one.',
      labelNames: ['integration', 'stage'],
      registers,
    });
    for (const integration of config.integrations.keys()) {
      for (const stage of STAGES) this.failedAttempts.inc({ integration, stage }, 0);
      for (const outcome of OUTCOMES) this.outcomes.inc({ integration, outcome }, 0);
      for (const choice of CHOICES) this.lag.zero({ integration, choice });
    }
  }

  /** An outcome that a contact came to. */
  readonly onOutcome = (report: OutcomeReport): void => {
    const integration = this.known(report.integration);
    this.outcomes.inc({ integration, outcome: report.outcome });
    const now = Date.now() / 1000;
    for (const { at, withdrawal } of choicesOf(report)) {
      this.lag.observe({ integration, choice: withdrawal ? 'withdrawal' : 'other' }, Math.max(0, now - at));
    }
  };

  /** @param account its `accountKey` */
  readonly onCall = (account: string, { operation, party, status, seconds }: ObservedCall): void => {
    const integration = this.accounts.count(account, party);
    this.calls.inc({ integration, operation, status });
    if (status !== 'cancelled') this.callSeconds.observe({ operation }, seconds);
  };

  /** An attempt of a call for a contact that failed, and is made again. */
  readonly onFailedAttempt = ({ integration, attempt }: FailedAttempt): void => {
    const stage = attempt < LATE_ATTEMPT ? 'early' : 'late';
    this.failedAttempts.inc({ integration: this.known(integration), stage });
  };

  /** Whose accounts are told of from now on: those of the worker that runs. */
  follow(states: () => readonly AccountState[]): void {
    this.accounts.states = states;
  }

  private known(integration: string): string {
    return this.config.integrations.has(integration) ? integration : OTHER;
  }
}

/** What one choice was mapped to counts once, however many attributes that are. */
function choicesOf({ choices }: OutcomeReport): OutcomeReport['choices'] {
  const byKind = new Map(choices.map((one) => [`${one.eventKey} ${one.at} ${one.withdrawal}`, one]));
  return [...byKind.values()];
}

/** The Brevo accounts of the configuration, each used by one integration or several. */
class Accounts {
  states: () => readonly AccountState[] = () => [];
  /** The first integration of each. */
  private readonly firsts: ReadonlyMap<string, string>;
  private readonly lastMinute = new Map<string, Minute>();

  constructor({ integrations }: Pick<Config, 'integrations'>, registers: Registry[]) {
    this.firsts = new Map(
      [...integrations].reverse().map(([name, { apiKey }]) => [accountKey(apiKey), name] as const),
    );
    const self = this;
    new Gauge({
      name: 'consent_sync_brevo_budget_used_ratio',
      help: 'Calls of this process to Brevo in the last minute, as a part of what requests_per_second allows.',
      labelNames: ['integration'],
      registers,
      collect() {
        for (const [name, { apiKey, requestsPerSecond }] of integrations) {
          this.set({ integration: name }, self.usedBy(accountKey(apiKey)) / (requestsPerSecond * MINUTE));
        }
      },
    });
    new Gauge({
      name: 'consent_sync_account_held',
      help: 'This process holds back calls because Brevo refuses the account, wholly or in part.',
      labelNames: ['integration', 'reason'],
      registers,
      collect() {
        for (const integration of integrations.keys()) {
          const held = self.heldFor(integration);
          for (const reason of HELD_REASONS) this.set({ integration, reason }, reason === held ? 1 : 0);
        }
      },
    });
  }

  /**
   * Counts a call.
   *
   * @returns the integration that it is counted for: of one that is made for the account as a whole the first
   */
  count(account: string, party: string | undefined): string {
    const minute = this.lastMinute.get(account) ?? new Minute();
    this.lastMinute.set(account, minute);
    minute.add(performance.now() / 1000);
    return party ?? this.firsts.get(account) ?? OTHER;
  }

  private usedBy(account: string): number {
    return this.lastMinute.get(account)?.count(performance.now() / 1000) ?? 0;
  }

  private heldFor(integration: string): HeldReason | undefined {
    return this.states().find(({ integrations }) => integrations.includes(integration))?.held?.reason;
  }
}
