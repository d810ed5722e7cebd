import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts messages and stack traces of failures where they are encrypted. Temporal's SDK loads it by its path, and the
 * sandbox of the workflows by their bundle: it imports nothing else.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
