import type { WorkerOptions } from '@temporalio/worker';

/** How a worker ends. */
export interface ShutdownTimes {
  /** How long running activities may go on before they are told to end, in ms. */
  readonly graceMs: number;
  /** How long all of it may take, in ms, whatever hangs. Absent: as long as it takes. */
  readonly forceMs?: number;
}

const DEFAULT: ShutdownTimes = { graceMs: 10_000 };

/** What is left when running activities are told to end: for Temporal to learn how they ended. */
const TO_TELL_MS = 2_000;

/** A call to Brevo that is under way has all but the last moments to come to its end. */
export function shutdownWithin(ms: number): ShutdownTimes {
  return { graceMs: Math.max(ms - TO_TELL_MS, ms / 2), forceMs: ms };
}

export function shutdownOptions({ graceMs, forceMs }: ShutdownTimes = DEFAULT): Partial<WorkerOptions> {
  return {
    shutdownGraceTime: graceMs,
    ...(forceMs !== undefined && { shutdownForceTime: forceMs }),
  };
}
