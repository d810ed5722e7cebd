import type { ServerPlace } from './dev-server-arguments';
import { grpcCode, NOT_FOUND } from './grpc-status';
import { connectToLoopback } from './loopback-connection';
import { waitForOpenPort } from './ports';
import { registerSearchAttributes, type SearchAttributeTypes } from './search-attributes';

const CONNECT_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

/**
 * Resolves when a starting server serves: its ports are open, its namespace is known, and every search attribute can
 * be set. Rejects when `signal` is aborted, and when it turns out that the server cannot become ready.
 */
export async function untilReady(
  { ip, port, uiPort, namespace }: ServerPlace,
  searchAttributes: SearchAttributeTypes,
  signal: AbortSignal,
): Promise<void> {
  await waitForOpenPort(ip, port, signal);
  const connection = await connectToLoopback(`${ip}:${port}`, CONNECT_TIMEOUT_MS);
  try {
    await waitForNamespace(() => connection.workflowService.describeNamespace({ namespace }), signal);
    // An older database file has the attributes of its time: the server takes those on its command line only when
    // it makes the namespace.
    await registerSearchAttributes(connection, namespace, searchAttributes);
  } finally {
    await connection.close();
  }
  await waitForOpenPort(ip, uiPort, signal);
  signal.throwIfAborted();
}

async function waitForNamespace(describe: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    try {
      await describe();
      return;
    } catch (error) {
      if (grpcCode(error) !== NOT_FOUND) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
