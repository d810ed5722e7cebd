import { type Command, Option } from 'commander';
import type { ExitCode } from '../exit';
import { parseAge, parseCount, parseRate, parseTimeOfDay } from '../option-values';

export interface Adding {
  /** Adds a command that takes what every command takes. */
  readonly add: (parent: Command, name: string, description: string) => Command;
  /** Told the exit code of the command that ran. */
  readonly finish: (code: ExitCode) => void;
}

type Commands = typeof import('../commands/resync');

/** `resync` and what stands below it. */
export function addResync(program: Command, { add, finish }: Adding): void {
  const resync = program
    .command('resync')
    .description("bring Brevo in line with everything that Didomi's records say")
    .helpOption('-h, --help', 'print help');

  add(
    resync,
    'start',
    'read a source, compare it with Brevo, and submit what differs\n' +
      'source: folder of a batch export, file (NDJSON, JSON, gzipped), - = stdin, or didomi-api',
  )
    .argument('[source...]')
    .option('--ids <file>', "only these organization_user_ids, one a line, read from Didomi's API")
    .option('--integration <name>', 'which one, when there are several')
    .option('--plan', 'say what would be done, and write nothing')
    .option('--from-plan <run>', 'carry out exactly this plan')
    .option('--as-of <date>', "of what date files without a date= folder are (default: the file's own)")
    .option('--rate <n>', 'contacts a second at most', parseRate)
    .option('--resume <run>', 'go on with a run after a crash')
    .option('--detach', "let the service's workers read, and don't wait")
    .action(async (sources: string[], options) => {
      const { resyncStart } =
        require('../commands/resync-start') as typeof import('../commands/resync-start');
      finish(await resyncStart(sources, options));
    });
  add(resync, 'list', 'the latest runs').action(async (options) => {
    finish(await commands().resyncList(options));
  });
  add(resync, 'status', 'how far a run is (default: the latest)')
    .argument('[run]')
    .option('--nightly', 'of the last nightly run that has ended')
    .option('--integration <name>', 'which one, when there are several')
    .addOption(
      new Option('--fail-on-drift [n]', 'exit 1 when more contacts than that were out of step (default: 0)')
        .preset('0')
        .argParser(parseCount),
    )
    .option('--max-age <duration>', 'exit 1 when the run began longer ago, for example "26 hours"', parseAge)
    .action(async (run: string | undefined, options) => {
      finish(await commands().resyncStatus(run, options));
    });
  for (const [name, description] of [
    ['pause', 'let a run rest until it is resumed'],
    ['resume', 'let a paused run go on'],
    ['cancel', 'end a run; what was submitted stays'],
  ] as const) {
    add(resync, name, description)
      .argument('[run]')
      .action(async (run: string | undefined, options) => {
        finish(await commands().resyncCommand(name, run, options));
      });
  }
  add(resync, 'rate', 'change how many contacts a second a run submits at most; 0 = no limit of its own')
    .argument('<n>', 'contacts a second', parseRate)
    .argument('[run]')
    .action(async (rate: number, run: string | undefined, options) => {
      finish(await commands().resyncRate(rate, run, options));
    });
  add(resync, 'report', 'every contact that was not simply done, with its reason')
    .argument('[run]')
    .option('--csv', 'as CSV')
    .option('--show-identifiers', 'with the organization_user_id: for a week, or as long as Temporal has it')
    .action(async (run: string | undefined, options) => {
      const { resyncReport } =
        require('../commands/resync-report') as typeof import('../commands/resync-report');
      finish(await resyncReport(run, options));
    });

  const schedule = resync
    .command('schedule')
    .description('nightly runs')
    .helpOption('-h, --help', 'print help');
  add(
    schedule,
    'create',
    "a run each night, read by the service's workers: folder of a batch export, or didomi-api",
  )
    .argument('[source...]')
    .option('--ids <file>', "only these organization_user_ids, one a line, read from Didomi's API")
    .option('--integration <name>', 'which one, when there are several')
    .option('--as-of <date>', "of what date files without a date= folder are (default: the file's own)")
    .option('--at <hh:mm>', 'when, in UTC (default: 03:00)', parseTimeOfDay)
    .option('--plan', 'only say what differs')
    .option('--rate <n>', 'contacts a second at most', parseRate)
    .action(async (sources: string[], options) => {
      finish(await scheduling().scheduleCreate(sources, options));
    });
  add(schedule, 'list', 'the schedules').action(async (options) => {
    finish(await scheduling().scheduleList(options));
  });
  add(schedule, 'delete', 'no nightly run any more')
    .option('--integration <name>', 'which one, when there are several')
    .action(async (options) => {
      finish(await scheduling().scheduleDelete(options));
    });
}

function scheduling(): typeof import('../commands/resync-schedule') {
  return require('../commands/resync-schedule') as typeof import('../commands/resync-schedule');
}

function commands(): Commands {
  return require('../commands/resync') as Commands;
}
