import { type Command, Option } from 'commander';
import { FAILED_OUTCOMES } from '../../client/failed-outcomes';
import { parseCount } from '../option-values';
import type { Adding } from '../resync/subcommands';

type Commands = typeof import('../commands/failures');

/** `failures` and what stands below it. */
export function addFailures(program: Command, { add, finish }: Adding): void {
  const failures = program
    .command('failures')
    .description('what is held or rejected, and putting it back to work')
    .helpOption('-h, --help', 'print help');

  const outcome = () =>
    new Option('--outcome <outcome>', 'only what is held, or only what is rejected').choices(FAILED_OUTCOMES);
  add(failures, 'list', 'what is held or rejected, and why')
    .option('--integration <name>', 'only of this one')
    .addOption(outcome())
    .option('--count', 'only how many there are; asks no worker')
    .option(
      '--limit <n>',
      'contacts asked for their reason at most (default: 1000; with --json all)',
      parseCount,
    )
    .option('--exit-code', 'end with 1 when anything is held or rejected')
    .action(async (options) => {
      finish(await commands().failuresList(options));
    });
  add(failures, 'show', 'what failed of one contact, and what to do')
    .argument('<id>', 'organization_user_id, Didomi event id or workflow id')
    .action(async (id: string, options) => {
      finish(await commands().failuresShow(id, options));
    });
  add(failures, 'retry', 'try again what is held or rejected')
    .argument('[id]', 'organization_user_id, Didomi event id or workflow id')
    .option('--all', 'everything that is held or rejected')
    .option('--integration <name>', 'with --all: only of this one')
    .addOption(outcome())
    .action(async (id: string | undefined, options) => {
      finish(await commands().failuresRetry(id, options));
    });
}

function commands(): Commands {
  return require('../commands/failures') as Commands;
}
