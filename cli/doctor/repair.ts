import { Connection } from '@temporalio/client';
import { BrevoAccounts } from '../../brevo/accounts';
import type { NewAttribute } from '../../brevo/attribute';
import { findTemporal } from '../../client/default-connection';
import type { Config } from '../../config';
import { clientConnectionOptions } from '../../temporal/connection-settings';
import { ensureNamespace } from '../../temporal/namespace';
import { registerSearchAttributes } from '../../temporal/search-attributes';
import { NEW_NAMESPACE_RETENTION_MS } from '../new-namespace';

/** Something missing that can be created. What is there is never changed or deleted. */
export type Repair =
  | ({ readonly kind: 'attribute'; readonly integration: string } & NewAttribute)
  | { readonly kind: 'search-attributes'; readonly namespace: string; readonly names: readonly string[] }
  | { readonly kind: 'namespace'; readonly namespace: string };

const TYPE_NAMES: Readonly<Record<NewAttribute['type'], string>> = {
  boolean: 'boolean',
  text: 'text',
  float: 'number',
};

/** What would be made, as a sentence goes on after "Create". */
export function describeRepair(repair: Repair): string {
  switch (repair.kind) {
    case 'attribute':
      return `the ${TYPE_NAMES[repair.type]} attribute ${repair.name} in the Brevo account of "${repair.integration}"`;
    case 'search-attributes':
      return `the search attributes ${repair.names.join(', ')} in the Temporal namespace "${repair.namespace}"`;
    case 'namespace':
      return `the Temporal namespace "${repair.namespace}", with its search attributes`;
  }
}

/** @throws BrevoError, TemporalConfigurationError and what connecting to Temporal throws */
export async function carryOut(repair: Repair, config: Config, brevoApiUrl: string): Promise<void> {
  if (repair.kind === 'attribute') return createAttribute(repair, config, brevoApiUrl);
  const { settings } = await findTemporal(process.env);
  const connection = await Connection.connect(clientConnectionOptions(settings));
  try {
    if (repair.kind === 'namespace') {
      await ensureNamespace(connection, repair.namespace, { retentionMs: NEW_NAMESPACE_RETENTION_MS });
    }
    await registerSearchAttributes(connection, repair.namespace);
  } finally {
    await connection.close();
  }
}

async function createAttribute(
  { integration, name, type }: Repair & { kind: 'attribute' },
  { integrations }: Config,
  baseUrl: string,
): Promise<void> {
  const apiKey = integrations.get(integration)?.apiKey;
  if (apiKey === undefined) throw new TypeError(`there is no integration "${integration}"`);
  const accounts = new BrevoAccounts({ baseUrl, requestsPerSecond: 10 });
  try {
    await accounts.of(apiKey).client.createAttribute({ name, type });
  } finally {
    accounts.close();
  }
}
