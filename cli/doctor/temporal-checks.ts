import { Connection } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';
import { findTemporal } from '../../client/default-connection';
import type { Config } from '../../config';
import { clientConnectionOptions } from '../../temporal/connection-settings';
import { missingSearchAttributes } from '../../temporal/search-attributes';
import { describeError } from '../describe-error';
import { describeDuration } from './duration-text';
import { type Finding, good, problem, warning } from './finding';

const CONNECT_TIMEOUT_MS = 10_000;

/** Whether Temporal can be reached, and has what workflows need. */
export async function checkTemporal(config: Config): Promise<Finding[]> {
  const name = 'Temporal';
  let connection: Connection | undefined;
  try {
    const { settings } = await findTemporal(process.env);
    const { address } = settings.connectionOptions;
    const options = { ...clientConnectionOptions(settings), connectTimeout: CONNECT_TIMEOUT_MS };
    connection = await Connection.connect(options).catch((error: unknown) => {
      throw new Error(`no answer at ${address} (${describeError(error, false).text})`);
    });
    const { serverVersion } = await connection.workflowService.getSystemInfo({});
    return [
      good(name, `server ${serverVersion} answers at ${address}`),
      ...(await checkNamespace(connection, settings.namespace, config)),
      // The embedded server is started with both on.
      ...(settings.source === 'embedded' ? [] : checkPriority(serverVersion)),
    ];
  } catch (error) {
    const fix = 'Start it, or set TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE to the right server.';
    return [problem(name, describeError(error, false).text, fix)];
  } finally {
    await connection?.close();
  }
}

async function checkNamespace(connection: Connection, namespace: string, config: Config): Promise<Finding[]> {
  const [missing, description] = await Promise.all([
    missingSearchAttributes(connection, namespace),
    connection.workflowService.describeNamespace({ namespace }),
  ]);
  const names = Object.keys(missing);
  const searchAttributes =
    names.length === 0
      ? good('Temporal search attributes', 'all are registered')
      : problem(
          'Temporal search attributes',
          `missing in the namespace "${namespace}": ${names.join(', ')}`,
          'Run: consent-sync setup',
        );
  const retention = description.config?.workflowExecutionRetentionTtl;
  return [searchAttributes, ...(retention ? checkRetention(tsToMs(retention), config) : [])];
}

/** A closed workflow that is gone can be traced no more; what is open is kept, whatever the retention. */
function checkRetention(retentionMs: number, { integrations }: Config): Finding[] {
  const longest = Math.max(...[...integrations.values()].map(({ rules }) => rules.rememberMs));
  const name = 'Temporal retention';
  const keeps = `closed workflows can be looked at for ${describeDuration(retentionMs)}`;
  if (retentionMs >= longest) return [good(name, keeps)];
  const message = `${keeps}, shorter than \`remember\` (${describeDuration(longest)})`;
  return [warning(name, message, 'Lengthen it: temporal operator namespace update --retention')];
}

/** Since this version a server counts priority and fairness unless told otherwise. */
const PRIORITY_SINCE = [1, 32];

function checkPriority(serverVersion: string): Finding[] {
  const [major = 0, minor = 0] = serverVersion.split('.').map(Number);
  const [sinceMajor = 0, sinceMinor = 0] = PRIORITY_SINCE;
  if (major > sinceMajor || (major === sinceMajor && minor >= sinceMinor)) return [];
  return [
    warning(
      'Temporal priority',
      `server ${serverVersion} lets withdrawals overtake only where matching.useNewMatcher and matching.enableFairness are on`,
      'Turn both on in its dynamic configuration, or use server 1.32 or later.',
    ),
  ];
}
