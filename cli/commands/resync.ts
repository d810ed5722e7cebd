import { UnknownRunError } from '../../client/errors';
import { isNightly } from '../../client/resync-figures';
import {
  type ListedRun,
  type ResyncCommand,
  type ResyncStatus,
  type Resyncs,
  workflowIdOf,
} from '../../client/resyncs';
import { loadConfig } from '../../config';
import { summaryOf } from '../../resync/report';
import type { PlanSample, ResyncProgress } from '../../workflows/resync/contract';
import { driftSentence } from '../../workflows/resync/details';
import { onStdout as pc } from '../colours';
import type { CommonOptions } from '../common-options';
import { CommandError, EXIT, type ExitCode } from '../exit';
import { printJson, printLine, tell } from '../output';
import { printable } from '../printable';
import { type AlarmOptions, alarmsOf, isWatched } from '../resync/alarm';
import { chosenIntegration } from '../resync/chosen-integration';
import { withResyncs } from '../resync/connected';
import { resyncFolderToRead } from '../resync/folder';
import { jsonOf } from '../resync/json';
import { duration } from '../resync/progress-view';

export interface StatusOptions extends CommonOptions, AlarmOptions {
  readonly nightly?: boolean;
  readonly integration?: string;
}

/** What the latest, or a named, run is doing. */
export async function resyncStatus(run: string | undefined, options: StatusOptions): Promise<ExitCode> {
  const config = loadConfig({ file: options.config });
  if (run !== undefined && options.nightly) {
    throw new CommandError('--nightly finds the run by itself: name none.', EXIT.usage);
  }
  const integration =
    options.nightly || options.integration !== undefined
      ? chosenIntegration(config, options.integration)
      : undefined;
  return withResyncs(config, async ({ resyncs }) => {
    const found = await statusOf(run, integration, options, resyncs);
    if (!found && !isWatched(options)) throw new UnknownRunError(run);
    if (found && options.json) printJson(jsonOf(found));
    else if (found) printStatus(found);
    const alarms = alarmsOf(found, options, Date.now());
    for (const alarm of alarms) tell(`${integration ?? found?.integration ?? 'resync'}: ${alarm}`);
    return alarms.length > 0 ? EXIT.failed : EXIT.done;
  });
}

async function statusOf(
  run: string | undefined,
  integration: string | undefined,
  { nightly }: StatusOptions,
  resyncs: Resyncs,
): Promise<ResyncStatus | undefined> {
  if (run !== undefined) return statusOfNamed(run, resyncs);
  const found = (await resyncs.list()).find(
    (one) =>
      (integration === undefined || one.integration === integration) &&
      // Tonight's run that is under way says nothing yet.
      (!nightly || (isNightly(one.run) && one.status !== 'RUNNING')),
  );
  return found && resyncs.status(found);
}

/** Also of a run that Temporal has no more, where its report lies. */
async function statusOfNamed(run: string, resyncs: Resyncs): Promise<ResyncStatus> {
  try {
    return await resyncs.status(await resyncs.find(run));
  } catch (error) {
    const kept =
      error instanceof UnknownRunError ? await summaryOf(resyncFolderToRead(process.env), run) : undefined;
    if (!kept) throw error;
    return { ...kept, workflowId: workflowIdOf(kept) };
  }
}

/** Runs whose results are asked for at once. */
const AT_ONCE = 16;

export async function resyncList(options: CommonOptions): Promise<ExitCode> {
  return withResyncs(loadConfig({ file: options.config }), async ({ resyncs }) => {
    const listed = await resyncs.list();
    for (let first = 0; first < listed.length; first += AT_ONCE) {
      const some = listed.slice(first, first + AT_ONCE);
      const results = await Promise.all(some.map((one) => resyncs.result(one)));
      for (const [index, one] of some.entries()) printListed(one, results[index], options);
    }
    return EXIT.done;
  });
}

function printListed(listed: ListedRun, result: ResyncProgress | undefined, { json }: CommonOptions): void {
  const { run, integration, startedAt } = listed;
  const state = result?.state ?? stateOf(listed);
  const drift = result?.drift;
  if (json) printJson({ ...listed, state, ...(drift && { drift }) });
  else printLine([run, integration, state, startedAt, ...(drift ? [driftSentence(drift)] : [])].join('  '));
}

/** Of a run that has no result. */
function stateOf({ status }: ListedRun): string {
  return status === 'CONTINUED_AS_NEW' ? 'running' : status.toLowerCase();
}

async function openRun(run: string | undefined, resyncs: Resyncs): Promise<ListedRun> {
  const found = await resyncs.find(run);
  if (found.status === 'RUNNING') return found;
  throw new CommandError(`The run ${found.run} has ended: nothing of it can be changed any more.`);
}

export async function resyncCommand(
  command: ResyncCommand,
  run: string | undefined,
  options: CommonOptions,
): Promise<ExitCode> {
  return withResyncs(loadConfig({ file: options.config }), async ({ resyncs }) => {
    const found = await openRun(run, resyncs);
    await resyncs.command(found, command);
    const status = await resyncs.status(found);
    if (options.json) printJson(jsonOf(status));
    else printLine(`${status.run}: ${status.state}`);
    return EXIT.done;
  });
}

export async function resyncRate(
  rate: number,
  run: string | undefined,
  options: CommonOptions,
): Promise<ExitCode> {
  return withResyncs(loadConfig({ file: options.config }), async ({ resyncs }) => {
    const found = await openRun(run, resyncs);
    await resyncs.setRate(found, rate === 0 ? null : rate);
    printLine(
      `${found.run}: ${rate === 0 ? "as fast as Brevo's budget allows" : `at most ${rate} contacts a second`}`,
    );
    return EXIT.done;
  });
}

/** For a person: everything there is to know of a run. */
export function printStatus(status: ResyncStatus): void {
  const { run, integration, state, phase, counts, plan, drift, waiting, trouble, failure, planOnly, notes } =
    status;
  printLine(`${pc.bold(run)}  ${integration}  ${state}${state === 'running' ? `, ${phase}` : ''}`);
  if (failure !== undefined) printLine(pc.red(`failed: ${failure}`));
  const unread = `nobody reads its source; go on with "consent-sync resync start --resume ${run}"`;
  const why = waiting ?? (status.isUnread ? unread : trouble);
  if (why !== undefined && state === 'running') printLine(pc.yellow(`waiting: ${why}`));
  for (const note of notes ?? []) printLine(pc.yellow(printable(note)));
  printCounts(counts);
  if (drift) printLine(`  drift        ${driftSentence(drift)}`);
  if (!plan) return;
  const { seconds, way, samples, ...shares } = plan;
  printLine(planOnly ? 'What would be done:' : 'The plan:');
  printCounts(shares);
  if (way !== undefined) printLine(`  Brevo was read by ${way}`);
  printLine(`  takes about ${duration(seconds)}`);
  if (planOnly && samples) printSamples(samples);
}

function printSamples(samples: Readonly<Record<string, readonly PlanSample[]>>): void {
  printLine('For example, by contact key:');
  for (const [kind, examples] of Object.entries(samples)) {
    for (const { contactKey, changes, reason } of examples) {
      const what = [...changes, ...(reason === undefined ? [] : [printable(reason)])].join(', ');
      printLine(`  ${kind.padEnd(14)} ${contactKey}${what === '' ? '' : `  ${what}`}`);
    }
  }
}

function printCounts(counts: object): void {
  for (const [name, count] of Object.entries(counts)) {
    if (typeof count === 'number' && count > 0) printLine(`  ${name.padEnd(12)} ${count}`);
  }
}
