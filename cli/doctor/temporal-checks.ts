import { Connection } from '@temporalio/client';
import { findTemporal } from '../../client/default-connection';
import type { Config } from '../../config';
import { clientConnectionOptions } from '../../temporal/connection-settings';
import { serverClock } from '../../temporal/server-clock';
import { describeError } from '../describe-error';
import { checkClock } from './clock-check';
import { type Finding, good, problem } from './finding';
import { checkNamespace } from './namespace-checks';
import { checkServerVersion } from './server-version-check';
import { checkWorkers } from './worker-checks';

const CONNECT_TIMEOUT_MS = 10_000;

/** Whether Temporal can be reached, has what workflows need, and somebody works for it. */
export async function checkTemporal(config: Config): Promise<Finding[]> {
  const findings: Finding[] = [];
  let connection: Connection | undefined;
  try {
    const { settings } = await findTemporal(process.env);
    const { address } = settings.connectionOptions;
    const options = { ...clientConnectionOptions(settings), connectTimeout: CONNECT_TIMEOUT_MS };
    connection = await Connection.connect(options).catch((error: unknown) => {
      throw new Error(`no answer at ${address} (${describeError(error, false).text})`);
    });
    const { serverVersion } = await connection.workflowService.getSystemInfo({});
    findings.push(good('Temporal', `server ${serverVersion} answers at ${address}`));
    // The embedded server is started with priority and fairness on.
    findings.push(...checkServerVersion(serverVersion, settings.source === 'embedded'));
    const { namespace } = settings;
    const { findings: ofNamespace, usable } = await checkNamespace(connection, namespace, config);
    findings.push(...ofNamespace);
    if (usable) findings.push(...(await checkRunning(connection, namespace, config)));
    return findings;
  } catch (error) {
    const fix = 'Start it, or set TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE to the right server.';
    return [...findings, problem('Temporal', describeError(error, false).text, fix)];
  } finally {
    await connection?.close();
  }
}

async function checkRunning(connection: Connection, namespace: string, config: Config): Promise<Finding[]> {
  const clocks = await serverClock(connection, namespace, `${config.temporal.taskQueue}/doctor`);
  const aheadMs = clocks ? clocks.ours - clocks.theirs : 0;
  return [
    checkClock("Temporal's clock", clocks),
    ...(await checkWorkers(connection, namespace, config, Date.now() - aheadMs)),
  ];
}
