import type { IdentifierOption, ResubscribeOption } from '../consent/rules';
import type { OnUserDeleted } from './config';

/** Every value that counts when neither the file nor the environment says otherwise. */
export const DEFAULTS = {
  configFile: './consent-sync.json',
  /** What the integration of a single-integration file is called. */
  integrationName: 'default',
  upsertMode: false,
  options: {
    identifier: 'auto',
    regulations: ['gdpr'],
    remember: '7 days',
    resubscribe: 'newer',
    dryRun: false,
    onUserDeleted: 'ignore',
  },
  ingest: { host: '127.0.0.1', port: 8080, auth: { type: 'none' }, maxBodyBytes: 1_048_576 },
  temporal: { taskQueue: 'consent-sync' },
  brevo: { apiUrl: 'https://api.brevo.com/v3', requestsPerSecond: 10 },
  didomi: { apiUrl: 'https://api.didomi.io/v1' },
  /** Kubernetes kills after 30 s. */
  shutdownGraceMs: 25_000,
  logLevel: 'info',
  dataDirectory: './.consent-sync',
} as const satisfies {
  configFile: string;
  integrationName: string;
  upsertMode: boolean;
  options: {
    identifier: IdentifierOption;
    regulations: readonly string[];
    remember: string;
    resubscribe: ResubscribeOption;
    dryRun: boolean;
    onUserDeleted: OnUserDeleted;
  };
  ingest: { host: string; port: number; auth: { type: 'none' }; maxBodyBytes: number };
  temporal: { taskQueue: string };
  brevo: { apiUrl: string; requestsPerSecond: number };
  didomi: { apiUrl: string };
  shutdownGraceMs: number;
  logLevel: string;
  dataDirectory: string;
};
