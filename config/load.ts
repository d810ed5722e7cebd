import type { Config, Integration } from './config';
import { conflicts, type RawIntegration } from './conflicts';
import { layoutOf } from './layout';
import { normaliseIntegration, normaliseSettings } from './normalise';
import { parsePart, type Written } from './parse';
import { ConfigError, type Finding, type Problem } from './problem';
import { type Document, objectDocument, readDocument } from './read';
import { kindOf, secretsIn } from './secrets';
import {
  type ClassicIntegration,
  type FileSettings,
  integrationShapes,
  type NewerIntegration,
  nameProblem,
  severalFileFrame,
  singleFileShapes,
} from './shapes';
import { substitute, type Variables } from './substitute';
import { isObject, isWithin, pathText } from './tree';

export interface LoadInput {
  /** Path of the file, as given with `--config`. Default: CONSENT_SYNC_CONFIG, else `./consent-sync.json`. */
  readonly file?: string | undefined;
  /** The configuration itself, as an object of the file's shape. No file is read then. */
  readonly object?: unknown;
  /** Where `${NAME}` and CONSENT_SYNC_CONFIG are looked up. Default: `process.env`. */
  readonly env?: Variables | undefined;
}

/**
 * Reads and checks a configuration.
 *
 * @throws {ConfigError} with everything that is wrong at once, each with its line, column and key path
 */
export function loadConfig({ file, object, env = process.env }: LoadInput = {}): Config {
  const document = object === undefined ? readDocument(file, env) : objectDocument(object);
  const { value: replaced, findings: unset } = substitute(document.value, env);
  const read = readParts({ original: document.value, replaced, secrets: secretsIn(replaced) });
  // What a string would hold is unknown while its variable is missing: no second complaint about it.
  const others = read.findings.filter(({ path }) => !unset.some((finding) => isWithin(path, finding.path)));
  const problems = locateAll(document, [...unset, ...others]);
  if (problems.length > 0 || read.settings === undefined) throw new ConfigError(document.source, problems);
  return assemble(document.source, read.settings, read.integrations);
}

interface Parts {
  readonly findings: Finding[];
  readonly settings?: FileSettings;
  readonly integrations: Map<string, ClassicIntegration | NewerIntegration>;
}

function readParts(written: Written): Parts {
  const { replaced } = written;
  if (!isObject(replaced)) {
    const message = `must hold a JSON object, but is ${kindOf(replaced)}`;
    return { findings: [{ path: [], message }], integrations: new Map() };
  }
  const layout = layoutOf(replaced);
  const raw = layout.kind === 'single' ? [layout.integration] : layout.integrations;
  const parts =
    layout.kind === 'single' ? readSingle(written, layout.integration) : readSeveral(written, raw);
  return { ...parts, findings: [...nameFindings(raw), ...parts.findings, ...conflicts(replaced, raw)] };
}

function readSingle(written: Written, { name, form }: RawIntegration): Parts {
  const result = parsePart(singleFileShapes[form], written, []);
  if ('findings' in result) return { findings: result.findings, integrations: new Map() };
  return { findings: [], settings: result.data, integrations: new Map([[name, result.data]]) };
}

function readSeveral(written: Written, raw: readonly RawIntegration[]): Parts {
  const frame = parsePart(severalFileFrame, written, []);
  const findings = 'findings' in frame ? frame.findings : [];
  const integrations = new Map<string, ClassicIntegration | NewerIntegration>();
  for (const { name, form, path } of raw) {
    const result = parsePart(integrationShapes[form], written, path);
    if ('findings' in result) findings.push(...result.findings);
    else integrations.set(name, result.data);
  }
  return { findings, integrations, ...('data' in frame ? { settings: frame.data } : {}) };
}

function nameFindings(raw: readonly RawIntegration[]): Finding[] {
  return raw.flatMap(({ name, path }) => {
    const message = nameProblem(name);
    return message === undefined ? [] : [{ path, at: 'key' as const, message }];
  });
}

/** In the order of the file, so that a reader goes through it once. */
function locateAll({ json }: Document, findings: readonly Finding[]): Problem[] {
  const problems = findings.map(
    (finding): Problem => ({
      path: pathText(finding.path),
      ...json?.locate(finding),
      message: finding.message,
      ...(finding.fix === undefined ? {} : { fix: finding.fix }),
    }),
  );
  return [...(json?.duplicates ?? []), ...problems].sort(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}

function assemble(source: string, settings: FileSettings, parts: Parts['integrations']): Config {
  const integrations = new Map<string, Integration>();
  for (const [name, part] of parts) {
    integrations.set(name, normaliseIntegration(name, part, settings.brevo.requests_per_second));
  }
  return { source, integrations, ...normaliseSettings(settings) };
}
