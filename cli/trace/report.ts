import Table from 'cli-table3';
import type { BrevoCall, ContactStory, ReceivedEvent, Trouble, ValueInForce } from '../../client';
import type { Outcome } from '../../consent/outcome';
import { onStdout as pc } from '../colours';
import { printable } from '../printable';

/**
 * One contact's story for the terminal.
 *
 * @param page of the workflow in the Temporal UI, where that is known
 */
export function report(story: ContactStory, page: string | undefined): string {
  return [
    heading(story, page),
    ...(story.incomplete === undefined ? [] : [pc.yellow(`Incomplete: ${story.incomplete}`)]),
    ...troubles(story),
    section('In force', valuesTable(story.inForce)),
    section('Events received', eventsTable(story.events)),
    section('Calls', callsTable(story.calls)),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function heading(
  { integration, identifierKind, outcome, dryRun, open, workflowId, incomplete }: ContactStory,
  page: string | undefined,
): string {
  const dry = dryRun ? ' (dry run: nothing was written)' : '';
  const state = open ? 'its workflow is open' : 'its workflow has ended';
  const kind = incomplete === undefined ? `, found by ${identifierKind}` : '';
  return [
    `${paintOutcome(outcome)}${dry} in integration ${pc.bold(integration)}${kind}; ${state}`,
    pc.dim(workflowId),
    ...(page === undefined ? [] : [pc.cyan(page)]),
  ].join('\n');
}

export function paintOutcome(outcome: Outcome | null): string {
  if (outcome === null) return pc.bold('being worked on');
  const colour =
    outcome === 'held' || outcome === 'rejected' ? pc.red : outcome === 'guarded' ? pc.yellow : pc.green;
  return pc.bold(colour(outcome));
}

function troubles({ held, rejected, guarded }: ContactStory): string[] {
  return [
    ...(held
      ? [`${pc.red(`Waiting for ${held.service ?? 'Brevo'}`)} since ${held.since}: ${describe(held)}`]
      : []),
    ...rejected.map(
      (one) => `${pc.red('Refused')} ${one.id ?? 'the contact'} since ${one.since}: ${describe(one)}`,
    ),
    ...(guarded === undefined ? [] : [`${pc.yellow('Guarded')}: the contact ${guarded}`]),
  ];
}

function describe({ reason, status, code, requestId }: Trouble): string {
  const answer = [
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(code === undefined ? [] : [`code ${code}`]),
    ...(requestId === undefined ? [] : [`request ${requestId}`]),
  ];
  return printable(answer.length === 0 ? reason : `${reason} (${answer.join(', ')})`);
}

function section(title: string, table: string | undefined): string {
  return table === undefined ? '' : `${pc.bold(title)}\n${table}`;
}

function valuesTable(values: readonly ValueInForce[]): string | undefined {
  return table(
    ['Brevo', 'Value', 'Chosen at', 'From event', 'Didomi path'],
    values.map(({ id, value, at, asOf, eventId, path }) => [
      id,
      JSON.stringify(value),
      at ?? (asOf === undefined ? 'unknown' : `unknown, before ${asOf}`),
      eventId ?? 'a user record',
      path,
    ]),
  );
}

function eventsTable(events: readonly ReceivedEvent[]): string | undefined {
  return table(
    ['Received at', 'Type', 'Event', 'Outcome'],
    events.map(({ receivedAt, type, eventId, outcome, note }) => {
      const became = outcome ?? 'being worked on';
      return [receivedAt, type, eventId, note === undefined ? became : `${became}: ${note}`];
    }),
  );
}

function callsTable(calls: readonly BrevoCall[]): string | undefined {
  return table(
    ['At', 'Call', 'Result'],
    calls.map(({ at, activity, result }) => [at, activity, result]),
  );
}

function table(head: string[], rows: readonly (readonly string[])[]): string | undefined {
  if (rows.length === 0) return undefined;
  const drawn = new Table({
    head: head.map((title) => pc.dim(title)),
    style: { compact: true, head: [], border: [] },
  });
  for (const row of rows) drawn.push(row.map(printable));
  return drawn.toString();
}
