import { type Client, Connection } from '@temporalio/client';
import { type DefaultConnection, defaultConnection } from '../../client/default-connection';
import { TemporalUnavailableError } from '../../client/errors';
import { Resyncs } from '../../client/resyncs';
import { temporalClient } from '../../client/temporal-client';
import type { Config } from '../../config';

export interface ConnectedResyncs {
  readonly resyncs: Resyncs;
  readonly temporal: Client;
  readonly found: DefaultConnection;
}

/**
 * Lends a connection to Temporal while something is done with it.
 *
 * @throws ConfigError when no server is named, and none is embedded
 * @throws TemporalUnavailableError when it cannot be reached
 */
export async function withResyncs<T>(
  config: Config,
  act: (connected: ConnectedResyncs) => Promise<T>,
): Promise<T> {
  const found = await defaultConnection(process.env);
  const connection = await Connection.connect(found.options).catch((error: unknown) => {
    throw new TemporalUnavailableError(found.settings.connectionOptions.address, error);
  });
  try {
    const temporal = temporalClient(config, { connection, namespace: found.namespace });
    return await act({ resyncs: new Resyncs(temporal, config.temporal.taskQueue), temporal, found });
  } finally {
    await connection.close();
  }
}
