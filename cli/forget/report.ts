import type { ForgottenContact, HeldContact } from '../../client';
import type { ForgottenFiles } from './files';

/** Something that could not be deleted, and what to do. */
export interface Leftover {
  /** Absent: it concerns files of this machine. */
  readonly integration?: string;
  readonly message: string;
  readonly fix: string;
}

/** What is left of a contact. */
export function leftovers(contacts: readonly ForgottenContact[], files: ForgottenFiles): Leftover[] {
  return [
    ...contacts.flatMap((contact) => leftoversOf(contact)),
    ...files.sealed.map((folder) => ({
      message: `the files of a resync in ${folder} are encrypted, and hold the contact until the run ends`,
      fix: 'What they hold of it is not submitted. Let the run end, or cancel it; of a plan, delete the folder.',
    })),
  ];
}

function leftoversOf({ integration, waits, left, unwrittenWithdrawals }: ForgottenContact): Leftover[] {
  if (waits) {
    const what =
      unwrittenWithdrawals === null
        ? 'what the person withdrew may not be in Brevo yet: no worker answers for the contact'
        : `what the person withdrew is not in Brevo yet: ${unwrittenWithdrawals.join(', ')}`;
    return [{ integration, message: `its workflow is open, because ${what}`, fix: WAITING }];
  }
  if (left === 0) return [];
  const message = `${left} runs of its workflow are still there, although Temporal was told to delete them`;
  return [{ integration, message, fix: 'Run the command again in a minute.' }];
}

const WAITING =
  'The service forgets the contact as soon as that is written: see why it is not with "consent-sync failures show". To forget it now, so that Brevo is never told: --drop-unwritten.';

/** Whether anything was held of it. */
export function isAnythingHeld(
  contacts: readonly ForgottenContact[],
  { guards, reportLines, workLines, sealed }: ForgottenFiles,
): boolean {
  const inFiles = guards + reportLines + workLines + sealed.length > 0;
  return inFiles || contacts.some(({ deleted, left }) => deleted + left > 0);
}

/** For a person; never who it is. */
export function forgetText(
  contacts: readonly ForgottenContact[],
  files: ForgottenFiles,
  left: readonly Leftover[],
): string {
  if (!isAnythingHeld(contacts, files)) return 'Nothing is held of this contact.';
  const lines = contacts.map(({ integration, deleted, failures, waits }) => {
    const failed = failures > 0 && !waits ? ', with what was held or rejected' : '';
    return `${integration}: ${counted(deleted, 'run')} of its workflow deleted${failed}`;
  });
  const { guards, reportLines, workLines } = files;
  if (guards + reportLines + workLines > 0) {
    lines.push(
      `resyncs on this machine: ${counted(reportLines, 'report line')}, ${counted(guards, 'known guard')} and ${counted(workLines, 'line')} of work files deleted`,
    );
  }
  for (const { integration, message, fix } of left) {
    lines.push(`${integration === undefined ? '' : `${integration}: `}NOT DELETED: ${message}. ${fix}`);
  }
  lines.push('Brevo is left as it is, and so are backups and logs.');
  return lines.join('\n');
}

/** What a person is shown before anything is deleted. */
export function heldText(held: readonly HeldContact[]): string {
  return held
    .filter(({ workflows }) => workflows > 0)
    .map(({ integration, workflows, failures, unwrittenWithdrawals: unwritten }) => {
      const failed = failures > 0 ? ', held or rejected' : '';
      const runs = `${integration}: ${counted(workflows, 'run')} of its workflow${failed}`;
      if (unwritten?.length === 0) return runs;
      const what =
        unwritten === null ? 'it may be that a withdrawal' : `the withdrawal of ${unwritten.join(', ')}`;
      return `${runs}\n  CAREFUL: ${what} is not in Brevo yet, and Brevo is never told of it if you go on.`;
    })
    .join('\n');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
