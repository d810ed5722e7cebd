import type { Logger } from 'pino';
import type { Config } from '../../config';
import { printJson, tell } from '../output';

/** Where everything is, for whoever started the process. */
export interface Announcement {
  readonly webhookUrl?: string;
  readonly temporal: string;
  readonly temporalUiUrl?: string;
  readonly brevoUrl?: string;
  readonly metricsUrl?: string | undefined;
  readonly integrations: readonly string[];
}

const LABELS: Readonly<Record<keyof Announcement, string>> = {
  webhookUrl: 'Webhook',
  temporal: 'Temporal',
  temporalUiUrl: 'Temporal UI',
  brevoUrl: 'Brevo',
  metricsUrl: 'Metrics',
  integrations: 'Integrations',
};

/** Tells it on standard error, to people or to a log, and with `json` also on standard output. */
export function announce(about: Announcement, logger: Logger, json: boolean | undefined): void {
  if (json) printJson(about);
  if (process.stderr.isTTY) tell(forPeople(about));
  else logger.info(about, 'started');
}

/** One line an integration, with what it does. */
export function describeIntegrations({ integrations }: Config): string[] {
  return [...integrations].map(([name, { rules }]) => {
    const { mappings, upsertMode, dryRun } = rules;
    const count = mappings.length === 1 ? '1 mapping' : `${mappings.length} mappings`;
    const unknown = upsertMode ? 'creates unknown contacts' : 'skips unknown contacts';
    return `${name} (${count}, ${unknown}${dryRun ? ', dry run' : ''})`;
  });
}

function forPeople(about: Announcement): string {
  const lines = Object.entries(LABELS).flatMap(([key, label]) => {
    const value = about[key as keyof Announcement];
    if (value === undefined) return [];
    return [value].flat().map((one, index) => `  ${(index === 0 ? label : '').padEnd(14)}${one}`);
  });
  return ['', ...lines, ''].join('\n');
}
