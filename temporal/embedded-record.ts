import { readFile, rm } from 'node:fs/promises';
import type { DataDir } from './data-dir';
import { writeWhole } from './file-writing';
import { isPortOpen } from './ports';

const ANSWER_TIMEOUT_MS = 2_000;

/** Where the embedded Temporal server of a running `start` is. */
export interface EmbeddedRecord {
  /** host:port */
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  /** The server's process. */
  readonly pid: number;
}

export type EmbeddedState =
  | { readonly state: 'running'; readonly record: EmbeddedRecord }
  | { readonly state: 'absent' }
  /** A record is there, but its server is not; `message` says so to the user. */
  | { readonly state: 'stale'; readonly message: string };

/** Tells other processes where the server is. */
export async function writeEmbeddedRecord(dir: DataDir, record: EmbeddedRecord): Promise<void> {
  const { address, uiUrl, namespace, pid } = record;
  await writeWhole(dir.embeddedFile, `${JSON.stringify({ address, uiUrl, namespace, pid }, null, 2)}\n`);
}

/** Where the server of a running `start` is, if it lives: what a killed process left behind is recognised. */
export async function readEmbeddedRecord(dir: DataDir): Promise<EmbeddedState> {
  let content: string;
  try {
    content = await readFile(dir.embeddedFile, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'absent' };
    return stale(dir, `it cannot be read: ${(error as Error).message}`);
  }
  const record = parse(content);
  if (record === undefined) return stale(dir, 'it is damaged');
  if (!isAlive(record.pid)) return stale(dir, `its process ${record.pid} has ended`);
  if (!(await answers(record.address))) return stale(dir, `nothing answers at ${record.address}`);
  return { state: 'running', record };
}

/** Removes what we wrote; leaves alone what another process wrote since. */
export async function removeEmbeddedRecord(dir: DataDir, pid: number): Promise<void> {
  try {
    if (parse(await readFile(dir.embeddedFile, 'utf8'))?.pid === pid) await rm(dir.embeddedFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function stale(dir: DataDir, why: string): EmbeddedState {
  return {
    state: 'stale',
    message: `${dir.embeddedFile} names an embedded Temporal server that is not running (${why}). Start it with: consent-sync start`,
  };
}

function parse(content: string): EmbeddedRecord | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is EmbeddedRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { address, uiUrl, namespace, pid } = value as Partial<Record<keyof EmbeddedRecord, unknown>>;
  return (
    typeof address === 'string' &&
    /:\d+$/.test(address) &&
    typeof uiUrl === 'string' &&
    typeof namespace === 'string' &&
    Number.isSafeInteger(pid) &&
    Number(pid) > 0
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function answers(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  return isPortOpen(address.slice(0, colon), Number(address.slice(colon + 1)), ANSWER_TIMEOUT_MS);
}
