import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { DataDir } from './data-dir';
import { TemporalConfigurationError } from './errors';
import { writeOnce } from './file-writing';

/** 32 random bytes, in base64url. */
const KEY = /^[A-Za-z0-9_-]{43}$/;

/**
 * The secret from which contact keys are made, for an installation with an embedded server: generated the first
 * time, the same ever after, whichever process asks first. Without it the workflows of known contacts are not found
 * again, so it belongs to the database file and is copied with it.
 *
 * @throws TemporalConfigurationError when the file is damaged or cannot be read or made.
 */
export async function idKey(dir: DataDir): Promise<string> {
  const path = dir.idKeyFile;
  try {
    const existing = await readIfThere(path);
    if (existing !== undefined) return checked(existing, path);
    await writeOnce(path, `${randomBytes(32).toString('base64url')}\n`);
    return checked(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof TemporalConfigurationError) throw error;
    throw new TemporalConfigurationError(
      `The key file ${path} cannot be used: ${(error as Error).message}. Give this user the right to read and write it, or set CONSENT_SYNC_ID_KEY.`,
    );
  }
}

function checked(content: string, path: string): string {
  const key = content.trim();
  if (KEY.test(key)) return key;
  throw new TemporalConfigurationError(
    `The key file ${path} is damaged. Put back a copy of it: with another key, the workflows of known contacts are not found again.`,
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
