import type { Connection } from '@temporalio/client';
import { TemporalConfigurationError } from './errors';
import { grpcCode, grpcMessage, INVALID_ARGUMENT, REFUSALS } from './grpc-status';

export type SearchAttributeType = 'Keyword' | 'KeywordList';
export type SearchAttributeTypes = Readonly<Record<string, SearchAttributeType>>;

/** The search attributes that our workflows set. A workflow that sets one which is not registered makes no progress. */
export const SEARCH_ATTRIBUTES = {
  ConsentSyncIntegration: 'Keyword',
  ConsentSyncOutcome: 'Keyword',
  ConsentEventIds: 'KeywordList',
} as const satisfies SearchAttributeTypes;

/** Servers look for new attributes at least once a minute. */
const USABLE_TIMEOUT_MS = 90_000;
const POLL_MS = 250;

/** Temporal's numbers for types (IndexedValueType in its API), by name. */
const TYPE_NUMBERS = {
  Text: 1,
  Keyword: 2,
  Int: 3,
  Double: 4,
  Bool: 5,
  Datetime: 6,
  KeywordList: 7,
} as const;

/**
 * The attributes that a namespace does not have yet.
 *
 * @throws TemporalConfigurationError when one exists with another type, which only a person can solve, or when the
 * server does not let us look.
 */
export async function missingSearchAttributes(
  connection: Connection,
  namespace: string,
  wanted: SearchAttributeTypes = SEARCH_ATTRIBUTES,
): Promise<SearchAttributeTypes> {
  const existing = await existingSearchAttributes(connection, namespace);
  for (const [name, type] of Object.entries(wanted)) {
    const found = existing.get(name);
    if (found !== undefined && found !== type) {
      throw new TemporalConfigurationError(
        `The search attribute ${name} in the namespace "${namespace}" is of type ${found}, and ${type} is needed. ` +
          `Remove it (temporal operator search-attribute remove --namespace ${namespace} --name ${name}), or use a namespace of its own.`,
      );
    }
  }
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => !existing.has(name)));
}

/**
 * Registers the attributes that a namespace does not have yet, and waits until they can be used; returns their names.
 * Harmless when all are there, and when several processes do it at once.
 *
 * @throws TemporalConfigurationError when one exists with another type, and where attributes cannot be registered
 * this way (Temporal Cloud, missing rights), with the way to do it.
 */
export async function registerSearchAttributes(
  connection: Connection,
  namespace: string,
  wanted: SearchAttributeTypes = SEARCH_ATTRIBUTES,
): Promise<readonly string[]> {
  const missing = await missingSearchAttributes(connection, namespace, wanted);
  const names = Object.keys(missing);
  if (names.length === 0) return names;
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(
        Object.entries(missing).map(([name, type]) => [name, TYPE_NUMBERS[type]]),
      ),
    });
  } catch (error) {
    await explainFailedRegistration(error, connection, namespace, missing);
  }
  await waitUntilUsable(connection, namespace, names);
  return names;
}

/** The server's services learn of new attributes after a while; until then they refuse whatever names them. */
async function waitUntilUsable(
  connection: Connection,
  namespace: string,
  names: readonly string[],
): Promise<void> {
  const query = names.map((name) => `${name} = ''`).join(' AND ');
  const deadline = Date.now() + USABLE_TIMEOUT_MS;
  for (;;) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
      return;
    } catch (error) {
      if (grpcCode(error) !== INVALID_ARGUMENT || Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Returns only when another process registered them meanwhile. */
async function explainFailedRegistration(
  error: unknown,
  connection: Connection,
  namespace: string,
  missing: SearchAttributeTypes,
): Promise<void> {
  const code = grpcCode(error);
  if (code === undefined) throw error;
  if (REFUSALS.has(code)) {
    throw new TemporalConfigurationError(
      `The server does not let us register search attributes in the namespace "${namespace}" (${grpcMessage(error)}).\n` +
        howToRegister(namespace, missing),
    );
  }
  const still = await missingSearchAttributes(connection, namespace, missing);
  if (Object.keys(still).length === 0) return;
  throw new TemporalConfigurationError(
    `The search attributes ${Object.keys(still).join(', ')} could not be registered in the namespace "${namespace}": ${grpcMessage(error)}`,
  );
}

/** What a person with the rights has to run: for Temporal Cloud, and for a server of one's own. */
function howToRegister(namespace: string, missing: SearchAttributeTypes): string {
  const attributes = Object.entries(missing);
  return [
    'On Temporal Cloud add them on the namespace page of its UI, or run:',
    `  tcld namespace search-attributes add --namespace ${namespace} ${attributes.map(([name, type]) => `--sa "${name}=${type}"`).join(' ')}`,
    'On a server of your own, somebody with the rights of an administrator runs:',
    `  temporal operator search-attribute create --namespace ${namespace} ${attributes.map(([name, type]) => `--name ${name} --type ${type}`).join(' ')}`,
  ].join('\n');
}

/** Type by name; undefined where the server tells only that there is one of that name. */
async function existingSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<ReadonlyMap<string, string | undefined>> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return new Map(Object.entries(customAttributes ?? {}).map(([name, type]) => [name, typeName(type)]));
  } catch (error) {
    const code = grpcCode(error);
    if (code === undefined || !REFUSALS.has(code)) throw error;
    return searchAttributesFromNamespace(connection, namespace);
  }
}

function typeName(type: number): string {
  return Object.entries(TYPE_NUMBERS).find(([, number]) => number === type)?.[0] ?? `number ${type}`;
}

/**
 * Where the operator's interface is closed to us, the namespace itself tells which column each attribute uses, and
 * the columns are named after their type ("KeywordList01").
 */
async function searchAttributesFromNamespace(
  connection: Connection,
  namespace: string,
): Promise<ReadonlyMap<string, string | undefined>> {
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  const aliases = Object.entries(config?.customSearchAttributeAliases ?? {});
  return new Map(
    aliases.map(([column, name]) => {
      const type = column.replace(/^Custom|(Field)?\d+$/g, '');
      return [name, type in TYPE_NUMBERS ? type : undefined];
    }),
  );
}
