import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { TemporalConfigurationError } from './errors';
import { ALREADY_EXISTS, grpcCode, grpcMessage, NOT_FOUND, REFUSALS } from './grpc-status';

/** The server's services learn of a new namespace within about 10 s. */
const VISIBLE_TIMEOUT_MS = 60_000;
const POLL_MS = 250;

export interface NamespaceOptions {
  /** How long closed workflows stay to be looked at, in ms; whole days. Used only for a namespace that we create. */
  readonly retentionMs: number;
}

/**
 * Makes sure that a namespace exists and can be used; says whether we created it.
 *
 * @throws TemporalConfigurationError where we may not create it (Temporal Cloud, missing rights), with the way to do it.
 */
export async function ensureNamespace(
  connection: Connection,
  namespace: string,
  { retentionMs }: NamespaceOptions,
): Promise<'existed' | 'created'> {
  if (await namespaceExists(connection, namespace)) return 'existed';
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs(retentionMs),
    });
  } catch (error) {
    const code = grpcCode(error);
    if (code === ALREADY_EXISTS) return 'existed';
    if (code === undefined || !REFUSALS.has(code)) throw error;
    throw new TemporalConfigurationError(
      `There is no namespace "${namespace}", and the server does not let us create it (${grpcMessage(error)}). ` +
        `Create it in Temporal Cloud's UI (or with tcld namespace create), or on a server of your own with: temporal operator namespace create --namespace ${namespace}`,
    );
  }
  await waitUntilVisible(connection, namespace);
  return 'created';
}

async function namespaceExists(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch (error) {
    if (grpcCode(error) === NOT_FOUND) return false;
    throw error;
  }
}

/** A request that goes through the services' own view of namespaces, which is behind the database for a while. */
async function waitUntilVisible(connection: Connection, namespace: string): Promise<void> {
  const deadline = Date.now() + VISIBLE_TIMEOUT_MS;
  for (;;) {
    try {
      await connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1 });
      return;
    } catch (error) {
      if (grpcCode(error) !== NOT_FOUND || Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
