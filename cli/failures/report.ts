import Table from 'cli-table3';
import type { ContactStory, FailureCount, Trouble } from '../../client';
import { onStdout as pc } from '../colours';
import { printable } from '../printable';
import type { FailureSummary } from './summary';

/** What is held or rejected, for the terminal: the held accounts on top, since they concern most. */
export function overview(summary: FailureSummary, counts: readonly FailureCount[]): string {
  const held = counts.filter((one) => one.held > 0);
  return [
    ...held.map((one) => `${pc.red('Held')} ${pc.bold(one.integration)}: ${contacts(one.held)} wait`),
    table(summary),
    ...(summary.incomplete > 0
      ? [
          pc.yellow(
            `No worker answered for ${contacts(summary.incomplete)}: start one, or see in its log why it cannot, to see the reasons.`,
          ),
        ]
      : []),
    advice(counts),
  ].join('\n');
}

/** What failed of one contact. */
export function failureReport(story: ContactStory): string {
  const { integration, workflowId, held, rejected, outcome, incomplete, inForce } = story;
  const failed = held !== undefined || rejected.length > 0 || outcome === 'held' || outcome === 'rejected';
  if (!failed) return `${pc.bold(integration)}  ${pc.dim(workflowId)}\nNothing of it is held or rejected.`;
  const wanted = (id: string | undefined) => {
    const value = inForce.find((one) => one.id === id);
    return value ? `${id} = ${printable(JSON.stringify(value.value))}` : (id ?? 'the contact');
  };
  const lines = [
    `${pc.red(pc.bold(outcome ?? 'failed'))} in integration ${pc.bold(integration)}`,
    pc.dim(workflowId),
    ...(incomplete === undefined ? [] : [pc.yellow(`Incomplete: ${incomplete}`)]),
  ];
  if (held) {
    const values = inForce.map(({ id }) => wanted(id));
    lines.push('', `Waiting for ${held.service ?? 'Brevo'}`, ...trouble(held));
    if (!held.service && values.length > 0) lines.push(`  to be written: ${values.join(', ')}`);
    lines.push('  next: what the reason says; it goes on by itself when that is done');
  }
  for (const one of rejected) {
    lines.push('', `Refused: ${wanted(one.id)}`, ...trouble(one));
    lines.push(
      `  next: mend it, then "consent-sync failures retry ${workflowId}"; a new choice tries it too`,
    );
  }
  return lines.join('\n');
}

function trouble({ reason, status, code, requestId, since }: Trouble): string[] {
  const rows = { since, reason, status, code, request: requestId };
  return Object.entries(rows).flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name}: ${printable(String(value))}`],
  );
}

function table(summary: FailureSummary): string {
  const head = ['Integration', 'Outcome', 'What', 'Contacts', 'Since (UTC)', 'Reason', "Brevo's request id"];
  const drawn = new Table({
    head: head.map((title) => pc.dim(title)),
    style: { compact: true, head: [], border: [] },
    wordWrap: true,
    colWidths: [null, null, null, null, null, 60, null],
  });
  for (const { integration, outcome, what, contacts: count, since, reason, requestId } of summary.groups()) {
    const shownSince = since === null ? '' : since.slice(0, 19).replace('T', ' ');
    drawn.push(
      [integration, outcome, what, count, shownSince, reason, requestId ?? ''].map((cell) =>
        printable(String(cell)),
      ),
    );
  }
  return drawn.toString();
}

function advice(counts: readonly FailureCount[]): string {
  const held = counts.some((one) => one.held > 0);
  const rejected = counts.some((one) => one.rejected > 0);
  return [
    ...(held ? ['What is held goes on by itself once its reason is mended.'] : []),
    ...(rejected
      ? [
          'What is rejected is tried again with "consent-sync failures retry --all", once its reason is mended.',
        ]
      : []),
  ].join('\n');
}

function contacts(count: number): string {
  return count === 1 ? '1 contact' : `${count} contacts`;
}
