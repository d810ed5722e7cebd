import type { Client } from '@temporalio/client';
import { decodedValue } from '../../client/decoding';
import { loadConfig } from '../../config';
import { brokenOf, type ReportLine, reportOf } from '../../resync/report';
import type { ConsentSyncInput } from '../../workflows/contract';
import type { CommonOptions } from '../common-options';
import { EXIT, type ExitCode } from '../exit';
import { printJson, printLine } from '../output';
import { printable } from '../printable';
import { withResyncs } from '../resync/connected';
import { resyncFolderToRead } from '../resync/folder';

export interface ReportOptions extends CommonOptions {
  readonly csv?: boolean;
  readonly showIdentifiers?: boolean;
}

interface Row extends ReportLine {
  /** Absent: nobody's, a line that was not understood. */
  readonly workflowId?: string;
  /** null: Temporal has it no more. */
  readonly identifier?: string | null;
}

const COLUMNS = ['contactKey', 'outcome', 'reason', 'workflowId'] as const;

/** Every contact that was not simply done, and every line that was not understood, as the reader's disk has it. */
export async function resyncReport(run: string | undefined, options: ReportOptions): Promise<ExitCode> {
  const { csv, showIdentifiers } = options;
  const columns: Column[] = [...COLUMNS, ...(showIdentifiers ? ['identifier' as const] : [])];
  return withResyncs(loadConfig({ file: options.config }), async ({ resyncs, temporal }) => {
    const found = await resyncs.find(run);
    const root = resyncFolderToRead(process.env);
    if (csv) printLine(columns.join(','));
    for await (const { file, line, reason } of brokenOf(root, found.run)) {
      const row: Row = { contactKey: '', outcome: 'broken', reason: `${file}:${line}: ${reason}` };
      print(row, columns, options);
    }
    for await (const line of reportOf(root, found.run)) {
      const workflowId = `consent-sync/${found.integration}/${line.contactKey}`;
      const row: Row = {
        ...line,
        workflowId,
        ...(showIdentifiers && { identifier: await identifierOf(temporal, workflowId) }),
      };
      print(row, columns, options);
    }
    return EXIT.done;
  });
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
