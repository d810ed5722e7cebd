import { existsSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncryptionSettings } from '../config';
import type { Identifier } from '../consent/identifier';
import { FileSeal, isSealed } from '../encryption/sealed-file';
import { bucketName, bucketOf } from './buckets';
import type { KeptContact } from './forget-kept';
import { GUARDS } from './leftovers';
import { BLANK, linesFrom } from './line-file';
import { IN_WORK, REPORTS } from './report';
import { DIFFERING_FILES, HELD_FILE } from './submit';
import { folderOf } from './work-folder';

/** A contact as a run's files name it. */
export interface NamedContact extends KeptContact {
  readonly identifier: Identifier;
}

export interface ForgottenInWork {
  /** Lines that were made blank. */
  readonly lines: number;
  /** Folders whose files are encrypted, so that a line cannot be taken out of them: they hold the contact still. */
  readonly sealed: readonly string[];
}

/** Everything that tells of a contact by name while a run lasts. */
const BUCKET_FOLDERS = ['gathered', 'merged', 'brevo'] as const;
const FILES = [...DIFFERING_FILES, HELD_FILE, IN_WORK] as const;

/**
 * Makes the lines of contacts blank in the files of runs that are under way, and of plans. A line keeps its length: the
 * run knows places in its files by their bytes.
 *
 * @param root of all runs
 * @param integrationOf of a run's folder; undefined where nobody knows
 */
export async function forgetInWork(
  root: string,
  contacts: readonly NamedContact[],
  integrationOf: ReadonlyMap<string, string>,
  encryption: EncryptionSettings | undefined,
): Promise<ForgottenInWork> {
  let lines = 0;
  const sealed: string[] = [];
  const folders = existsSync(root) ? await readdir(root, { withFileTypes: true }) : [];
  for (const { name } of folders.filter((one) => one.isDirectory() && !NO_RUNS.has(one.name))) {
    const folder = join(root, name);
    const integration = integrationOf.get(folder);
    const concerned = contacts.filter((one) => integration === undefined || one.integration === integration);
    const isGone = (line: unknown) => concerned.some((contact) => tellsOf(line, contact));
    for (const path of pathsIn(folder, concerned)) {
      if (!existsSync(path)) continue;
      const isEncrypted = await isSealed(path);
      if (!isEncrypted) lines += await blank(path, isGone);
      else if (encryption && (await holds(path, new FileSeal(encryption, folder), isGone))) {
        sealed.push(folder);
        break;
      }
    }
  }
  return { lines, sealed };
}

const NO_RUNS: ReadonlySet<string> = new Set([REPORTS, GUARDS]);

/** By the folders of their files. @param runs names and integrations */
export function runFolders(
  root: string,
  runs: readonly { readonly run: string; readonly integration: string }[],
): ReadonlyMap<string, string> {
  return new Map(runs.map(({ run, integration }) => [folderOf(root, run), integration]));
}

function pathsIn(folder: string, contacts: readonly NamedContact[]): string[] {
  const buckets = new Set(contacts.map(({ identifier }) => bucketName(bucketOf(identifier))));
  return [
    ...BUCKET_FOLDERS.flatMap((name) => [...buckets].map((bucket) => join(folder, name, bucket))),
    ...FILES.map((name) => join(folder, name)),
  ];
}

/** Lines of reports name a contact by its key, all others by its identifier. */
function tellsOf(line: unknown, { contactKey, identifier }: NamedContact): boolean {
  if (typeof line !== 'object' || line === null) return false;
  if ('contactKey' in line) return line.contactKey === contactKey;
  if (!('identifier' in line)) return false;
  const { kind, value } = (line.identifier ?? {}) as Partial<Identifier>;
  return kind === identifier.kind && value === identifier.value;
}

async function holds(path: string, seal: FileSeal, isGone: (line: unknown) => boolean): Promise<boolean> {
  for await (const { value } of linesFrom<unknown>(path, 0, seal)) if (isGone(value)) return true;
  return false;
}

/** @returns how many lines */
async function blank(path: string, isGone: (line: unknown) => boolean): Promise<number> {
  let count = 0;
  const file = await open(path, 'r+');
  try {
    for await (const { value, start, end } of linesFrom<unknown>(path, 0)) {
      if (!isGone(value)) continue;
      const spaces = Buffer.alloc(end - start - 1, BLANK);
      await file.write(spaces, 0, spaces.length, start);
      count += 1;
    }
    if (count > 0) await file.sync();
  } finally {
    await file.close();
  }
  return count;
}
