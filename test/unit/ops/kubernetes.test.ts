import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { buildProgram } from '../../../cli/program';
import { loadConfig, readEnvironment } from '../../../config';
import { ROOT, readText } from './compose-file';

const HERE = 'ops/kubernetes';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly resources: { readonly limits: Readonly<Record<string, string>> };
  readonly volumeMounts: readonly { readonly name: string }[];
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  readonly readinessProbe?: { readonly exec?: { readonly command: readonly string[] } };
}

interface PodSpec {
  readonly containers: readonly [Container];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly terminationGracePeriodSeconds?: number;
  readonly volumes: readonly { readonly name: string }[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template?: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec };
  };
}

function kustomization(folder: string): { readonly resources?: readonly string[] } {
  return parse(readText(`${HERE}/${folder}/kustomization.yaml`)) as { resources?: string[] };
}

function manifestsIn(folder: string): Manifest[] {
  const files = (kustomization(folder).resources ?? []).filter((name) => name.endsWith('.yaml'));
  return files.flatMap((file) =>
    parseAllDocuments(readText(`${HERE}/${folder}/${file}`)).map((document) => document.toJS() as Manifest),
  );
}

const base = manifestsIn('base');
const withPods = base.flatMap(({ kind, metadata, spec }) =>
  spec?.template ? [{ kind, name: metadata.name, spec, template: spec.template }] : [],
);
const pods = withPods.map(
  ({ name, template }) => [name, template.spec, template.spec.containers[0]] as const,
);

describe('the Kubernetes manifests', () => {
  it('run ingestion, worker and setup', () => {
    expect(pods.map(([, , { args }]) => args)).toEqual([['setup'], ['ingest'], ['worker']]);
  });

  it.each(pods)('ask %s for a command that exists', (_name, _spec, { args }) => {
    const program = buildProgram('0.0.0', () => undefined);
    expect(program.commands.map((command) => command.name())).toContain(args[0]);
  });

  it.each(pods)('give %s no right that it does not need, and a limit of memory', (_name, spec, container) => {
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.resources.limits.memory).toMatch(/^\d+[MG]i$/);
  });

  it.each(pods)('mount in %s what is a volume, and a place for temporary files', (_name, spec, container) => {
    const volumes = spec.volumes.map(({ name }) => name);
    expect(container.volumeMounts.map(({ name }) => name).sort()).toEqual([...volumes].sort());
    expect(volumes).toContain('tmp');
  });

  it.each(pods)('set only variables that %s reads', (_name, _spec, { env = [] }) => {
    const read = variablesRead();
    expect(env.map(({ name }) => name).filter((name) => !read.has(name))).toEqual([]);
  });

  it.each(withPods.filter(({ kind }) => kind === 'Deployment'))(
    'keep one of $name when nodes are drained, and select the pods that it makes',
    ({ name, spec, template }) => {
      expect(spec.replicas).toBeGreaterThan(1);
      expect(template.metadata.labels).toMatchObject(spec.selector?.matchLabels ?? { none: 'selected' });
      const budget = base.find((one) => one.kind === 'PodDisruptionBudget' && one.metadata.name === name);
      expect(budget?.spec).toMatchObject({ minAvailable: 1, selector: spec.selector });
    },
  );

  it.each(pods.filter(([name]) => name !== 'consent-sync-setup'))(
    'let %s end in its own time',
    (_name, spec, { lifecycle }) => {
      const sleeps = Number(lifecycle?.preStop.exec.command[1] ?? 0);
      const graceSeconds = readEnvironment({}).shutdownGraceMs / 1_000;
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(sleeps + graceSeconds);
    },
  );

  it('ask a worker whether it polls with a script that the image holds', () => {
    const worker = pods.find(([name]) => name === 'consent-sync-worker')?.[2];
    expect(worker?.readinessProbe?.exec?.command).toEqual(['node', '/app/ops/health-check.js']);
    expect(readText('Dockerfile')).toContain('COPY ops/health-check.js ./ops/health-check.js');
  });

  it('name no file that is not there', () => {
    const folders = [
      'base',
      'example',
      ...readdirSync(join(ROOT, HERE, 'components')).map((c) => `components/${c}`),
    ];
    for (const folder of folders) {
      const there = readdirSync(join(ROOT, HERE, folder));
      for (const file of kustomization(folder).resources ?? []) {
        if (file.endsWith('.yaml')) expect(there).toContain(file);
      }
    }
  });

  it('come with a configuration that is accepted beyond loopback, and names its secrets', () => {
    const names = Object.keys(parseEnv(readText(`${HERE}/example/consent-sync.example.env`)));
    const env = Object.fromEntries(names.map((name) => [name, '0123456789abcdef0123456789abcdef']));
    const config = loadConfig({ file: join(ROOT, HERE, 'example/consent-sync.json'), env });
    expect(config.ingest.auth.type).toBe('oauth');
  });
});

/** The names that are asked for when the environment is read, and those of the data folder. */
function variablesRead(): ReadonlySet<string> {
  const names = new Set<string>(['CONSENT_SYNC_DATA', 'CONSENT_SYNC_CONFIG']);
  const env = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_target, name) => {
        names.add(String(name));
        return undefined;
      },
    },
  );
  readEnvironment(env);
  return names;
}
