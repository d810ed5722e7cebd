import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Config } from '../config';
import { IGNORED_REASONS, type IgnoredReason } from '../didomi/interpret';
import { MESSAGE_TYPES } from '../didomi/message';

const REFUSALS = ['missing', 'invalid', 'expired', 'address'] as const;
const TOKEN_RESULTS = ['issued', 'refused', 'limited'] as const;
/** That are there from the start, so that the first one shows as an increase. */
const STATUSES = [202, 400, 401, 403, 413, 415, 429, 500, 503, 'no_answer'] as const;
const ACCEPTED = 202;
const UNREADABLE = 400;
/** Didomi waits for ten seconds at most. */
const ANSWER_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface EventResult {
  readonly integration: string;
  readonly type: (typeof MESSAGE_TYPES)[number] | 'other';
  readonly result: 'accepted' | IgnoredReason;
}

/** What ingestion does. Its methods are those of ingestion's observer. */
export class IngestMetrics {
  private readonly requests: Counter<'status'>;
  private readonly seconds: Histogram;
  private readonly lastAccepted: Gauge;
  private readonly refusals: Counter<'reason'>;
  private readonly tokens: Counter<'result'>;
  private readonly events: Counter<'integration' | 'type' | 'result'>;
  private readonly unreadable: Counter;

  constructor(registry: Registry, { integrations }: Pick<Config, 'integrations'>) {
    const registers = [registry];
    this.requests = new Counter({
      name: 'consent_sync_webhook_requests_total',
      help: 'Answers of POST /webhooks/didomi, by HTTP status; no_answer: the caller went away before.',
      labelNames: ['status'],
      registers,
    });
    this.seconds = new Histogram({
      name: 'consent_sync_webhook_seconds',
      help: 'Time from the headers of POST /webhooks/didomi to the end of its answer.',
      buckets: ANSWER_SECONDS,
      registers,
    });
    this.lastAccepted = new Gauge({
      name: 'consent_sync_last_accepted_webhook_timestamp_seconds',
      help: 'When a webhook was last answered 202; the start of the process when none was yet.',
      registers,
    });
    this.refusals = new Counter({
      name: 'consent_sync_auth_refused_total',
      help: 'Webhook calls turned away, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.tokens = new Counter({
      name: 'consent_sync_token_requests_total',
      help: 'Answers of POST /oauth/token: issued, refused, or limited after too many failures.',
      labelNames: ['result'],
      registers,
    });
    this.events = new Counter({
      name: 'consent_sync_events_total',
      help: 'What messages came to, one for each integration: accepted, or the reason why ignored.',
      labelNames: ['integration', 'type', 'result'],
      registers,
    });
    this.unreadable = new Counter({
      name: 'consent_sync_unreadable_messages_total',
      help: 'Webhook calls answered 400: not JSON, or no Didomi message.',
      registers,
    });
    this.beginAtZero([...integrations.keys()]);
  }

  readonly webhookAnswered = (status: number | 'no_answer', seconds: number): void => {
    this.requests.inc({ status });
    if (status === 'no_answer') return;
    this.seconds.observe(seconds);
    if (status === ACCEPTED) this.lastAccepted.setToCurrentTime();
    if (status === UNREADABLE) this.unreadable.inc();
  };

  readonly webhookRefused = (reason: (typeof REFUSALS)[number]): void => this.refusals.inc({ reason });

  readonly tokenAnswered = (result: (typeof TOKEN_RESULTS)[number]): void => this.tokens.inc({ result });

  readonly eventsTaken = (results: readonly EventResult[]): void => {
    for (const { integration, type, result } of results) this.events.inc({ integration, type, result });
  };

  private beginAtZero(integrations: readonly string[]): void {
    this.lastAccepted.set(Date.now() / 1000 - process.uptime());
    for (const status of STATUSES) this.requests.inc({ status }, 0);
    for (const reason of REFUSALS) this.refusals.inc({ reason }, 0);
    for (const result of TOKEN_RESULTS) this.tokens.inc({ result }, 0);
    for (const integration of integrations) {
      for (const type of MESSAGE_TYPES) {
        // Only of what is not known the type itself is a reason.
        for (const result of IGNORED_REASONS.filter((reason) => reason !== 'event_type')) {
          this.events.inc({ integration, type, result }, 0);
        }
        this.events.inc({ integration, type, result: 'accepted' }, 0);
      }
      this.events.inc({ integration, type: 'other', result: 'event_type' }, 0);
    }
  }
}
