import type { Context } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityInterceptors, ActivityInterceptorsFactory } from '@temporalio/worker';
import { parseTraceparent, TRACE_HEADER, workflowSpanOf } from '../tracing/trace-context';
import { inSpan, isTracing, recordSpan } from '../tracing/tracing';
import type { OutcomeReport } from '../workflows/outcome-sink';

/** What a worker adds to see its activities as spans; nothing where nothing is traced. */
export function activityTracing(): readonly ActivityInterceptorsFactory[] {
  return isTracing() ? [traceActivity] : [];
}

function traceActivity({ info }: Context): ActivityInterceptors {
  return {
    inbound: {
      execute(input, next) {
        const header = input.headers[TRACE_HEADER];
        const client = header && parseTraceparent(defaultPayloadConverter.fromPayload(header));
        const attributes = {
          'temporal.workflow_id': info.workflowExecution?.workflowId ?? '',
          'temporal.attempt': info.attempt,
          'temporal.task_queue': info.taskQueue,
        };
        const parent = client && workflowSpanOf(client);
        return inSpan({ name: info.activityType, kind: 'consumer', attributes, parent }, () => next(input));
      },
    },
  };
}

/** Tells of each event's time in its contact's workflow, from its arrival to the outcome, as a span of its trace. */
export function traceOutcome({
  traces = [],
  integration,
  workflowId,
  outcome,
  calls,
}: OutcomeReport & { readonly workflowId: string }): void {
  for (const { traceparent, at } of traces) {
    const parent = parseTraceparent(traceparent);
    if (!parent) continue;
    recordSpan({
      name: 'consentSync',
      kind: 'consumer',
      parent,
      context: workflowSpanOf(parent),
      startedAt: at,
      endedAt: Date.now(),
      attributes: {
        'temporal.workflow_id': workflowId,
        'consent_sync.integration': integration,
        'consent_sync.outcome': outcome,
        'consent_sync.calls': calls,
      },
    });
  }
}
