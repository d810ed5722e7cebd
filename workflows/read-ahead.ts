import type { ActivateInput, WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** How Temporal's core names a query that comes by itself and not with a workflow task. */
const QUERY_BY_ITSELF = 'legacy_query';

/**
 * Notices when a query has moved a workflow further than its history.
 *
 * A query that finds the workflow in no cache makes Temporal's core (1.24) replay the history, and with it the events
 * that no workflow task has taken yet. The workflow acts on them, and the next workflow task brings only the rest: two
 * steps become one task, which a replay would take in one step, with other commands. Such a history can never be
 * replayed again. What gives it away: more history, and yet no later time, since that comes with a task.
 */
export class ReadAhead {
  private last: { readonly time: string; readonly historyLength: number } | undefined;
  private state: 'in step' | 'perhaps ahead' | 'ahead' = 'in step';

  /** @throws Error for a workflow task that must not begin: Temporal gives it again, to a replay of the history */
  note({ jobs, timestamp, historyLength, isReplaying }: ActivateInput['activation']): void {
    const queries = (jobs ?? []).flatMap(({ queryWorkflow }) => queryWorkflow ?? []);
    if (queries.length > 0) {
      const byItself = queries.some(({ queryId }) => queryId === QUERY_BY_ITSELF);
      if (byItself && this.state === 'perhaps ahead') this.state = 'ahead';
      return;
    }
    if (this.state === 'ahead') {
      throw new Error('A query had read ahead of the history: the task is done again from the beginning.');
    }
    const now = { time: `${timestamp?.seconds}.${timestamp?.nanos}`, historyLength: historyLength ?? 0 };
    const isAhead =
      !isReplaying && now.time === this.last?.time && now.historyLength > this.last.historyLength;
    this.state = isAhead ? 'perhaps ahead' : 'in step';
    this.last = now;
  }
}

export const interceptors: WorkflowInterceptorsFactory = () => {
  const readAhead = new ReadAhead();
  return {
    internals: [
      {
        activate(input, next) {
          readAhead.note(input.activation);
          next(input);
        },
      },
    ],
  };
};
