import type { Problem } from './problem';
import type { Variables } from './substitute';

/** Which version of which Worker Deployment a worker is, in Temporal's words. */
export interface WorkerVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

const DEPLOYMENT_NAME = 'TEMPORAL_DEPLOYMENT_NAME';
const BUILD_ID = 'TEMPORAL_WORKER_BUILD_ID';

/** Temporal's limit, in bytes, with its default settings. */
const MAX_BYTES = 480;

/**
 * The variables that Temporal's Worker Controller sets on the workers that it runs. Neither of them: no Worker
 * Versioning. What Temporal would refuse is refused here, because a refused worker only polls in vain.
 */
export function readWorkerVersion(env: Variables, problems: Problem[]): WorkerVersion | undefined {
  const [deploymentName, buildId] = [env[DEPLOYMENT_NAME] || undefined, env[BUILD_ID] || undefined];
  const found = [
    ...(deploymentName === undefined ? [] : faults(DEPLOYMENT_NAME, deploymentName, /[.:]/)),
    ...(buildId === undefined ? [] : faults(BUILD_ID, buildId)),
  ];
  problems.push(...found);
  if (found.length > 0) return undefined;
  if (deploymentName !== undefined && buildId !== undefined) return { deploymentName, buildId };
  // Half a version would run a worker outside Worker Versioning without a word.
  if (deploymentName !== undefined) problems.push(missing(BUILD_ID, DEPLOYMENT_NAME));
  if (buildId !== undefined) problems.push(missing(DEPLOYMENT_NAME, BUILD_ID));
  return undefined;
}

function faults(path: string, value: string, forbidden?: RegExp): Problem[] {
  const fix = `Correct ${path}, or unset it.`;
  const message =
    Buffer.byteLength(value) > MAX_BYTES
      ? `has more than ${MAX_BYTES} bytes`
      : value.startsWith('__')
        ? 'begins with __, which Temporal keeps for itself'
        : forbidden?.test(value)
          ? 'has a dot or a colon, which Temporal does not take in the name of a Worker Deployment'
          : undefined;
  return message === undefined ? [] : [{ path, message, fix }];
}

function missing(path: string, other: string): Problem {
  return {
    path,
    message: `is not set, although ${other} is`,
    fix: 'Set both for Worker Versioning, or none of them.',
  };
}
