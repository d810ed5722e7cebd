import Table from 'cli-table3';
import { onStdout as pc } from '../colours';
import type { Difference } from './comparison';
import { DEMO_CONFIG } from './demo-config';
import { type Counts, type DemoResult, sum } from './result';

const INTEGRATIONS = Object.keys(DEMO_CONFIG.integrations);
const SHOWN_DIFFERENCES = 20;

/** What a demo came to, for people. */
export function closingTable(result: DemoResult): string {
  return [
    '',
    `${pc.bold('What became of the events')} (${result.events} messages, each read for ${INTEGRATIONS.length} integrations)`,
    countsTable(['Outcome', result.outcomes], ['Ignored', result.ignoredBecause]),
    '',
    pc.bold('What became of the contacts'),
    countsTable(['Outcome', result.contacts]),
    '',
    calls(result),
    '',
    ...comparison(result),
  ].join('\n');
}

function countsTable(...groups: readonly (readonly [title: string, counts: Counts])[]): string {
  const table = new Table({
    head: ['', '', ...INTEGRATIONS, 'together'].map((text) => pc.dim(text)),
    colAligns: ['left', 'left', ...INTEGRATIONS.map(() => 'right' as const), 'right'],
    style: { compact: true, head: [], border: [] },
  });
  for (const [title, counts] of groups) {
    const rows = Object.entries(counts).sort(([, a], [, b]) => sum(b) - sum(a));
    for (const [index, [name, byIntegration]] of rows.entries()) {
      const cells = INTEGRATIONS.map((integration) => String(byIntegration[integration] ?? ''));
      table.push([index === 0 ? pc.dim(title) : '', name, ...cells, pc.bold(String(sum(byIntegration)))]);
    }
  }
  return table.toString();
}

function calls({ brevoCalls, seconds, accepted }: DemoResult): string {
  const { all, lookUps, creates, updates, failed } = brevoCalls;
  const each = accepted === 0 ? '' : `, ${(all / accepted).toFixed(2)} for each event`;
  return `${pc.bold('Brevo')} ${all} calls in ${Math.round(seconds)} s${each}: ${lookUps} reads, ${creates} creates, ${updates} updates; ${failed} of them failed`;
}

function comparison({ compared, differences, unsettled, seed }: DemoResult): string[] {
  const what = `${compared} contacts compared: existence, blacklist, lists and attributes`;
  return [
    differences.length === 0
      ? `${pc.green('✓')} ${pc.bold('Brevo holds what it should.')} ${what}, no difference`
      : `${pc.red('✗')} ${pc.bold('Brevo does not hold what it should.')} ${what} (seed ${seed})\n${differencesTable(differences)}`,
    ...(unsettled.length === 0
      ? []
      : [`${pc.red('✗')} ${pc.bold('Not everything is settled:')}`, ...unsettled.map((id) => `  ${id}`)]),
  ];
}

function differencesTable(differences: readonly Difference[]): string {
  const table = new Table({
    head: ['Contact', 'What', 'Should be', 'Is'].map((text) => pc.dim(text)),
    style: { compact: true, head: [], border: [] },
  });
  for (const one of differences.slice(0, SHOWN_DIFFERENCES)) table.push(rowOf(one));
  const more = differences.length - SHOWN_DIFFERENCES;
  return more > 0 ? `${table.toString()}\nand ${more} more` : table.toString();
}

function rowOf({ contact, what, expected, actual }: Difference): string[] {
  return [contact, what, JSON.stringify(expected), JSON.stringify(actual)];
}
