/**
 * What a healthy service tells Prometheus, and what it tells when something is wrong, one case for each alert. Gauges
 * are values, or functions of the time (seconds since 1970); rates are what counters grow by in a second.
 */

const withdrawalLag = lag('withdrawal');
const otherLag = lag('other');

/** Buckets of one histogram: what is faster than `seconds` grows by nothing. */
function lag(choice) {
  return (seconds) =>
    Object.fromEntries(
      ['60', '600', '3600', '86400', '+Inf'].map((le) => [
        `consent_sync_consent_lag_seconds_bucket{integration="shop",choice="${choice}",le="${le}"}`,
        le !== '+Inf' && Number(le) < seconds ? 0 : 5,
      ]),
    );
}

const events = (result, type = 'event.created') =>
  `consent_sync_events_total{integration="shop",type="${type}",result="${result}"}`;
const requests = (status) => `consent_sync_webhook_requests_total{status="${status}"}`;
const calls = (status) =>
  `consent_sync_brevo_calls_total{integration="shop",operation="updateContact",status="${status}"}`;
const waiting = (outcome) => `consent_sync_contacts_waiting{integration="shop",outcome="${outcome}"}`;
const pollers = (queue, kind) => `consent_sync_task_queue_pollers{queue="${queue}",kind="${kind}"}`;
const backlogAge = (queue, kind) =>
  `consent_sync_task_queue_backlog_age_seconds{queue="${queue}",kind="${kind}"}`;
const drift = (side) => `consent_sync_drift_contacts{integration="shop",side="${side}"}`;

const LAST_WEBHOOK = 'consent_sync_last_accepted_webhook_timestamp_seconds';
const COUNTED = 'consent_sync_contacts_waiting_counted_timestamp_seconds';
const HELD = 'consent_sync_account_held{integration="shop",reason="key"}';
const COMPLETED = 'consent_sync_resync_last_completed_timestamp_seconds{integration="shop"}';
const LATE_ATTEMPTS = 'consent_sync_failed_attempts_total{integration="shop",stage="late"}';
const HOUR = 3600;

/** One page is of ingestion and a worker together; a second target only has its connection to Temporal. */
const HEALTHY = {
  gauges: {
    'consent_sync_build_info{version="0.0.0",build="rehearsal"}': 1,
    [LAST_WEBHOOK]: (now) => now - 1,
    [HELD]: 0,
    [waiting('held')]: 0,
    [waiting('rejected')]: 0,
    [COUNTED]: (now) => now - 10,
    [pollers('consent-sync', 'workflow')]: 2,
    [pollers('consent-sync/brevo/shop', 'activity')]: 2,
    [backlogAge('consent-sync', 'workflow')]: 0,
    [backlogAge('consent-sync/brevo/shop', 'activity')]: 1,
    consent_sync_temporal_reachable: 1,
    'consent_sync_brevo_budget_used_ratio{integration="shop"}': 0.4,
    'consent_sync_resync_running{integration="shop"}': 0,
    'consent_sync_resync_last_failed{integration="shop"}': 0,
    [COMPLETED]: (now) => now - 10 * HOUR,
    [drift('didomi')]: 0,
    [drift('brevo')]: 4,
    [drift('missing')]: 100,
  },
  rates: {
    [requests('202')]: 5,
    [events('accepted')]: 5,
    [calls('204')]: 5,
    [LATE_ATTEMPTS]: 0,
    consent_sync_unreadable_messages_total: 0,
    ...withdrawalLag(0),
    ...otherLag(0),
  },
};

/** Alert → what changes while it should fire. `without`: series that are missing. */
const SCENARIOS = [
  { alert: 'ConsentSyncAccountHeld', gauges: { [HELD]: 1, [waiting('held')]: 12 } },
  { alert: 'ConsentSyncContactsHeld', gauges: { [waiting('held')]: 12 } },
  { alert: 'ConsentSyncContactsRejected', gauges: { [waiting('rejected')]: 3 } },
  { alert: 'ConsentSyncWaitingNotCounted', gauges: { [COUNTED]: (now) => now - 900 } },
  { alert: 'ConsentSyncWithdrawalsSlow', rates: withdrawalLag(3600) },
  { alert: 'ConsentSyncConsentsSlow', rates: otherLag(86_400) },
  { alert: 'ConsentSyncIngestionErrors', rates: { [requests('503')]: 5 } },
  {
    alert: 'ConsentSyncNobodyGetsIn',
    rates: { [requests('202')]: 0, 'consent_sync_auth_refused_total{reason="expired"}': 5 },
  },
  {
    alert: 'ConsentSyncTokensRefused',
    rates: { [requests('202')]: 0, 'consent_sync_token_requests_total{result="refused"}': 5 },
  },
  { alert: 'ConsentSyncManyRefusals', rates: { 'consent_sync_auth_refused_total{reason="invalid"}': 100 } },
  { alert: 'ConsentSyncUnreadableMessages', rates: { consent_sync_unreadable_messages_total: 1 } },
  { alert: 'ConsentSyncUnknownEventTypes', rates: { [events('event_type', 'other')]: 5 } },
  {
    alert: 'ConsentSyncNothingMapped',
    rates: { [events('accepted')]: 0, [events('no_mapped_value')]: 5 },
  },
  { alert: 'ConsentSyncNothingAccepted', rates: { [events('accepted')]: 0, [events('regulation')]: 5 } },
  { alert: 'ConsentSyncEventsInTheFuture', rates: { [events('time_in_future')]: 2 } },
  { alert: 'ConsentSyncDeletionsIgnored', rates: { [events('needs_didomi_api', 'event.deleted')]: 1 } },
  {
    alert: 'ConsentSyncNoWebhooks',
    severity: 'warning',
    rates: { [requests('202')]: 0 },
    gauges: { [LAST_WEBHOOK]: (now) => now - 7 * HOUR },
  },
  {
    alert: 'ConsentSyncNoWebhooks',
    case: 'restarted again and again',
    severity: 'warning',
    rates: { [requests('202')]: 0 },
  },
  {
    alert: 'ConsentSyncNoWebhooks',
    severity: 'critical',
    rates: { [requests('202')]: 0 },
    gauges: { [LAST_WEBHOOK]: (now) => now - 25 * HOUR },
  },
  { alert: 'ConsentSyncIngestionMissing', without: [LAST_WEBHOOK] },
  { alert: 'ConsentSyncTemporalUnreachable', gauges: { consent_sync_temporal_reachable: 0 } },
  { alert: 'ConsentSyncNoWorker', gauges: { [pollers('consent-sync/brevo/shop', 'activity')]: 0 } },
  { alert: 'ConsentSyncBacklogOld', gauges: { [backlogAge('consent-sync', 'workflow')]: 420 } },
  {
    alert: 'ConsentSyncBacklogOld',
    case: 'during a resync',
    gauges: {
      [backlogAge('consent-sync/brevo/shop', 'activity')]: 4000,
      'consent_sync_resync_running{integration="shop"}': 1,
    },
  },
  {
    alert: 'ConsentSyncWorkflowTasksFailing',
    rates: { 'temporal_workflow_task_execution_failed_total{failure_reason="NonDeterminismError"}': 1 },
  },
  {
    alert: 'ConsentSyncContactWorkflowFailed',
    rates: { 'temporal_workflow_failed_total{workflow_type="consentSync"}': 1 },
  },
  { alert: 'ConsentSyncContactsStuck', rates: { [LATE_ATTEMPTS]: 1 } },
  { alert: 'ConsentSyncBrevoNotAnswering', rates: { [calls('204')]: 1, [calls('no_answer')]: 4 } },
  { alert: 'ConsentSyncBrevoRateLimited', rates: { [calls('429')]: 2 } },
  {
    alert: 'ConsentSyncBudgetFull',
    gauges: { 'consent_sync_brevo_budget_used_ratio{integration="shop"}': 1 },
  },
  {
    alert: 'ConsentSyncResyncFailed',
    gauges: { 'consent_sync_resync_last_failed{integration="shop"}': 1 },
  },
  { alert: 'ConsentSyncNightlyRunMissing', gauges: { [COMPLETED]: (now) => now - 27 * HOUR } },
  { alert: 'ConsentSyncDrift', gauges: { [drift('didomi')]: 40 } },
  { alert: 'ConsentSyncTargetDown', secondTargetDown: true },
  {
    alert: 'ConsentSyncMetricsMissing',
    without: ['consent_sync_build_info{version="0.0.0",build="rehearsal"}'],
  },
];

module.exports = { HEALTHY, SCENARIOS };
