import { join } from 'node:path';
import type { Config } from '../config';

/**
 * Where the build puts the bundled workflow code, beside the compiled code: bundling at every start takes seconds. What
 * a workflow says when it fails is made inside of it, so that the code which encrypts that is another one.
 */
export function workflowBundle({ encryption }: Pick<Config, 'encryption'>): string {
  return join(__dirname, '..', encryption ? 'workflow-bundle-encrypting.js' : 'workflow-bundle.js');
}
