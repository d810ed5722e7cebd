import type { SearchAttributeTypes } from './search-attributes';

/** The namespace that every development server has. */
export const DEFAULT_NAMESPACE = 'default';

/** Where a server listens, and the namespace that it is for. */
export interface ServerPlace {
  readonly ip: string;
  readonly port: number;
  readonly uiPort: number;
  readonly namespace: string;
}

export interface ServerSettings {
  readonly dbFile?: string;
  readonly searchAttributes: SearchAttributeTypes;
  /** Overrides or adds to our settings of the server. */
  readonly dynamicConfig?: Readonly<Record<string, unknown>>;
}

/**
 * Settings of the server that we rely on, or that suit one machine: priority and fairness of task queues (off by
 * default before server 1.32), one partition so that their order is exact, and rate limits that a loopback server
 * for a single user does not need. What has just ended is only deleted after the next of the server's own marks, which
 * are half a minute apart by default: whoever has a contact forgotten would wait for it. A contact whose workers died in
 * the middle of its task again and again would be left with the last one that died for up to ten minutes.
 */
const DYNAMIC_CONFIG = {
  'matching.useNewMatcher': true,
  'matching.enableFairness': true,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'frontend.rps': 20_000,
  'frontend.namespaceRPS': 20_000,
  'frontend.namespaceRPS.visibility': 1_000,
  'frontend.namespaceCount': 20_000,
  'matching.rps': 20_000,
  'matching.persistenceMaxQPS': 45_000,
  'history.rps': 20_000,
  'history.transferProcessorUpdateAckInterval': '2s',
  'history.workflowTaskRetryMaxInterval': '30s',
} as const;

/**
 * The file is written ahead and flushed at every commit, so what the server has acknowledged survives a power cut;
 * and it is locked as long as the server lives, so two servers can never write one file.
 * What is deleted is overwritten: SQLite would leave the bytes where they were, also those of whoever is forgotten.
 */
const SQLITE_PRAGMAS = {
  journal_mode: 'WAL',
  synchronous: 'FULL',
  locking_mode: 'EXCLUSIVE',
  secure_delete: 'ON',
} as const;

/** The command line of a development server, after the name of the program. */
export function serverArguments(
  { ip, port, uiPort, namespace }: ServerPlace,
  options: ServerSettings,
): string[] {
  const dynamicConfig = { ...DYNAMIC_CONFIG, ...options.dynamicConfig };
  const file = options.dbFile === undefined ? [] : ['--db-filename', options.dbFile];
  const pragmas = options.dbFile === undefined ? {} : SQLITE_PRAGMAS;
  return [
    ...['server', 'start-dev', '--log-level', 'error', '--color', 'never'],
    ...['--ip', ip, '--port', String(port), '--ui-port', String(uiPort)],
    ...(namespace === DEFAULT_NAMESPACE ? [] : ['--namespace', namespace]),
    ...file,
    ...pairs('--sqlite-pragma', pragmas),
    ...pairs('--search-attribute', options.searchAttributes),
    ...pairs(
      '--dynamic-config-value',
      mapValues(dynamicConfig, (value) => JSON.stringify(value)),
    ),
  ];
}

function pairs(flag: string, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
}

function mapValues<V>(
  values: Readonly<Record<string, V>>,
  change: (value: V) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
