import { existsSync } from 'node:fs';
import type { Config } from '../../config';
import { identifierOf } from '../../consent/identifier';
import { forgetInWork, runFolders } from '../../resync/forget-in-work';
import { type ForgottenLines, forgetKept, type KeptContact } from '../../resync/forget-kept';
import { withResyncs } from '../resync/connected';
import { resyncFolderToRead } from '../resync/folder';

export interface ForgottenFiles extends ForgottenLines {
  /** Lines in the files of runs that are under way, and of plans. */
  readonly workLines: number;
  /** Folders of runs that hold the contact still, because their files are encrypted. */
  readonly sealed: readonly string[];
}

/** Erases what resyncs hold of a contact on this machine. @param contacts by integration */
export async function forgetInFiles(
  organizationUserId: string,
  contacts: readonly KeptContact[],
  config: Config,
): Promise<ForgottenFiles> {
  const root = resyncFolderToRead(process.env);
  if (!existsSync(root)) return { guards: 0, reportLines: 0, workLines: 0, sealed: [] };
  const named = contacts.flatMap(({ integration, contactKey }) => {
    const option = config.integrations.get(integration)?.rules.identifier;
    const identifier = option && identifierOf(organizationUserId, option);
    return identifier ? [{ integration, contactKey, identifier }] : [];
  });
  const runs = await withResyncs(config, ({ resyncs }) => resyncs.list());
  const { lines, sealed } = await forgetInWork(root, named, runFolders(root, runs), config.encryption);
  return { ...(await forgetKept(root, contacts)), workLines: lines, sealed };
}
