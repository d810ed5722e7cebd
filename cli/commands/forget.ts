import { createInterface } from 'node:readline/promises';
import { ConsentSyncClient, type ForgottenContact, type HeldContact } from '../../client';
import { loadConfig } from '../../config';
import type { CommonOptions } from '../common-options';
import { CommandError, EXIT, type ExitCode } from '../exit';
import { type ForgottenFiles, forgetInFiles } from '../forget/files';
import { forgetText, heldText, isAnythingHeld, type Leftover, leftovers } from '../forget/report';
import { printJson, printLine, tell } from '../output';
import { chosenIntegration } from '../resync/chosen-integration';

export interface ForgetOptions extends CommonOptions {
  readonly integration?: string;
  readonly yes?: boolean;
  readonly dropUnwritten?: boolean;
}

/** Deletes what is held of a contact, in Temporal and on this machine. */
export async function forget(organizationUserId: string, options: ForgetOptions): Promise<ExitCode> {
  const config = loadConfig({ file: options.config });
  const { integration } = options;
  if (integration !== undefined) chosenIntegration(config, integration);
  const client = await ConsentSyncClient.connect(
    options.config === undefined ? {} : { config: options.config },
  );
  try {
    const held = await client.held(organizationUserId, integration);
    if (held.length === 0) throw new CommandError(UNUSABLE, EXIT.usage);
    const answer = await confirmed(held, options);
    if (answer === 'no') {
      tell('Nothing was deleted.');
      return EXIT.failed;
    }
    const contacts = await client.forget(organizationUserId, {
      integration,
      dropsUnwrittenWithdrawals: options.dropUnwritten || answer === 'yes, whatever is unwritten',
    });
    const files = await forgetInFiles(organizationUserId, contacts, config);
    const left = leftovers(contacts, files);
    if (options.json) printJson(jsonOf(contacts, files, left));
    else printLine(forgetText(contacts, files, left));
    return left.length > 0 ? EXIT.failed : EXIT.done;
  } finally {
    await client.close();
  }
}

const UNUSABLE =
  'This is no organization_user_id that a contact can have here: see "identifier" in the configuration.';

type Answer = 'yes' | 'yes, whatever is unwritten' | 'no';

/** Asks where there is somebody to ask. */
async function confirmed(held: readonly HeldContact[], { yes }: ForgetOptions): Promise<Answer> {
  const isAsked = !yes && process.stdin.isTTY && process.stderr.isTTY;
  if (!isAsked || held.every(({ workflows }) => workflows === 0)) return 'yes';
  tell(heldText(held));
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    if (
      !/^y(es)?$/i.test((await terminal.question('Delete all that is held of this contact? [y/N] ')).trim())
    )
      return 'no';
  } finally {
    terminal.close();
  }
  const isWarned = held.some(({ unwrittenWithdrawals }) => unwrittenWithdrawals?.length !== 0);
  return isWarned ? 'yes, whatever is unwritten' : 'yes';
}

function jsonOf(
  contacts: readonly ForgottenContact[],
  files: ForgottenFiles,
  left: readonly Leftover[],
): object {
  const { guards, reportLines, workLines } = files;
  return {
    ok: left.length === 0,
    held: isAnythingHeld(contacts, files),
    integrations: contacts.map(
      ({ integration, workflowId, deleted, failures, unwrittenWithdrawals, left }) => {
        return { integration, workflowId, runs: deleted, failures, left, unwrittenWithdrawals };
      },
    ),
    resyncs: { reportLines, guards, workLines },
    notDeleted: left,
  };
}
