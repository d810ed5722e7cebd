import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildTemporal } from './binary-build';
import { checkBinary } from './binary-check';
import { downloadTemporal } from './binary-download';
import { lockFetching } from './binary-lock';
import { executableName } from './find-on-path';

/** The Temporal CLI that we fetch: server 1.29.1 and UI 2.42.1; the last that `go install` can build. */
export const TEMPORAL_CLI_VERSION = '1.5.1';

const FETCH_PREFIX = 'fetching-';

export interface TemporalBinary {
  readonly path: string;
  /** Where it came from: the user's PATH, our cache, Temporal's download site, or a build with Go. */
  readonly source: 'path' | 'cache' | 'download' | 'go';
  readonly version: string;
  /** Version of the server inside. */
  readonly server: string;
}

/** One search for a binary. */
export interface Search {
  readonly env: NodeJS.ProcessEnv;
  readonly cacheDir: string;
  readonly downloadSite: string;
  readonly answerTimeoutMs: number;
  /** Why each possibility so far was none, for the message when there is nothing left. */
  readonly tried: string[];
  progress(message: string): void;
}

function cachedPath(search: Search): string {
  return join(search.cacheDir, `temporal-${TEMPORAL_CLI_VERSION}`, executableName('temporal'));
}

/** The binary in the cache, if there is one that works. */
export async function inCache(search: Search): Promise<TemporalBinary | undefined> {
  const path = cachedPath(search);
  if (!(await exists(path))) return undefined;
  const check = await checkBinary(path, search.env);
  return check.ok
    ? { path, source: 'cache', version: TEMPORAL_CLI_VERSION, server: check.server }
    : undefined;
}

/**
 * Fetches the binary into the cache, under a lock: whoever had to wait for it finds the cache filled. Undefined when
 * no way of fetching works; `tried` then says why.
 */
export async function fetchOnce(search: Search): Promise<TemporalBinary | undefined> {
  const release = await lockFetching(search.cacheDir, TEMPORAL_CLI_VERSION, search.progress);
  try {
    await moveBrokenAway(search);
    const cached = await inCache(search);
    if (cached !== undefined) return cached;
    search.tried.push(`our cache (${cachedPath(search)}): nothing there`);
    return (await fetchBy('download', search)) ?? (await fetchBy('go', search));
  } finally {
    await release();
  }
}

/** Keeps one broken file for whoever wants to know what was wrong with it. */
async function moveBrokenAway(search: Search): Promise<void> {
  const path = cachedPath(search);
  if (!(await exists(path))) return;
  const check = await checkBinary(path, search.env);
  if (check.ok) return;
  await rename(path, `${path}.broken`);
  search.tried.push(`our cache: moved ${path} away, because ${check.problem}`);
  search.progress(`The Temporal CLI in the cache is broken (${check.problem}): fetching it again`);
}

/** Works in a folder of its own beside the cached file, so that this file is either whole or not there. */
async function fetchBy(source: 'download' | 'go', search: Search): Promise<TemporalBinary | undefined> {
  const name = source === 'download' ? 'download' : 'go install';
  await removeLeftovers(search.cacheDir);
  const into = await mkdtemp(join(search.cacheDir, FETCH_PREFIX));
  try {
    const fetched = await fetchInto(source, into, search);
    const check = await checkBinary(fetched, search.env);
    if (!check.ok) throw new Error(`what came does not work: ${check.problem}`);
    const path = cachedPath(search);
    await mkdir(join(search.cacheDir, `temporal-${TEMPORAL_CLI_VERSION}`), { recursive: true });
    await rename(fetched, path);
    search.progress(`The Temporal CLI ${TEMPORAL_CLI_VERSION} is ready (kept in ${path})`);
    return { path, source, version: TEMPORAL_CLI_VERSION, server: check.server };
  } catch (error) {
    const problem = (error as Error).message;
    search.tried.push(`${name}: ${problem}`);
    search.progress(`The ${name} did not work: ${problem.split('\n')[0]}`);
    return undefined;
  } finally {
    await rm(into, { recursive: true, force: true });
  }
}

function fetchInto(source: 'download' | 'go', into: string, search: Search): Promise<string> {
  const { progress, env, downloadSite: site, answerTimeoutMs } = search;
  return source === 'download'
    ? downloadTemporal({ version: TEMPORAL_CLI_VERSION, into, site, answerTimeoutMs, progress })
    : buildTemporal({ version: TEMPORAL_CLI_VERSION, into, env, progress });
}

/** What fetches that were killed left behind; we hold the lock, so none is under way. */
async function removeLeftovers(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (name.startsWith(FETCH_PREFIX)) await rm(join(cacheDir, name), { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
