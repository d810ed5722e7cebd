import { ResyncRunningError } from '../../client/errors';
import {
  type ListedRun,
  type NamedResync,
  type ResyncStatus,
  Resyncs,
  workflowIdOf,
} from '../../client/resyncs';
import { type Config, loadConfig, readEnvironment } from '../../config';
import { WorkFolder } from '../../resync/work-folder';
import { readerQueueOf, type SourceSpec } from '../../workflows/resync/contract';
import type { CommonOptions } from '../common-options';
import { CommandError, EXIT, type ExitCode } from '../exit';
import { printJson, tell } from '../output';
import { chosenIntegration } from '../resync/chosen-integration';
import { type ConnectedResyncs, withResyncs } from '../resync/connected';
import { resyncFolder } from '../resync/folder';
import { jsonOf } from '../resync/json';
import { ProgressView } from '../resync/progress-view';
import { readWhileThereIsTemporal } from '../resync/reading';
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

/** How long a Temporal server that went away is left alone, in ms. */
const COMES_BACK_WITHIN_MS = 1_000;

/** Starts a resync, or goes on with one, and stays until it has ended. */
export async function resyncStart(sources: readonly string[], options: StartOptions): Promise<ExitCode> {
  requireOneWish(sources, options);
  const config = loadConfig({ file: options.config });
  const root = await resyncFolder(process.env);
  const run = await withResyncs(config, async (connected) => {
    const begun = await begin(sources, options, config, root, connected);
    tell(`Resync ${begun.run} of ${begun.integration}: ${begun.workflowId}`);
    if (options.detach && options.json) printJson(jsonOf(await connected.resyncs.status(begun)));
    return begun;
  });
  return options.detach ? EXIT.done : readUntilItsEnd(run, options, config, root);
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

/** Reads as long as the run lasts, however often Temporal is away meanwhile, and shows how far it is. */
async function readUntilItsEnd(
  run: Run,
  options: StartOptions,
  config: Config,
  root: string,
): Promise<ExitCode> {
  installTemporalRuntime(createLogger(process.env.LOG_LEVEL ? readEnvironment().logLevel : 'silent'));
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const view = new ProgressView();
  const session = { run, config, root, view, interrupted: interrupted.signal };
  try {
    for (;;) {
      const met = await readWhileThereIsTemporal(session);
      if (met === 'interrupted') return leave(run, view);
      if (met !== 'away') return report(met, options);
      view.away();
      await pause(COMES_BACK_WITHIN_MS, interrupted.signal);
    }
  } finally {
    view.end();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
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
