import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { ConfigError, type LoadInput, loadConfig, type Problem } from '../../../config';

/** The example of Didomi's Sendinblue page, character for character. */
export const DIDOMI_EXAMPLE = `{
    "upsert_mode": true,
    "config": {
        "api_key": "api_key",
\t"properties": [{
\t    "id": "EMAIL_NOTIFICATION",
\t    "value": "consents_purposes_newsletter_enabled"
\t}]
    }
}`;

export const NEWER_EXAMPLE = {
  type_id: 'sendinblue',
  authentication: { private_api_key: 'newer-key' },
  properties: { list_id: '7' },
  mappings: [{ id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: 'consents_purposes_newsletter_enabled' }],
  upsert_mode: true,
};

/** An integration in Didomi's documented form, with `config` overridden key by key. */
export function classic(config: object = {}, rest: object = {}): Record<string, unknown> {
  return {
    config: {
      api_key: 'classic-key',
      properties: [{ id: 'OPT_EMAIL', value: 'consents_purposes_newsletter_enabled' }],
      ...config,
    },
    ...rest,
  };
}

const folder = mkdtempSync(join(tmpdir(), 'consent-sync-config-'));
let files = 0;
afterAll(() => rmSync(folder, { recursive: true }));

/** A file that is gone after the tests of the file that asked for it. */
export function writeConfig(text: string | Uint8Array): string {
  files += 1;
  const file = join(folder, `${files}.json`);
  writeFileSync(file, text);
  return file;
}

export function errorOf(act: () => unknown): ConfigError {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('expected a ConfigError');
}

/** What is wrong, in the order in which it is reported. The environment is empty unless given. */
export function problemsOf(input: LoadInput): readonly Problem[] {
  return errorOf(() => loadConfig({ env: {}, ...input })).problems;
}

/** The one problem that a configuration object has. */
export function problemOf(object: unknown, env: Record<string, string> = {}): Problem {
  const problems = problemsOf({ object, env });
  const [problem] = problems;
  if (problem === undefined || problems.length > 1) {
    throw new Error(`expected one problem, got ${JSON.stringify(problems, null, 2)}`);
  }
  return problem;
}

/** The one problem that the text of a file has. */
export function fileProblem(text: string): Problem {
  const problems = problemsOf({ file: writeConfig(text) });
  const [problem] = problems;
  if (problem === undefined || problems.length > 1) {
    throw new Error(`expected one problem, got ${JSON.stringify(problems, null, 2)}`);
  }
  return problem;
}
