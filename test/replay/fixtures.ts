import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

const ROOT = join(__dirname, 'histories');

const PARTIAL = '.partial';

/** Larger ones, in bytes, are compressed. */
const LARGE = 64 * 1024;

/** One history as it lies in the repository: JSON as Temporal's CLI and UI write it. */
export interface Fixture {
  readonly version: string;
  /** The scenario, with the number of the run where it has several. */
  readonly name: string;
  readonly history: FixtureHistory;
}

/** As much of a history's JSON as we look into. */
export interface FixtureHistory {
  readonly events: readonly {
    readonly eventType?: string;
    readonly workflowExecutionStartedEventAttributes?: {
      readonly workflowId?: string;
      readonly input?: { readonly payloads?: readonly { readonly data: string }[] };
    };
  }[];
}

/** Versions of which histories are saved. */
export function savedVersions(): string[] {
  if (!existsSync(ROOT)) return [];
  return readdirSync(ROOT).filter((name) => !name.endsWith(PARTIAL));
}

export function readFixtures(version: string): Fixture[] {
  const folder = join(ROOT, version);
  if (!existsSync(folder)) throw new Error(`No histories of ${version} are saved: npm run fixtures:record`);
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const bytes = readFileSync(join(folder, file));
      const json = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
      return { version, name: file.replace(/\.json(\.gz)?$/, ''), history: JSON.parse(json) };
    });
}

/** Replaces whatever is saved of the version, all at once. @param histories JSON by name */
export function saveFixtures(version: string, histories: ReadonlyMap<string, string>): void {
  const folder = join(ROOT, version);
  const partial = `${folder}${PARTIAL}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  for (const [name, json] of histories) {
    const isLarge = Buffer.byteLength(json) > LARGE;
    writeFileSync(join(partial, `${name}.json${isLarge ? '.gz' : ''}`), isLarge ? gzipSync(json) : json);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
}

/** What the workflow of this history was started with. */
export function inputOf(history: FixtureHistory): unknown {
  const payload = history.events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  if (payload === undefined) throw new Error('the history has no input');
  return JSON.parse(Buffer.from(payload.data, 'base64').toString());
}

export function workflowIdOf(history: FixtureHistory): string {
  return history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? 'unknown';
}
