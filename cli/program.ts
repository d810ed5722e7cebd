import { Command } from 'commander';
import type { ExitCode } from './exit';
import { addFailures } from './failures/subcommands';
import { collectAttribute, collectOrigin, parseCount, parsePort, parseRate } from './option-values';
import { addResync } from './resync/subcommands';

/**
 * The commands. Each loads its code when it runs: the worker's native parts take longer to load than most commands
 * take to run.
 *
 * @param finish told the exit code of the command that ran
 */
export function buildProgram(version: string, finish: (code: ExitCode) => void): Command {
  const program = new Command('consent-sync')
    .description(
      'Keeps Brevo contacts and the e-mail blacklist in step with consent collected in Didomi,\nas durable Temporal workflows.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${usageOfArguments(command)}`.trim() })
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 the job failed or found problems, 2 usage or configuration error.',
    );

  const add = (parent: Command, name: string, description: string): Command =>
    parent
      .command(name)
      .description(description)
      .option(
        '--config <file>',
        'configuration file (default: CONSENT_SYNC_CONFIG, else ./consent-sync.json)',
      )
      .option('--json', 'results as JSON on standard output')
      .helpOption('-h, --help', 'print help');

  add(program, 'demo', 'show the whole system on this machine: nothing to configure, nothing leaves it')
    .option('--once', 'end after the closing table, also on a terminal')
    .option('--events <n>', 'about how many Didomi messages to send', parseCount)
    .option('--seed <n>', 'repeat the messages of an earlier demo', parseCount)
    .action(async (options) => {
      const { demo } = require('./commands/demo') as typeof import('./commands/demo');
      finish(await demo(options));
    });
  add(program, 'start', 'ingestion and worker in one process, until SIGTERM or SIGINT').action(
    async (options) => {
      const { start } = require('./commands/start') as typeof import('./commands/start');
      finish(await start(options));
    },
  );
  add(program, 'ingest', 'ingestion on its own: takes webhooks, hands them to Temporal').action(
    async (options) => {
      const { ingest } = require('./commands/ingest') as typeof import('./commands/ingest');
      finish(await ingest(options));
    },
  );
  add(program, 'worker', 'worker on its own: carries out what Temporal holds').action(async (options) => {
    const { worker } = require('./commands/worker') as typeof import('./commands/worker');
    finish(await worker(options));
  });
  add(program, 'simulator', 'a Brevo to try things on, with its state in memory')
    .option('--port <n>', 'port to listen on; 0 = any free one', parsePort, 4010)
    .option('--api-key <key>', 'the only key that is accepted (default: any)')
    .option(
      '--attribute <name=type>',
      'an attribute beside the default ones; may be repeated',
      collectAttribute,
    )
    .option('--requests-per-second <n>', 'budget of contacts; 0 = unlimited', parseRate, 10)
    .action(async (options) => {
      const { simulator } = require('./commands/simulator') as typeof import('./commands/simulator');
      finish(await simulator(options));
    });
  add(
    program,
    'send',
    'submit consent events from files: JSON, JSON array or NDJSON, plain or gzipped; - = stdin',
  )
    .argument('<file...>')
    .option('--wait', 'wait until each event is settled in Brevo, and print its outcome')
    .action(async (files: string[], options) => {
      const { send } = require('./commands/send') as typeof import('./commands/send');
      finish(await send(files, options));
    });
  add(program, 'trace', "one contact's story, by organization_user_id, Didomi event id or workflow id")
    .argument('<id>')
    .action(async (id: string, options) => {
      const { trace } = require('./commands/trace') as typeof import('./commands/trace');
      finish(await trace(id, options));
    });
  add(program, 'forget', 'delete what Temporal and the resyncs of this machine hold of a contact')
    .argument('<organization_user_id>')
    .option('--integration <name>', 'only what this integration holds')
    .option('--yes', 'do not ask first; without a terminal nobody is asked anyway')
    .option('--drop-unwritten', 'also what the person withdrew and Brevo does not have yet')
    .action(async (id: string, options) => {
      const { forget } = require('./commands/forget') as typeof import('./commands/forget');
      finish(await forget(id, options));
    });
  add(program, 'setup', 'register the search attributes in Temporal, and the namespace where it can').action(
    async (options) => {
      const { setup } = require('./commands/setup') as typeof import('./commands/setup');
      finish(await setup(options));
    },
  );

  add(
    program,
    'doctor',
    'check the configuration, Temporal, the Brevo key, every mapped attribute and the list; says what to fix',
  )
    .option('--fix', 'create missing attributes in Brevo and search attributes in Temporal, after asking')
    .option('--yes', 'with --fix: without asking')
    .action(async (options) => {
      const { doctor } = require('./commands/doctor') as typeof import('./commands/doctor');
      finish(await doctor(options));
    });

  addResync(program, { add, finish });
  addFailures(program, { add, finish });

  add(program, 'codec-server', 'decrypt for the Temporal UI and CLI what consent-sync has encrypted')
    .option('--host <host>', 'address to listen on; beyond this machine with a token only', '127.0.0.1')
    .option('--port <n>', 'port to listen on; 0 = any free one', parsePort, 8088)
    .option(
      '--origin <origin>',
      'a Temporal UI that may use it; may be repeated (default: that of an embedded server)',
      collectOrigin,
    )
    .action(async (options) => {
      const { codecServerCommand } =
        require('./commands/codec-server') as typeof import('./commands/codec-server');
      finish(await codecServerCommand(options));
    });

  const config = program
    .command('config')
    .description('check a configuration file, or print its JSON Schema')
    .helpOption('-h, --help', 'print help');
  add(config, 'check', 'everything that is wrong with a configuration').action((options) => {
    const { configCheck } = require('./commands/config') as typeof import('./commands/config');
    finish(configCheck(options));
  });
  add(config, 'schema', 'print the JSON Schema of the configuration file').action(() => {
    const { configSchema } = require('./commands/config') as typeof import('./commands/config');
    finish(configSchema());
  });

  return program;
}

function usageOfArguments(command: Command): string {
  return command.registeredArguments.map((one) => `<${one.name()}${one.variadic ? '...' : ''}>`).join(' ');
}
