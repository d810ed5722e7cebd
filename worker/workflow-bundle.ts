import { join } from 'node:path';

/** Where the build puts the bundled workflow code, beside the compiled code: bundling at every start takes seconds. */
export const WORKFLOW_BUNDLE = join(__dirname, '..', 'workflow-bundle.js');
