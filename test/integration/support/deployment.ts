import type { Client } from '@temporalio/client';
import type { WorkerVersion } from '../../../config';
import { grpcCode, NOT_FOUND } from '../../../temporal/grpc-status';
import { until } from '../../support/until';

const namespace = 'default';

/** Workers of the version poll this many task queues; before that, the server refuses to give them work. */
export async function untilPolled(
  { workflowService }: Client,
  version: WorkerVersion,
  queues: number,
): Promise<void> {
  await until(`workers of ${version.buildId} poll ${queues} task queues`, async () => {
    try {
      const found = await workflowService.describeWorkerDeploymentVersion({
        namespace,
        deploymentVersion: version,
      });
      return (found.versionTaskQueues?.length ?? 0) >= queues;
    } catch (error) {
      if (grpcCode(error) === NOT_FOUND) return false;
      throw error;
    }
  });
}

/** As `temporal worker deployment set-current-version` does. */
export async function makeCurrent({ workflowService }: Client, version: WorkerVersion): Promise<void> {
  await workflowService.setWorkerDeploymentCurrentVersion({ namespace, ...version });
}

/** As `temporal worker deployment set-ramping-version` does. */
export async function ramp(
  { workflowService }: Client,
  version: WorkerVersion,
  percentage: number,
): Promise<void> {
  await workflowService.setWorkerDeploymentRampingVersion({ namespace, ...version, percentage });
}
