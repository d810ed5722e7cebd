import type { Client } from '@temporalio/client';
import { decodedValue } from '../../client/decoding';
import type { ListedRun, Resyncs } from '../../client/resyncs';
import { loadConfig } from '../../config';
import { brokenOf, hasReport, type ReportLine, reportOf, summaryOf } from '../../resync/report';
import type { ConsentSyncInput } from '../../workflows/contract';
import type { CommonOptions } from '../common-options';
import { CommandError, EXIT, type ExitCode } from '../exit';
import { printJson, printLine, tell } from '../output';
import { printable } from '../printable';
import { withResyncs } from '../resync/connected';
import { resyncFolderToRead } from '../resync/folder';

export interface ReportOptions extends CommonOptions {
  readonly csv?: boolean;
  readonly showIdentifiers?: boolean;
}

interface Row extends Omit<ReportLine, 'identifier'> {
  /** Absent: nobody's, a line that was not understood. */
  readonly workflowId?: string;
  /** null: nobody knows it any more. */
  readonly identifier?: string | null;
}

const COLUMNS = ['contactKey', 'outcome', 'reason', 'workflowId'] as const;

/** Every contact that was not simply done, and every line that was not understood, as the reader's disk has it. */
export async function resyncReport(named: string | undefined, options: ReportOptions): Promise<ExitCode> {
  const { csv, json, showIdentifiers = false } = options;
  const columns: Column[] = [...COLUMNS, ...(showIdentifiers ? ['identifier' as const] : [])];
  const root = resyncFolderToRead(process.env);
  const config = loadConfig({ file: options.config });
  return withResyncs(config, async ({ resyncs, temporal }) => {
    const { run, integration } = await runOf(named, root, resyncs);
    if (!hasReport(root, run)) throw new CommandError(elsewhere(run));
    if (csv) printLine(columns.join(','));
    let rows = 0;
    for await (const { file, line, reason } of brokenOf(root, run)) {
      const row: Row = { contactKey: '', outcome: 'broken', reason: `${file}:${line}: ${reason}` };
      print(row, columns, options);
      rows += 1;
    }
    for await (const { identifier, ...line } of reportOf(root, run, showIdentifiers, config.encryption)) {
      const workflowId = `consent-sync/${integration}/${line.contactKey}`;
      const row: Row = {
        ...line,
        workflowId,
        ...(showIdentifiers && { identifier: identifier ?? (await identifierOf(temporal, workflowId)) }),
      };
      print(row, columns, options);
      rows += 1;
    }
    if (rows === 0 && !csv && !json) tell(`The report of ${run} is empty.`);
    return EXIT.done;
  });
}

/** Also one that Temporal has no more. */
async function runOf(
  named: string | undefined,
  root: string,
  resyncs: Resyncs,
): Promise<Pick<ListedRun, 'run' | 'integration'>> {
  const kept = named === undefined ? undefined : await summaryOf(root, named);
  return kept ?? resyncs.find(named);
}

function elsewhere(run: string): string {
  return `There is no report of ${run} here: it lies on the machine that read its source, in CONSENT_SYNC_DATA of that process.`;
}

type Column = (typeof COLUMNS)[number] | 'identifier';

function print(row: Row, columns: readonly Column[], { csv, json }: ReportOptions): void {
  if (csv) printLine(columns.map((name) => csvCell(row[name])).join(','));
  else if (json) printJson(row);
  else printLine(textOf(row));
}

function textOf({ outcome, identifier, contactKey, reason }: Row): string {
  return [
    outcome.padEnd(9),
    printable(identifier ?? contactKey),
    ...(reason ? [printable(reason)] : []),
  ].join('  ');
}

/** As RFC 4180 says; a text that a spreadsheet would take for a formula is kept from being one. */
function csvCell(value: string | null | undefined): string {
  const text = value ?? '';
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replace(/"/g, '""')}"` : harmless;
}

/** What the contact's workflow was started with. */
async function identifierOf(temporal: Client, workflowId: string): Promise<string | null> {
  try {
    const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
    const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    if (!payload) return null;
    return (await decodedValue<ConsentSyncInput>(temporal, payload, workflowId)).identifier.value;
  } catch {
    return null;
  }
}
