import type { Client } from '@temporalio/client';
import { loadConfig } from '../../../config';
import { Metrics, type Role } from '../../../metrics';

const PROPERTIES = [{ id: 'NEWSLETTER', value: 'consents_purposes_newsletter_enabled' }];

/** Two integrations of one Brevo account, and one of another. */
export const CONFIG = loadConfig({
  object: {
    integrations: {
      shop: { config: { api_key: 'key-of-the-group', properties: PROPERTIES } },
      club: { config: { api_key: 'key-of-the-group', properties: [{ ...PROPERTIES[0], id: 'CLUB' }] } },
      blog: { config: { api_key: 'key-of-the-blog', properties: PROPERTIES } },
    },
  },
  env: {},
});

export function metricsOf(...roles: Role[]): Promise<Metrics> {
  return Metrics.open({ config: CONFIG, roles, version: '1.2.3' });
}

/** Defines what is asked of Temporal too, and asks nothing. */
export function withoutTemporal(metrics: Metrics): Metrics {
  metrics.watch({} as Client, { signal: AbortSignal.abort(), tell: () => {} });
  return metrics;
}

/** The lines of ours that hold a value, with it, as `name{label="value"}` to number. */
export async function valuesOf(metrics: Metrics): Promise<Record<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('consent_sync_'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}
