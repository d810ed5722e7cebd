import { describe, expect, it } from '@jest/globals';
import { interceptors } from '../../../workflows/read-ahead';

type Activate = NonNullable<NonNullable<ReturnType<typeof interceptors>['internals']>[number]['activate']>;
type Activation = Parameters<Activate>[0]['activation'];

/** A workflow on a worker: what it is given, in this order. */
function workflow() {
  const given: Activation[] = [];
  const [{ activate } = {}] = interceptors().internals ?? [];
  return {
    given,
    give(activation: Activation) {
      activate?.({ activation, batchIndex: 0 }, (input) => given.push(input.activation));
    },
  };
}

/** What a workflow task begins with: its time, and all events up to its start. */
function task(nanos: number, historyLength: number, isReplaying = false): Activation {
  return { jobs: [{ signalWorkflow: {} }], timestamp: { nanos }, historyLength, isReplaying };
}

function query(queryId: string, historyLength: number): Activation {
  return { jobs: [{ queryWorkflow: { queryId } }], historyLength, isReplaying: true };
}

const BY_ITSELF = 'legacy_query';

describe('a workflow that is asked', () => {
  it('refuses the task after a query that had read events which no task had taken', () => {
    const { give } = workflow();
    give(task(1, 3, true));
    give(task(1, 9));
    give(query(BY_ITSELF, 9));
    expect(() => give(task(2, 15))).toThrow('read ahead');
  });

  it('goes on after a query between two tasks', () => {
    const { give, given } = workflow();
    give(task(1, 3));
    give(query(BY_ITSELF, 3));
    give(query(BY_ITSELF, 3));
    give(task(2, 9));
    expect(given).toHaveLength(4);
  });

  it('goes on after a query that replayed no more than what tasks had taken', () => {
    const { give, given } = workflow();
    give(task(1, 3, true));
    give(task(2, 9, true));
    give(query(BY_ITSELF, 9));
    give(task(3, 15));
    expect(given).toHaveLength(4);
  });

  it('goes on after a query that came with a task, in which the workflow was woken twice', () => {
    const { give, given } = workflow();
    give(task(1, 3));
    give(task(1, 3));
    give(query('1', 3));
    give(query(BY_ITSELF, 3));
    give(task(2, 9));
    expect(given).toHaveLength(5);
  });

  it('goes on when two tasks began at the same time and nobody asked', () => {
    const { give, given } = workflow();
    give(task(1, 3));
    give(task(1, 9));
    give(task(2, 15));
    expect(given).toHaveLength(3);
  });
});
