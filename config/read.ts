import { readFileSync } from 'node:fs';
import { DEFAULTS } from './defaults';
import { type JsonDocument, readJson } from './json-text';
import { ConfigError, type Problem } from './problem';
import type { Variables } from './substitute';

/** What a configuration was read from. */
export interface Document {
  readonly source: string;
  readonly value: unknown;
  /** Absent for a configuration that a program gave as an object. */
  readonly json?: JsonDocument;
}

const OBJECT_SOURCE = 'configuration object';

export function objectDocument(object: unknown): Document {
  return { source: OBJECT_SOURCE, value: object };
}

/**
 * Reads `file`, else the one that CONSENT_SYNC_CONFIG names, else ./consent-sync.json.
 *
 * @throws {ConfigError} when it cannot be read or is not JSON
 */
export function readDocument(file: string | undefined, env: Variables): Document {
  const { path, chosenBy } = chooseFile(file, env);
  const text = readText(path, chosenBy);
  const json = readJson(text);
  if ('error' in json) throw new ConfigError(path, [json.error]);
  return { source: path, value: json.value, json };
}

type ChosenBy = 'caller' | 'environment' | 'default';

function chooseFile(file: string | undefined, env: Variables): { path: string; chosenBy: ChosenBy } {
  if (file !== undefined) return { path: file, chosenBy: 'caller' };
  const fromEnvironment = env.CONSENT_SYNC_CONFIG;
  if (fromEnvironment) return { path: fromEnvironment, chosenBy: 'environment' };
  return { path: DEFAULTS.configFile, chosenBy: 'default' };
}

const FIX_MISSING: Record<ChosenBy, string> = {
  caller: 'Check the path after --config; it counts from the current folder.',
  environment:
    'Check the path in the environment variable CONSENT_SYNC_CONFIG; it counts from the current folder.',
  default: 'Write one (docs/configuration.md shows how), or name one with --config or CONSENT_SYNC_CONFIG.',
};

function readText(path: string, chosenBy: ChosenBy): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new ConfigError(path, [unreadable(error, chosenBy)]);
  }
  try {
    // Takes a byte order mark away, as some editors on Windows write it.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError(path, [{ path: '', message: 'is not UTF-8 text', fix: 'Save the file as UTF-8.' }]);
  }
}

function unreadable(error: unknown, chosenBy: ChosenBy): Problem {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const fix = FIX_MISSING[chosenBy];
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { path: '', message: 'there is no such configuration file', fix };
    case 'EISDIR':
      return { path: '', message: 'is a folder, not a configuration file', fix };
    case 'EACCES':
    case 'EPERM':
      return {
        path: '',
        message: 'may not be read',
        fix: 'Give the user of this process the right to read it.',
      };
    default:
      return {
        path: '',
        message: `cannot be read (${typeof code === 'string' ? code : 'unknown reason'})`,
        fix,
      };
  }
}
