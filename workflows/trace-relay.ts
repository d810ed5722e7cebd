import type { Headers, WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** As in tracing/: what a process puts into the headers of a signal where it traces. */
const TRACE_HEADER = 'traceparent';

/** A trace that led to this workflow. */
export interface ArrivedTrace {
  readonly traceparent: string;
  /** ms since 1970 */
  readonly at: number;
}

/** Most that are kept until the next outcome: one contact's events come in bursts. */
const MOST = 20;

/** Every workflow has its own of these: modules are not shared between workflows. */
let latest: Headers[string] | undefined;
let arrived: ArrivedTrace[] = [];

/** The traces that came since the last time. */
export function takeTraces(): readonly ArrivedTrace[] {
  const taken = arrived;
  arrived = [];
  return taken;
}

function note(headers: Headers): void {
  const header = headers[TRACE_HEADER];
  const data = header?.data;
  if (!header || !data) return;
  latest = header;
  const traceparent = textOf(data);
  if (arrived.some((one) => one.traceparent === traceparent)) return;
  arrived = [...arrived, { traceparent, at: Date.now() }].slice(-MOST);
}

/** JSON of a text of ASCII: what a converter would have to be loaded for. */
function textOf(data: Uint8Array): string {
  return String.fromCharCode(...data.subarray(0, 100)).replaceAll('"', '');
}

/**
 * Hands the trace of the latest event on to the calls that are made for it. A contact's workflow lives for days and
 * joins many events, so that the trace which started it says nothing of a later one's calls. Without such headers it
 * does nothing, and a header is no part of what a replay compares.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      execute(input, next) {
        note(input.headers);
        return next(input);
      },
      handleSignal(input, next) {
        note(input.headers);
        return next(input);
      },
      handleUpdate(input, next) {
        note(input.headers);
        return next(input);
      },
    },
  ],
  outbound: [
    {
      scheduleActivity(input, next) {
        return next(latest ? { ...input, headers: { ...input.headers, [TRACE_HEADER]: latest } } : input);
      },
    },
  ],
});
