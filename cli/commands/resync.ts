import type { ListedRun, ResyncCommand, ResyncStatus, Resyncs } from '../../client/resyncs';
import { loadConfig } from '../../config';
import { onStdout as pc } from '../colours';
import type { CommonOptions } from '../common-options';
import { CommandError, EXIT, type ExitCode } from '../exit';
import { printJson, printLine } from '../output';
import { printable } from '../printable';
import { withResyncs } from '../resync/connected';
import { jsonOf } from '../resync/json';
import { duration } from '../resync/progress-view';

/** What the latest, or a named, run is doing. */
export async function resyncStatus(run: string | undefined, options: CommonOptions): Promise<ExitCode> {
  return withResyncs(loadConfig({ file: options.config }), async ({ resyncs }) => {
    const status = await resyncs.status(await resyncs.find(run));
    if (options.json) printJson(jsonOf(status));
    else printStatus(status);
    return EXIT.done;
  });
}

export async function resyncList(options: CommonOptions): Promise<ExitCode> {
  return withResyncs(loadConfig({ file: options.config }), async ({ resyncs }) => {
    for (const listed of await resyncs.list()) {
      if (options.json) printJson(listed);
      else printLine(`${listed.run}  ${listed.integration}  ${stateOf(listed)}  ${listed.startedAt}`);
    }
    return EXIT.done;
  });
}

/** How a run ended stands in its status alone: its workflow is completed, however it went. */
function stateOf({ status }: ListedRun): string {
  if (status === 'COMPLETED') return 'ended';
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
  const { run, integration, state, phase, counts, plan, waiting, trouble, failure, planOnly, notes } = status;
  printLine(`${pc.bold(run)}  ${integration}  ${state}${state === 'running' ? `, ${phase}` : ''}`);
  if (failure !== undefined) printLine(pc.red(`failed: ${failure}`));
  const unread = `nobody reads its source; go on with "consent-sync resync start --resume ${run}"`;
  const why = waiting ?? (status.isUnread ? unread : trouble);
  if (why !== undefined && state === 'running') printLine(pc.yellow(`waiting: ${why}`));
  for (const note of notes ?? []) printLine(pc.yellow(printable(note)));
  printCounts(counts);
  if (!plan) return;
  const { seconds, way, ...shares } = plan;
  printLine(planOnly ? 'What would be done:' : 'The plan:');
  printCounts(shares);
  if (way !== undefined) printLine(`  Brevo was read by ${way}`);
  printLine(`  takes about ${duration(seconds)}`);
}

function printCounts(counts: object): void {
  for (const [name, count] of Object.entries(counts)) {
    if (typeof count === 'number' && count > 0) printLine(`  ${name.padEnd(12)} ${count}`);
  }
}
