import { ScheduleAlreadyRunning } from '@temporalio/client';
import { ResyncSchedules, type TimeOfDay } from '../../client/resync-schedules';
import { loadConfig } from '../../config';
import type { CommonOptions } from '../common-options';
import { CommandError, EXIT, type ExitCode } from '../exit';
import { printJson, printLine } from '../output';
import { chosenIntegration } from '../resync/chosen-integration';
import { withResyncs } from '../resync/connected';
import { type SourceOptions, sourceOf } from '../resync/source';

export interface ScheduleOptions extends CommonOptions, SourceOptions {
  readonly integration?: string;
  readonly plan?: boolean;
  readonly at?: TimeOfDay;
  readonly rate?: number;
}

const AT: TimeOfDay = { hour: 3, minute: 0 };

/** Starts a run each night, which the service's workers read. */
export async function scheduleCreate(
  sources: readonly string[],
  options: ScheduleOptions,
): Promise<ExitCode> {
  const config = loadConfig({ file: options.config });
  const integration = chosenIntegration(config, options.integration);
  const source = await sourceOf(sources, options, config);
  if (source.kind === 'files' && source.paths.includes('-')) {
    throw new CommandError('Standard input cannot be read every night: give a folder.', EXIT.usage);
  }
  const at = options.at ?? AT;
  const { rate } = options;
  return withResyncs(config, async ({ temporal }) => {
    const schedules = new ResyncSchedules(temporal, config.temporal.taskQueue);
    const input = {
      integration,
      source,
      planOnly: options.plan ?? false,
      ...(rate !== undefined && rate > 0 && { rate }),
    };
    const id = await schedules.create(input, at).catch((error: unknown) => {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      throw new CommandError(
        `The integration "${integration}" has a schedule already: end it with "consent-sync resync schedule delete --integration ${integration}".`,
      );
    });
    const time = `${two(at.hour)}:${two(at.minute)} UTC`;
    if (options.json) printJson({ integration, id, at: time, planOnly: input.planOnly });
    else printLine(`${integration}: every day at ${time}${input.planOnly ? ', as a plan only' : ''} (${id})`);
    return EXIT.done;
  });
}

export async function scheduleList(options: CommonOptions): Promise<ExitCode> {
  const config = loadConfig({ file: options.config });
  return withResyncs(config, async ({ temporal }) => {
    for (const one of await new ResyncSchedules(temporal, config.temporal.taskQueue).list()) {
      if (options.json) printJson(one);
      else printLine(`${one.integration}  next ${one.nextAt ?? 'never'}${one.planOnly ? '  plan only' : ''}`);
    }
    return EXIT.done;
  });
}

export async function scheduleDelete(options: ScheduleOptions): Promise<ExitCode> {
  const config = loadConfig({ file: options.config });
  const integration = chosenIntegration(config, options.integration);
  return withResyncs(config, async ({ temporal }) => {
    const existed = await new ResyncSchedules(temporal, config.temporal.taskQueue).delete(integration);
    if (!existed) throw new CommandError(`The integration "${integration}" has no schedule.`);
    printLine(`${integration}: no nightly run any more`);
    return EXIT.done;
  });
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
