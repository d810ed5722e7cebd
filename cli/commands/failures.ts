import { ConsentSyncClient, type FailureCount } from '../../client';
import type { FailedOutcome } from '../../client/failed-outcomes';
import { failureOf } from '../../client/failures';
import { type Config, loadConfig } from '../../config';
import type { CommonOptions } from '../common-options';
import { CommandError, EXIT, type ExitCode } from '../exit';
import { failureReport, overview } from '../failures/report';
import { FailureSummary } from '../failures/summary';
import { printJson, printLine, tell } from '../output';
import { chosenIntegration } from '../resync/chosen-integration';

interface FilterOptions extends CommonOptions {
  readonly integration?: string;
  readonly outcome?: FailedOutcome;
}

interface ListOptions extends FilterOptions {
  readonly count?: boolean;
  readonly limit?: number;
  readonly exitCode?: boolean;
}

/** Contacts asked for their reason for the overview, unless it is said how many. */
const DEFAULT_LIMIT = 1_000;

/** What is held or rejected. */
export async function failuresList(options: ListOptions): Promise<ExitCode> {
  const config = loadConfig({ file: options.config });
  requireIntegration(config, options);
  return withClient(options, async (client) => {
    const counts = only(await client.countFailures(), options);
    const total = counts.reduce((sum, { held, rejected }) => sum + held + rejected, 0);
    if (options.count) printCounts(counts, options);
    else if (options.json) await printFailures(client, options);
    else if (total === 0) printLine('Nothing is held or rejected.');
    else await printOverview(client, options, counts, total);
    return options.exitCode && total > 0 ? EXIT.failed : EXIT.done;
  });
}

/** What failed of one contact, and what to do. */
export async function failuresShow(id: string, options: CommonOptions): Promise<ExitCode> {
  return withClient(options, async (client) => {
    const stories = await client.trace(id);
    if (stories.length === 0) {
      tell(
        'No contact is known by this id: give an organization_user_id, a Didomi event id or a workflow id.',
      );
      return EXIT.failed;
    }
    if (options.json) {
      for (const story of stories) {
        const failure = failureOf(story.workflowId, story);
        if (failure) printJson({ ...failure, inForce: story.inForce });
      }
    } else {
      printLine(stories.map((story) => failureReport(story)).join('\n\n'));
    }
    return EXIT.done;
  });
}

interface RetryOptions extends FilterOptions {
  readonly all?: boolean;
}

/** Puts what failed back to work. */
export async function failuresRetry(id: string | undefined, options: RetryOptions): Promise<ExitCode> {
  requireOneOf(id, options);
  requireIntegration(loadConfig({ file: options.config }), options);
  return withClient(options, async (client) => {
    let count = 0;
    for await (const { integration, workflowId, outcome } of retried(client, id, options)) {
      count += 1;
      if (options.json) printJson({ integration, workflowId, outcome, retried: true });
      else if (id !== undefined) printLine(`${integration}  ${workflowId}  ${outcome}: is tried again`);
    }
    if (count === 0) {
      tell(
        id === undefined
          ? 'Nothing is held or rejected.'
          : 'Nothing of it is held or rejected, as far as Temporal knows it.',
      );
      return EXIT.failed;
    }
    if (!options.json && id === undefined)
      printLine(`${count} tried again: "consent-sync failures list" shows what is left.`);
    return EXIT.done;
  });
}

async function* retried(client: ConsentSyncClient, id: string | undefined, options: RetryOptions) {
  if (id === undefined) yield* client.retryAll(options);
  else yield* await client.retry(id);
}

async function printFailures(client: ConsentSyncClient, options: ListOptions): Promise<void> {
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  for await (const failure of client.failures(options)) {
    printJson(failure);
    left -= 1;
    if (left <= 0) break;
  }
}

async function printOverview(
  client: ConsentSyncClient,
  options: ListOptions,
  counts: readonly FailureCount[],
  total: number,
): Promise<void> {
  const limit = options.limit ?? DEFAULT_LIMIT;
  const summary = new FailureSummary();
  for await (const failure of client.failures(options)) {
    summary.add(failure);
    if (summary.contacts >= limit) break;
  }
  printLine(overview(summary, counts));
  if (total > limit)
    printLine(`Of ${total} contacts ${limit} were asked for their reason: --limit asks more.`);
}

function printCounts(counts: readonly FailureCount[], { json }: ListOptions): void {
  for (const { integration, held, rejected } of counts) {
    if (json) printJson({ integration, held, rejected });
    else printLine(`${integration}: ${held} held, ${rejected} rejected`);
  }
}

function only(counts: readonly FailureCount[], { integration, outcome }: FilterOptions): FailureCount[] {
  return counts
    .filter((one) => integration === undefined || one.integration === integration)
    .map((one) => ({
      integration: one.integration,
      held: outcome === 'rejected' ? 0 : one.held,
      rejected: outcome === 'held' ? 0 : one.rejected,
    }));
}

function requireIntegration(config: Config, { integration }: FilterOptions): void {
  if (integration !== undefined) chosenIntegration(config, integration);
}

function requireOneOf(id: string | undefined, { all, integration, outcome }: RetryOptions): void {
  if ((id === undefined) === (all !== true)) {
    throw new CommandError('What shall be tried again? Give either one id, or --all.', EXIT.usage);
  }
  if (id !== undefined && (integration !== undefined || outcome !== undefined)) {
    throw new CommandError('--integration and --outcome go with --all.', EXIT.usage);
  }
}

async function withClient(
  { config }: CommonOptions,
  act: (client: ConsentSyncClient) => Promise<ExitCode>,
): Promise<ExitCode> {
  const client = await ConsentSyncClient.connect(config === undefined ? {} : { config });
  try {
    return await act(client);
  } finally {
    await client.close();
  }
}
