import { Connection } from '@temporalio/client';
import { TemporalUnavailableError } from '../../client';
import { findTemporal } from '../../client/default-connection';
import { clientConnectionOptions, type TemporalSettings } from '../../temporal/connection-settings';
import { ensureNamespace } from '../../temporal/namespace';
import { registerSearchAttributes, SEARCH_ATTRIBUTES } from '../../temporal/search-attributes';
import type { CommonOptions } from '../common-options';
import { EXIT, type ExitCode } from '../exit';
import { NEW_NAMESPACE_RETENTION_MS } from '../new-namespace';
import { printJson, printLine } from '../output';

const CONNECT_TIMEOUT_MS = 10_000;

/** Prepares a Temporal namespace; harmless when it is prepared. */
export async function setup({ json }: CommonOptions): Promise<ExitCode> {
  const { settings } = await findTemporal(process.env);
  const { namespace } = settings;
  const { address } = settings.connectionOptions;
  const connection = await connect(settings);
  try {
    const result = await ensureNamespace(connection, namespace, { retentionMs: NEW_NAMESPACE_RETENTION_MS });
    const registered = await registerSearchAttributes(connection, namespace);
    const existing = Object.keys(SEARCH_ATTRIBUTES).filter((name) => !registered.includes(name));
    if (json)
      printJson({
        address,
        namespace: { name: namespace, result },
        searchAttributes: { registered, existing },
      });
    else {
      printLine(`Temporal at ${address}`);
      printLine(
        `Namespace "${namespace}": ${result === 'created' ? 'created, closed workflows stay 30 days' : 'exists'}`,
      );
      for (const name of registered) printLine(`Search attribute ${name}: registered`);
      for (const name of existing) printLine(`Search attribute ${name}: exists`);
    }
    return EXIT.done;
  } finally {
    await connection.close();
  }
}

async function connect(settings: TemporalSettings): Promise<Connection> {
  const options = { ...clientConnectionOptions(settings), connectTimeout: CONNECT_TIMEOUT_MS };
  try {
    return await Connection.connect(options);
  } catch (error) {
    throw new TemporalUnavailableError(settings.connectionOptions.address, error);
  }
}
