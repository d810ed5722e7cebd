/**
 * The environment in which we run the Temporal CLI: ours without Temporal's own variables, which are about the
 * server that clients connect to, not about one that we start.
 */
export function serverEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}
