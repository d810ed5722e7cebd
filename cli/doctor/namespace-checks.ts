import type { Connection } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';
import type { Config } from '../../config';
import { TemporalConfigurationError } from '../../temporal/errors';
import { grpcCode, NOT_FOUND } from '../../temporal/grpc-status';
import { missingSearchAttributes } from '../../temporal/search-attributes';
import { describeDuration } from './duration-text';
import { type Finding, good, problem, warning } from './finding';

const SETUP = 'Run "consent-sync doctor --fix", or "consent-sync setup".';

/** Whether the namespace is there and has what workflows need; `usable` when workflows can run in it. */
export async function checkNamespace(
  connection: Connection,
  namespace: string,
  config: Config,
): Promise<{ readonly findings: readonly Finding[]; readonly usable: boolean }> {
  const name = 'Temporal namespace';
  const described = await connection.workflowService
    .describeNamespace({ namespace })
    .catch((error: unknown) => {
      if (grpcCode(error) === NOT_FOUND) return undefined;
      throw error;
    });
  if (!described) {
    const missing = problem(
      name,
      `there is no namespace "${namespace}"`,
      `${SETUP} Or set TEMPORAL_NAMESPACE.`,
      {
        kind: 'namespace',
        namespace,
      },
    );
    return { findings: [missing], usable: false };
  }
  const retention = described.config?.workflowExecutionRetentionTtl;
  const findings = [
    good(name, `"${namespace}" is there`),
    await checkSearchAttributes(connection, namespace),
    ...(retention ? [checkRetention(tsToMs(retention), config)] : []),
  ];
  return { findings, usable: true };
}

async function checkSearchAttributes(connection: Connection, namespace: string): Promise<Finding> {
  const name = 'Temporal search attributes';
  try {
    const names = Object.keys(await missingSearchAttributes(connection, namespace));
    if (names.length === 0) return good(name, 'all are registered');
    return problem(name, `missing in the namespace "${namespace}": ${names.join(', ')}`, SETUP, {
      kind: 'search-attributes',
      namespace,
      names,
    });
  } catch (error) {
    // One of another type: whoever made it may need it, so that it is a person's to remove.
    if (!(error instanceof TemporalConfigurationError)) throw error;
    return problem(name, error.message, 'Remove it, or set TEMPORAL_NAMESPACE to a namespace of its own.');
  }
}

/** A closed workflow that is gone can be traced no more; what is open is kept, whatever the retention. */
function checkRetention(retentionMs: number, { integrations }: Config): Finding {
  const longest = Math.max(...[...integrations.values()].map(({ rules }) => rules.rememberMs));
  const name = 'Temporal retention';
  const keeps = `closed workflows can be looked at for ${describeDuration(retentionMs)}`;
  if (retentionMs >= longest) return good(name, keeps);
  const message = `${keeps}, shorter than \`remember\` (${describeDuration(longest)})`;
  return warning(name, message, 'Lengthen it: temporal operator namespace update --retention');
}
