import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** The next build, in tests: the workflows of today with one change in what they do before each activity. */
export type Change = 'guarded-change' | 'unguarded-change';

/** The workflows as they stand in the source tree, or with a change, as code that a worker runs. */
export async function bundleWorkflows(change?: Change): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows/index.ts'),
    workflowInterceptorModules: [
      require.resolve('../../workflows/read-ahead.ts'),
      ...(change === undefined ? [] : [require.resolve(`./builds/${change}.ts`)]),
    ],
    logger: new DefaultLogger('ERROR'),
  });
  return code;
}
