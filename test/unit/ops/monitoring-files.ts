import { parse } from 'yaml';
import { readText } from './compose-file';

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

/** Our metrics and their labels, as docs/metrics.md has them. */
export function documentedMetrics(): ReadonlyMap<string, readonly string[]> {
  const rows = readText('docs/metrics.md').split('\n');
  return new Map(
    rows.flatMap((row) => {
      const [, name, , labels = ''] = row.split('|').map((cell) => cell.trim().replaceAll('`', ''));
      if (!name?.startsWith('consent_sync_')) return [];
      return [[name, labels.split(/[ ,]+/).filter((label) => label !== '')] as const];
    }),
  );
}
