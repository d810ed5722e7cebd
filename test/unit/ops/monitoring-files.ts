import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT, readText } from './compose-file';

/** An alerting rule, or a recording rule, of ops/prometheus/rules.yml. */
export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

export interface Dashboard {
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

export const RULE_TESTS = ['ops/prometheus/rules.test.yml', 'ops/prometheus/rules-hours.test.yml'];

const { groups } = parse(readText('ops/prometheus/rules.yml')) as {
  groups: readonly { readonly rules: readonly Rule[] }[];
};

export const rules: readonly Rule[] = groups.flatMap((group) => group.rules);
export const alerts = rules.filter((rule) => rule.alert !== undefined);
export const alertNames = [...new Set(alerts.flatMap(({ alert }) => alert ?? []))];
export const dashboard = JSON.parse(readText('ops/grafana/consent-sync.json')) as Dashboard;

/** Every query of the dashboard, with Grafana's variables filled in. */
export const dashboardQueries: readonly string[] = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.annotations.list.map(({ expr }) => expr),
].map((expr) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$integration', '.*'));

/** Our metrics and their labels. */
export function documentedMetrics(): ReadonlyMap<string, readonly string[]> {
  const file = join(ROOT, 'docs/metrics.md');
  const rows = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : AGREED.trim().split('\n');
  return new Map(
    rows.flatMap((row) => {
      const [, name, , labels = ''] = row.split('|').map((cell) => cell.trim().replaceAll('`', ''));
      if (!name?.startsWith('consent_sync_')) return [];
      return [[name, labels.split(/[ ,]+/).filter((label) => label !== '')] as const];
    }),
  );
}

/** Until docs/metrics.md is there. */
const AGREED = `
| consent_sync_webhook_requests_total | counter | status |
| consent_sync_webhook_seconds | histogram | |
| consent_sync_last_accepted_webhook_timestamp_seconds | gauge | |
| consent_sync_auth_refused_total | counter | reason |
| consent_sync_token_requests_total | counter | result |
| consent_sync_events_total | counter | integration,type,result |
| consent_sync_unreadable_messages_total | counter | |
| consent_sync_outcomes_total | counter | integration,outcome |
| consent_sync_consent_lag_seconds | histogram | integration,choice |
| consent_sync_brevo_calls_total | counter | integration,operation,status |
| consent_sync_brevo_call_seconds | histogram | operation |
| consent_sync_brevo_budget_used_ratio | gauge | integration |
| consent_sync_account_held | gauge | integration,reason |
| consent_sync_contacts_waiting | gauge | integration,outcome |
| consent_sync_contacts_waiting_counted_timestamp_seconds | gauge | |
| consent_sync_task_queue_pollers | gauge | queue,kind |
| consent_sync_task_queue_backlog | gauge | queue,kind |
| consent_sync_task_queue_backlog_age_seconds | gauge | queue,kind |
| consent_sync_temporal_reachable | gauge | |
| consent_sync_resync_running | gauge | integration |
| consent_sync_resync_contacts | gauge | integration,count |
| consent_sync_resync_last_completed_timestamp_seconds | gauge | integration |
| consent_sync_resync_last_failed | gauge | integration |
| consent_sync_drift_contacts | gauge | integration,side |
| consent_sync_build_info | gauge | version,build |
`;
