import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { formatTraceparent, TRACE_HEADER } from '../tracing/trace-context';
import { currentTrace, inSpan } from '../tracing/tracing';

/** Puts the trace that is under way into the headers of what workflows get; nothing where nothing is traced. */
export const traceCalls: WorkflowClientInterceptor = {
  signalWithStart: (input, next) =>
    send('signalWithStart', input.workflowType, () => next({ ...input, headers: withTrace(input.headers) })),
  signal: (input, next) =>
    send('signal', input.signalName, () => next({ ...input, headers: withTrace(input.headers) })),
  startUpdateWithStart: (input, next) =>
    send('updateWithStart', input.workflowType, () =>
      next({
        ...input,
        workflowStartHeaders: withTrace(input.workflowStartHeaders),
        updateHeaders: withTrace(input.updateHeaders),
      }),
    ),
};

function send<T>(operation: string, what: string, run: () => Promise<T>): Promise<T> {
  return inSpan(
    { name: `${operation} ${what}`, kind: 'producer', attributes: { 'rpc.system': 'temporal' } },
    run,
  );
}

function withTrace(headers: Headers): Headers {
  const trace = currentTrace();
  if (!trace) return headers;
  return { ...headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(formatTraceparent(trace)) };
}
