import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(__dirname, '../../..');

/** What the tests look at in a service of a Compose file. */
export interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly (string | { readonly source: string })[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly disable?: boolean };
  readonly restart?: string;
  readonly mem_limit?: string;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly security_opt?: readonly string[];
}

/** The services of a Compose file, by name; a part that only adds to another file's services lacks most fields. */
export function servicesOf(file: string): ReadonlyMap<string, Service> {
  const { services } = parse(readText(file), { merge: true }) as { services: Record<string, Service> };
  return new Map(Object.entries(services));
}

export function readText(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Host paths that a service mounts or reads. */
export function filesOf({ volumes = [], env_file }: Service): string[] {
  const sources = volumes.map((volume) =>
    typeof volume === 'string' ? (volume.split(':')[0] ?? '') : volume.source,
  );
  return [
    ...sources.filter((source) => source.startsWith('.')),
    ...(env_file === undefined ? [] : [env_file]),
  ];
}
