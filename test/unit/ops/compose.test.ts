import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { buildProgram } from '../../../cli/program';
import { listenAddress, loadConfig, readEnvironment } from '../../../config';
import { temporaryFolders } from '../../support/temporary-folder';
import { filesOf, ROOT, readText, type Service, servicesOf } from './compose-file';

const temporaryFolder = temporaryFolders();

const services = servicesOf('docker-compose.yml');
const withSimulator = servicesOf('ops/compose/simulator.yml');
/** Services that one of the files describes in full. */
const whole = [...services, ...[...withSimulator].filter(([name]) => !services.has(name))];
const ours = whole.filter(([, { image }]) => image.startsWith('consent-sync:'));
const packageJson = JSON.parse(readText('package.json')) as { version: string };

describe('docker-compose.yml', () => {
  it.each(whole)('starts %s again after a crash, and keeps it from taking all memory', (_name, service) => {
    expect(service.restart).toMatch(/^(unless-stopped|on-failure:\d+)$/);
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
  });

  it.each(whole)('gives %s no right that it does not need', (_name, service) => {
    expect(service.security_opt).toContain('no-new-privileges:true');
    expect(service.privileged).toBeUndefined();
    expect(service.user).toBeUndefined();
  });

  it.each(whole)('names the exact version of the image of %s', (_name, { image }) => {
    expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
  });

  it('runs the consent-sync of this checkout', () => {
    for (const [, { image }] of ours) expect(image).toBe(`consent-sync:${packageJson.version}`);
    expect(ours.map(([name]) => name).sort()).toEqual(['ingest', 'setup', 'simulator', 'worker']);
  });

  it('prepares the database with the version of the server that uses it', () => {
    const versionOf = (name: string) => services.get(name)?.image.split(':')[1];
    expect(versionOf('temporal-schema')).toBe(versionOf('temporal'));
  });

  it('is reached from other machines at ingestion alone, and there only when asked to', () => {
    const published = whole.flatMap(([name, { ports = [] }]) => ports.map((port) => ({ name, port })));
    expect(published).toEqual([
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Compose's own variables
      { name: 'temporal-ui', port: '127.0.0.1:${UI_PORT:-8233}:8080' },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Compose's own variables
      { name: 'ingest', port: '${INGEST_ADDRESS:-127.0.0.1}:${INGEST_PORT:-8080}:8080' },
    ]);
  });

  it('holds no secret', () => {
    for (const [, { environment = {} }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD|PWD|TOKEN|_KEY$/.test(name)) expect(value).toMatch(/^\$\{[A-Z_]+(:\?[^}]*)?\}$/);
      }
    }
  });

  it.each(ours)('sets only variables that %s reads', (_name, { environment = {} }) => {
    const read = variablesRead();
    const others = Object.keys(environment).filter(
      (name) => !read.has(name) && !name.startsWith('TEMPORAL_'),
    );
    expect(others).toEqual([]);
  });

  it.each(ours)('asks %s for a command that exists', (_name, { command = [] }) => {
    const program = buildProgram('0.0.0', () => undefined);
    const known = program.commands.find((each) => each.name() === command[0]);
    expect(known).toBeDefined();
    for (const option of command.filter((word) => word.startsWith('--'))) {
      expect(known?.options.map(({ long }) => long)).toContain(option);
    }
  });

  it('starts nothing before what it needs is ready', () => {
    for (const [, { depends_on = {} }] of services) {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        const isOneShot = services.get(needed)?.restart?.startsWith('on-failure');
        expect(condition).toBe(isOneShot ? 'service_completed_successfully' : 'service_healthy');
        expect(isOneShot || isChecked(services.get(needed))).toBe(true);
      }
    }
  });

  it('mounts files that exist, or that ops/compose/prepare.sh makes', async () => {
    const made = await prepared(await temporaryFolder());
    for (const file of whole.flatMap(([, service]) => filesOf(service)).map(normalize)) {
      expect(existsSync(join(ROOT, file)) || made.has(file)).toBe(true);
    }
  });
});

describe('ops/compose/prepare.sh', () => {
  it('makes secrets that only their owner reads, and a configuration that is accepted with them', async () => {
    const folder = await temporaryFolder();
    const made = await prepared(folder);
    expect([...made.keys()].sort()).toEqual(['.env', 'consent-sync.env', 'consent-sync.json']);
    expect(statSync(join(folder, '.env')).mode & 0o077).toBe(0);
    expect(statSync(join(folder, 'consent-sync.env')).mode & 0o077).toBe(0);

    expect(parseEnv(made.get('.env') ?? '').POSTGRES_PASSWORD).toMatch(/^[0-9a-f]{64}$/);
    const env = {
      ...services.get('ingest')?.environment,
      LOG_LEVEL: 'info',
      ...parseEnv(made.get('consent-sync.env') ?? ''),
      BREVO_API_KEY: 'any-key',
    };
    const config = loadConfig({ file: join(folder, 'consent-sync.json'), env });
    expect(listenAddress(config, readEnvironment(env))).toEqual({ host: '0.0.0.0', port: 8080 });
  });

  it('leaves files alone that exist', async () => {
    const folder = await temporaryFolder();
    const first = await prepared(folder);
    expect(await prepared(folder)).toEqual(first);
  });
});

describe('Dockerfile', () => {
  const lines = readText('Dockerfile').split('\n');
  const instructions = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.split(' ').slice(1));

  it('begins with an exact version, and each other stage with that', () => {
    const [base, ...others] = instructions('FROM').map(([image]) => image);
    expect(base).toMatch(/^node:\d+\.\d+\.\d+-[a-z]+-slim$/);
    expect(new Set(others)).toEqual(new Set(['base']));
  });

  it('does not run as root, passes signals on and checks its health', () => {
    expect(instructions('USER')).toEqual([['1000:1000']]);
    expect(lines).toContain('ENTRYPOINT ["tini", "--", "consent-sync"]');
    expect(instructions('HEALTHCHECK')).toHaveLength(1);
    expect(instructions('HEALTHCHECK')[0]?.join(' ')).toContain('ops/health-check.js');
  });

  it('gets every folder that is compiled, and no file with secrets', () => {
    const [everything, ...letIn] = readText('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(everything).toBe('*');
    const allowed = new Set(letIn.map((line) => line.replace(/^!/, '')));
    const { include } = JSON.parse(readText('tsconfig.build.json')) as { include: string[] };
    for (const folder of include) expect(allowed).toContain(folder);
    for (const file of allowed) expect(existsSync(join(ROOT, file))).toBe(true);
    expect([...allowed].filter((file) => /env|consent-sync|compose/.test(file))).toEqual([]);
  });
});

function isChecked(service: Service | undefined): boolean {
  return service?.healthcheck !== undefined && service.healthcheck.disable !== true;
}

/** The names that are asked for when the environment is read. */
function variablesRead(): ReadonlySet<string> {
  const names = new Set<string>(['BREVO_API_KEY']);
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

/** Runs the script on a copy of its folder in `folder`; the text of each file that is there afterwards, by name. */
async function prepared(folder: string): Promise<ReadonlyMap<string, string>> {
  cpSync(join(ROOT, 'ops/compose'), join(folder, 'ops/compose'), { recursive: true });
  execFileSync(join(folder, 'ops/compose/prepare.sh'), { stdio: 'pipe' });
  const files = readdirSync(folder).filter((name) => name !== 'ops');
  return new Map(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}
