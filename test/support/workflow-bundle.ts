import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { FAILURE_CONVERTER } from '../../encryption/data-converter';

/** The next build, in tests: the workflows of today with one change in what they do before each activity. */
export type Change = 'guarded-change' | 'unguarded-change';

interface BundleOptions {
  readonly change?: Change;
  /** For workers that encrypt. */
  readonly encrypting?: boolean;
}

/** The workflows as they stand in the source tree, or with a change, as code that a worker runs. */
export async function bundleWorkflows({ change, encrypting }: BundleOptions = {}): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows/index.ts'),
    workflowInterceptorModules: [
      require.resolve('../../workflows/read-ahead.ts'),
      require.resolve('../../workflows/trace-relay.ts'),
      ...(change === undefined ? [] : [require.resolve(`./builds/${change}.ts`)]),
    ],
    ...(encrypting && { failureConverterPath: FAILURE_CONVERTER }),
    logger: new DefaultLogger('ERROR'),
  });
  return code;
}
