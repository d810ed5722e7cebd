import { NativeConnection } from '@temporalio/worker';
import { ResyncRunningError } from '../../client/errors';
import { isOver } from '../../client/resync-run';
import {
  type ListedRun,
  type NamedResync,
  type ResyncStatus,
  Resyncs,
  workflowIdOf,
} from '../../client/resyncs';
import { type Config, loadConfig, readEnvironment } from '../../config';
import { WorkFolder } from '../../resync/work-folder';
import { nativeConnectionOptions } from '../../temporal/connection-settings';
import { createReader } from '../../worker/reader';
import { readerQueueOf, type SourceSpec } from '../../workflows/resync/contract';
import type { CommonOptions } from '../common-options';
import { CommandError, EXIT, type ExitCode } from '../exit';
import { printJson, tell } from '../output';
import { chosenIntegration } from '../resync/chosen-integration';
import { type ConnectedResyncs, withResyncs } from '../resync/connected';
import { resyncFolder } from '../resync/folder';
import { jsonOf } from '../resync/json';
import { ProgressView } from '../resync/progress-view';
import { type SourceOptions, sourceOf, withStandardInput } from '../resync/source';
import { createLogger } from '../service/logger';
import { pause } from '../service/service';
import { installTemporalRuntime } from '../service/temporal-runtime';
import { printStatus } from './resync';

export interface StartOptions extends CommonOptions, SourceOptions {
  readonly integration?: string;
  readonly plan?: boolean;
  readonly fromPlan?: string;
  readonly resume?: string;
  readonly detach?: boolean;
  readonly rate?: number;
}

const LOOK_EVERY_MS = 1_000;

/** Starts a resync, or goes on with one, and stays until it has ended. */
export async function resyncStart(sources: readonly string[], options: StartOptions): Promise<ExitCode> {
  requireOneWish(sources, options);
  const config = loadConfig({ file: options.config });
  const root = await resyncFolder(process.env);
  return withResyncs(config, async (connected) => {
    const run = await begin(sources, options, config, root, connected);
    tell(`Resync ${run.run} of ${run.integration}: ${run.workflowId}`);
    if (options.detach) {
      if (options.json) printJson(jsonOf(await connected.resyncs.status(run)));
      return EXIT.done;
    }
    return readUntilItsEnd(run, options, config, root, connected);
  });
}

function requireOneWish(sources: readonly string[], { resume, fromPlan, plan, ids }: StartOptions): void {
  const isNew = sources.length > 0 || ids !== undefined;
  if (resume !== undefined && (isNew || fromPlan !== undefined || plan)) {
    throw new CommandError('--resume goes on with a run as it was started: give nothing else.', EXIT.usage);
  }
  if (fromPlan !== undefined && (isNew || plan)) {
    throw new CommandError('--from-plan carries out a plan: it needs no source.', EXIT.usage);
  }
}

type Run = Pick<ListedRun, 'run' | 'integration' | 'workflowId'>;

async function begin(
  sources: readonly string[],
  options: StartOptions,
  config: Config,
  root: string,
  { resyncs }: ConnectedResyncs,
): Promise<Run> {
  if (options.resume !== undefined) {
    const found = await resyncs.find(options.resume);
    if (found.status === 'RUNNING') return found;
    throw new CommandError(`The run ${found.run} has ended: there is nothing to go on with.`);
  }
  const plan = options.fromPlan === undefined ? undefined : await planOf(options.fromPlan, resyncs);
  const integration = plan?.integration ?? chosenIntegration(config, options.integration);
  const source: SourceSpec = plan ? { kind: 'files', paths: [] } : await sourceOf(sources, options, config);
  if (options.detach && source.kind === 'files' && source.paths.includes('-')) {
    throw new CommandError(
      'Standard input can only be read by this process: leave --detach out.',
      EXIT.usage,
    );
  }
  await requireNoOther(integration, resyncs);
  const run = Resyncs.newRun(Date.now());
  const input: NamedResync = {
    integration,
    run,
    planOnly: options.plan ?? false,
    source: options.detach
      ? source
      : await withStandardInput(source, new WorkFolder(root, run, config.encryption)),
    ...(plan && { planOf: plan.run }),
    ...(!options.detach && { readerQueue: readerQueueOf(config.temporal.taskQueue, run) }),
    ...(options.rate !== undefined && options.rate > 0 && { rate: options.rate }),
  };
  await resyncs.start(input);
  return { run, integration, workflowId: workflowIdOf(input) };
}

async function planOf(run: string, resyncs: Resyncs): Promise<ResyncStatus> {
  const status = await resyncs.status(await resyncs.find(run));
  if (status.planOnly && status.state === 'completed') return status;
  throw new CommandError(`${run} is no finished plan: make one with "consent-sync resync start --plan".`);
}

async function requireNoOther(integration: string, resyncs: Resyncs): Promise<void> {
  const [other] = await resyncs.running(integration);
  if (other) throw new ResyncRunningError(other);
}

/** Reads as long as the run lasts, and shows how far it is. */
async function readUntilItsEnd(
  run: Run,
  options: StartOptions,
  config: Config,
  root: string,
  { resyncs, temporal, found }: ConnectedResyncs,
): Promise<ExitCode> {
  installTemporalRuntime(createLogger(process.env.LOG_LEVEL ? readEnvironment().logLevel : 'error'));
  const { brevoApiUrl } = readEnvironment();
  const connection = await NativeConnection.connect(nativeConnectionOptions(found.settings));
  const reader = await createReader({
    config,
    connection,
    namespace: found.namespace,
    taskQueue: readerQueueOf(config.temporal.taskQueue, run.run),
    brevoApiUrl,
    root,
    temporal,
    idKey: found.idKey,
  });
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const reading = reader.run();
  const view = new ProgressView();
  try {
    for (;;) {
      const status = await resyncs.status(run);
      view.show(status);
      if (isOver(status)) break;
      if (interrupted.signal.aborted) return leave(run, view);
      await pause(LOOK_EVERY_MS, interrupted.signal);
    }
    await resyncs.end(run);
  } finally {
    view.end();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    reader.shutdown();
    await reading;
    await connection.close();
  }
  return report(await resyncs.status(run), options);
}

function leave({ run }: Run, view: ProgressView): ExitCode {
  view.end();
  tell(
    `The run is not over. Go on with: consent-sync resync start --resume ${run}. End it with: consent-sync resync cancel ${run}`,
  );
  return EXIT.failed;
}

function report(status: ResyncStatus, { json }: StartOptions): ExitCode {
  if (json) printJson(jsonOf(status));
  else printStatus(status);
  const { rejected, broken, held } = status.counts;
  const isFine = status.state === 'completed' && rejected + broken + held === 0;
  return isFine ? EXIT.done : EXIT.failed;
}
