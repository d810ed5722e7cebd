import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { executableName } from './find-on-path';

const execute = promisify(execFile);

/** Temporal's own download site, as in its documentation ("Install the Temporal CLI from CDN"). */
export const DOWNLOAD_SITE = 'https://temporal.download';

/** Without a network this is how long we wait before trying something else, in ms. */
export const ANSWER_TIMEOUT_MS = 5_000;
/** A download that brings nothing for so long is given up, in ms. */
const STALL_TIMEOUT_MS = 20_000;
const PROGRESS_EVERY_MS = 5_000;

const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'linux',
  darwin: 'darwin',
  win32: 'windows',
};
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

export interface DownloadOptions {
  readonly version: string;
  /** An existing, empty folder. */
  readonly into: string;
  readonly site: string;
  readonly answerTimeoutMs: number;
  progress(message: string): void;
}

/**
 * Downloads and unpacks a released Temporal CLI; returns the path of the executable.
 * Fails within `answerTimeoutMs` where the site cannot be reached.
 *
 * @throws Error that says in a few words why it was not possible.
 */
export async function downloadTemporal({
  version,
  into,
  site,
  answerTimeoutMs,
  progress,
}: DownloadOptions): Promise<string> {
  const platform = PLATFORMS[process.platform];
  const architecture = ARCHITECTURES[process.arch];
  if (platform === undefined || architecture === undefined) {
    throw new Error(`there is no release for ${process.platform} on ${process.arch}`);
  }
  const url = `${site}/cli/archive/v${version}?platform=${platform}&arch=${architecture}`;
  const archive = join(into, platform === 'windows' ? 'temporal.zip' : 'temporal.tar.gz');
  progress(`Downloading the Temporal CLI ${version} from ${new URL(site).host}`);
  await download(url, archive, answerTimeoutMs, progress);
  await unpack(archive, into);
  return join(into, executableName('temporal'));
}

async function download(
  url: string,
  file: string,
  answerTimeoutMs: number,
  progress: (message: string) => void,
): Promise<void> {
  const abort = new AbortController();
  const timer = setTimeout(
    () => abort.abort(new Error(`no answer within ${answerTimeoutMs / 1000} s`)),
    answerTimeoutMs,
  );
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || response.body === null) throw new Error(`the answer was HTTP ${response.status}`);
    clearTimeout(timer);
    const total = Number(response.headers.get('content-length')) || undefined;
    const watch = watchTransfer(total, progress, abort);
    await pipeline(Readable.fromWeb(response.body as ReadableStream), watch, createWriteStream(file));
  } catch (error) {
    throw new Error(rootCause(error));
  } finally {
    clearTimeout(timer);
  }
}

/** Reports how much has arrived, and aborts when nothing more does. */
function watchTransfer(
  total: number | undefined,
  progress: (message: string) => void,
  abort: AbortController,
): Transform {
  let received = 0;
  let reportedAt = Date.now();
  const stalled = () => abort.abort(new Error(`the download stopped after ${megabytes(received)}`));
  let timer = setTimeout(stalled, STALL_TIMEOUT_MS);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      clearTimeout(timer);
      timer = setTimeout(stalled, STALL_TIMEOUT_MS);
      if (Date.now() - reportedAt >= PROGRESS_EVERY_MS) {
        reportedAt = Date.now();
        progress(`Downloaded ${megabytes(received)}${total === undefined ? '' : ` of ${megabytes(total)}`}`);
      }
      done(null, chunk);
    },
    final(done) {
      clearTimeout(timer);
      done(total !== undefined && received < total ? new Error('the download was cut short') : null);
    },
    destroy(error, done) {
      clearTimeout(timer);
      done(error);
    },
  });
}

/** tar is part of Linux, macOS and Windows 10, whose tar reads zip files too. */
async function unpack(archive: string, into: string): Promise<void> {
  const flags = process.platform === 'win32' ? '-xf' : '-xzf';
  try {
    await execute('tar', [flags, archive, '-C', into, executableName('temporal')], { windowsHide: true });
  } catch (error) {
    throw new Error(`the archive could not be unpacked: ${rootCause(error)}`);
  }
}

/** fetch says "fetch failed" and hides the reason one level down. */
function rootCause(error: unknown): string {
  const { message, cause } = error as { message?: unknown; cause?: unknown };
  return typeof cause === 'object' && cause !== null ? rootCause(cause) : String(message ?? error);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(0)} MB`;
}
