import { isGrpcServiceError, ServiceError, WorkflowFailedError } from '@temporalio/client';
import { CombinedWorkerRunError, NativeConnection, TransportError } from '@temporalio/worker';
import { TemporalUnavailableError } from '../../client/errors';
import { isOver } from '../../client/resync-run';
import type { ListedRun, ResyncStatus, Resyncs } from '../../client/resyncs';
import { type Config, ConfigError, readEnvironment } from '../../config';
import { nativeConnectionOptions } from '../../temporal/connection-settings';
import { createReader } from '../../worker/reader';
import { readerQueueOf } from '../../workflows/resync/contract';
import { pause } from '../service/service';
import { type ConnectedResyncs, withResyncs } from './connected';
import type { ProgressView } from './progress-view';

export interface Session {
  readonly run: Pick<ListedRun, 'run' | 'workflowId'>;
  readonly config: Config;
  /** Folder of the runs' files. */
  readonly root: string;
  readonly view: ProgressView;
  readonly interrupted: AbortSignal;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Reads for a run that was begun, until it ends, the user interrupts, or Temporal is away.
 *
 * @returns what the run came to, or why nothing more is read
 */
export async function readWhileThereIsTemporal(
  session: Session,
): Promise<ResyncStatus | 'interrupted' | 'away'> {
  try {
    return await withResyncs(session.config, (connected) => read(session, connected));
  } catch (error) {
    // A worker that Temporal left alone ends badly too.
    const first = error instanceof CombinedWorkerRunError ? error.cause.innerError : error;
    if (isAway(first)) return 'away';
    throw first;
  }
}

async function read(session: Session, connected: ConnectedResyncs): Promise<ResyncStatus | 'interrupted'> {
  const { run, config, root } = session;
  const { temporal, found } = connected;
  const connection = await NativeConnection.connect(nativeConnectionOptions(found.settings));
  try {
    const reader = await createReader({
      config,
      connection,
      namespace: found.namespace,
      taskQueue: readerQueueOf(config.temporal.taskQueue, run.run),
      brevoApiUrl: readEnvironment().brevoApiUrl,
      root,
      temporal,
      idKey: found.idKey,
    });
    // A step that Temporal cannot be told of is begun again: nothing is lost by that.
    return await reader.runUntil(() => watch(session, connected.resyncs));
  } finally {
    await connection.close();
  }
}

async function watch(
  { run, view, interrupted }: Session,
  resyncs: Resyncs,
): Promise<ResyncStatus | 'interrupted'> {
  for (;;) {
    const status = await resyncs.status(run).catch((error: unknown) => {
      // The reader goes on without it.
      if (isUnanswered(error)) return undefined;
      throw error;
    });
    if (status) view.show(status);
    else view.unanswered();
    if (status && isOver(status)) return ended(run, resyncs);
    if (interrupted.aborted) return 'interrupted';
    await pause(LOOK_EVERY_MS, interrupted);
  }
}

/** Once what lies on disk is deleted too. */
async function ended(run: Session['run'], resyncs: Resyncs): Promise<ResyncStatus> {
  await resyncs.end(run).catch((error: unknown) => {
    if (!(error instanceof WorkflowFailedError)) throw error;
  });
  return resyncs.status(run);
}

/** Codes of gRPC. */
const [CANCELLED, DEADLINE_EXCEEDED, FAILED_PRECONDITION, UNAVAILABLE] = [1, 4, 9, 14];

/** No worker of workflows is there to answer for the run. */
function isUnanswered(error: unknown): boolean {
  const code = codeOf(error);
  return code === FAILED_PRECONDITION || code === DEADLINE_EXCEEDED;
}

/** An embedded server that is away is told as a configuration that names none. */
function isAway(error: unknown): boolean {
  const code = codeOf(error);
  if (code === UNAVAILABLE || code === CANCELLED || code === DEADLINE_EXCEEDED) return true;
  return [ConfigError, TemporalUnavailableError, TransportError].some((type) => error instanceof type);
}

function codeOf(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}
