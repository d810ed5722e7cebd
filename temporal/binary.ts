import { fetchOnce, inCache, type Search, type TemporalBinary } from './binary-cache';
import { checkBinary } from './binary-check';
import { ANSWER_TIMEOUT_MS, DOWNLOAD_SITE } from './binary-download';
import { defaultCacheDir } from './cache-dir';
import { TemporalServerError } from './errors';
import { findOnPath } from './find-on-path';

export interface FindBinaryOptions {
  /** Told what is happening, in sentences for the user, whenever it takes time. */
  progress(message: string): void;
  readonly env?: NodeJS.ProcessEnv;
  readonly cacheDir?: string;
  readonly downloadSite?: string;
  /** How long the download site may take to answer before something else is tried; default 5 s. */
  readonly answerTimeoutMs?: number;
}

/**
 * A Temporal CLI that runs on this machine: the one on PATH, else the one in our cache, else fetched into our cache
 * (downloaded, or built with Go). Processes that ask at the same time fetch it once.
 *
 * @throws TemporalServerError that lists what was tried and what to do.
 */
export async function findTemporalBinary(options: FindBinaryOptions): Promise<TemporalBinary> {
  const env = options.env ?? process.env;
  const search: Search = {
    env,
    cacheDir: options.cacheDir ?? defaultCacheDir(env),
    downloadSite: options.downloadSite ?? DOWNLOAD_SITE,
    answerTimeoutMs: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
    tried: [],
    progress: options.progress,
  };
  const found = (await onPath(search)) ?? (await inCache(search)) ?? (await fetchOnce(search));
  if (found !== undefined) return found;
  throw new TemporalServerError(
    [
      'No Temporal server could be found or fetched. Tried:',
      ...search.tried.map((attempt) => `- ${attempt}`),
      'Install the Temporal CLI (https://docs.temporal.io/cli), or set TEMPORAL_ADDRESS to a Temporal server that runs already.',
    ].join('\n'),
  );
}

async function onPath(search: Search): Promise<TemporalBinary | undefined> {
  const path = await findOnPath('temporal', search.env);
  if (path === undefined) {
    search.tried.push('temporal on PATH: there is none');
    return undefined;
  }
  const check = await checkBinary(path, search.env);
  if (check.ok) return { path, source: 'path', version: check.version, server: check.server };
  search.tried.push(`temporal on PATH (${path}): ${check.problem}`);
  search.progress(`Not using ${path}: ${check.problem}`);
  return undefined;
}
