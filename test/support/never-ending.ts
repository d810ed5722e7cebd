import type { StepSignals } from '../../resync/step-signals';

/** Of a step that goes on until all is done. */
export function neverEnding(): StepSignals {
  return { ending: new AbortController().signal, interrupted: new AbortController().signal };
}
