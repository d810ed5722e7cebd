import { Connection } from '@temporalio/client';

/**
 * Connects to a Temporal server on this machine; never through the proxy that the environment may name.
 *
 * @param address host:port
 */
export function connectToLoopback(address: string, connectTimeoutMs: number): Promise<Connection> {
  return Connection.connect({ address, connectTimeout: connectTimeoutMs, channelArgs: NO_PROXY });
}

/** gRPC channel arguments under which http_proxy and the like are not looked at. */
export const NO_PROXY = { 'grpc.enable_http_proxy': 0 } as const;
