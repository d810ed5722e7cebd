import { createWriteStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../../config';
import type { WorkFolder } from '../../resync/work-folder';
import type { SourceSpec } from '../../workflows/resync/contract';
import { CommandError, EXIT } from '../exit';

export interface SourceOptions {
  readonly ids?: string;
  readonly asOf?: string;
}

const STANDARD_INPUT = '-';
const DIDOMI_API = 'didomi-api';

/**
 * Where a resync reads from, checked before anything begins.
 * @throws CommandError when it cannot be
 */
export async function sourceOf(
  sources: readonly string[],
  { ids, asOf }: SourceOptions,
  config: Config,
): Promise<SourceSpec> {
  if (ids !== undefined || sources.includes(DIDOMI_API)) {
    requireDidomi(config);
    if (sources.some((source) => source !== DIDOMI_API)) {
      throw new CommandError("Files and Didomi's API cannot be read in one run: start two.", EXIT.usage);
    }
    if (ids === undefined) return { kind: 'didomi-api' };
    await requireReadable(ids);
    return { kind: 'ids', path: resolve(ids) };
  }
  if (sources.length === 0) {
    throw new CommandError(
      'Say where the consents come from: export folders, files, - for standard input, didomi-api, or --ids FILE.',
      EXIT.usage,
    );
  }
  for (const source of sources) if (source !== STANDARD_INPUT) await requireReadable(source);
  const time = asOf === undefined ? undefined : timeOf(asOf);
  return {
    kind: 'files',
    paths: sources.map((source) => (source === STANDARD_INPUT ? source : resolve(source))),
    ...(time !== undefined && { asOf: time }),
  };
}

/** What comes over standard input is kept as a file, so that the run can go on after a crash. */
export async function withStandardInput(source: SourceSpec, folder: WorkFolder): Promise<SourceSpec> {
  if (source.kind !== 'files' || !source.paths.includes(STANDARD_INPUT)) return source;
  const kept = folder.file('standard-input');
  await pipeline(process.stdin, sealing(kept, folder), createWriteStream(kept, { mode: 0o600 }));
  const paths = source.paths.map((path) => (path === STANDARD_INPUT ? kept : path));
  return { ...source, paths, asOf: source.asOf ?? Date.now() };
}

/** Encrypts what passes through where the run's files are encrypted. @param path of the file that it goes to */
function sealing(path: string, { seal }: WorkFolder) {
  return async function* (content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let written = 0;
    for await (const chunk of content) {
      const bytes = seal ? seal.sealed(path, chunk, written) : chunk;
      written += bytes.length;
      yield bytes;
    }
  };
}

function requireDidomi({ didomi }: Config): void {
  if (didomi) return;
  throw new CommandError(
    "Reading from Didomi's API needs access to it: set `didomi` in the configuration (organization_id, api_key, api_secret).",
    EXIT.usage,
  );
}

async function requireReadable(path: string): Promise<void> {
  try {
    if ((await stat(path)).isDirectory()) await readdir(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT'
        ? 'there is no such file or folder'
        : code === 'EACCES'
          ? 'this user may not read it'
          : message;
    throw new CommandError(`${path} cannot be read: ${reason}`, EXIT.usage);
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** A day counts from its beginning, in UTC: its export may have been made then. */
function timeOf(text: string): number {
  const time = DATE.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time) && time <= Date.now()) return time;
  throw new CommandError(
    '--as-of must be a date in the past, for example 2026-11-23 or 2026-11-23T14:00:00Z.',
    EXIT.usage,
  );
}
