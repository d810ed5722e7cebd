import type { TemporalSettings } from '../temporal/connection-settings';

/** Where the web UI of a Temporal server is, if that is known: of an embedded server, and of Temporal Cloud. */
export function uiUrlOf(settings: TemporalSettings, embeddedUiUrl: string | undefined): string | undefined {
  if (embeddedUiUrl !== undefined) return embeddedUiUrl;
  const { address } = settings.connectionOptions;
  return /\.(tmprl\.cloud|temporal\.io)(:\d+)?$/.test(address) ? 'https://cloud.temporal.io' : undefined;
}

/** The page of one workflow run. */
export function workflowPage(uiUrl: string, namespace: string, workflowId: string, runId: string): string {
  const parts = [namespace, 'workflows', workflowId, runId].map(encodeURIComponent);
  return `${uiUrl}/namespaces/${parts.join('/')}/history`;
}
