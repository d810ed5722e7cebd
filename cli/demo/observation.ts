import type { Client } from '@temporalio/client';
import type { Outcome } from '../../consent/outcome';
import type { SimCall, Simulator } from '../../simulator';
import { CONSENT_SYNC_WORKFLOW, SEARCH_ATTRIBUTES, STATUS_QUERY } from '../../workflows/contract';
import type { ConsentSyncStatus } from '../../workflows/story';
import type { Delivered } from './delivery';
import { Series } from './series';

/** A contact that is being worked on has no outcome. */
export type Shown = Outcome | 'working';

/** One look at a running demo. */
export interface Observation {
  readonly seconds: number;
  readonly sent: number;
  readonly accepted: number;
  readonly ignored: number;
  readonly contacts: number;
  readonly outcomes: ReadonlyMap<Shown, number>;
  readonly calls: CallCounts;
  /** Calls in each of the last seconds, latest last. */
  readonly callsEachSecond: readonly number[];
}

export interface CallCounts {
  readonly all: number;
  readonly lookUps: number;
  readonly creates: number;
  readonly updates: number;
  /** Answered with an error, or not at all. */
  readonly failed: number;
}

const SHOWN_SECONDS = 60;
const QUERIES_AT_ONCE = 16;

/** Looks at the parts of a demo from outside: Temporal's list of workflows, and the simulator's log of calls. */
export class Observer {
  private readonly startedAt = Date.now();
  private readonly series = new Series(SHOWN_SECONDS);
  private lastSeq = 0;
  private calls = { all: 0, lookUps: 0, creates: 0, updates: 0, failed: 0 };

  constructor(
    private readonly temporal: Client,
    private readonly simulator: Simulator,
    private readonly delivered: Delivered,
  ) {}

  async observe(): Promise<Observation> {
    const outcomes = await this.outcomes();
    const seconds = (Date.now() - this.startedAt) / 1000;
    this.countCalls();
    const accepted = this.delivered.answers.filter(({ result }) => result.status === 'accepted').length;
    return {
      seconds,
      sent: this.delivered.sent,
      accepted,
      ignored: this.delivered.answers.length - accepted,
      contacts: this.workflowIds().length,
      outcomes,
      calls: this.calls,
      callsEachSecond: this.series.values(seconds),
    };
  }

  /** Every contact's story. */
  async stories(): Promise<Map<string, ConsentSyncStatus>> {
    const stories = new Map<string, ConsentSyncStatus>();
    const ids = this.workflowIds().values();
    const reader = async () => {
      for (const id of ids) {
        stories.set(
          id,
          await this.temporal.workflow.getHandle(id).query<ConsentSyncStatus, []>(STATUS_QUERY),
        );
      }
    };
    await Promise.all(Array.from({ length: QUERIES_AT_ONCE }, reader));
    return stories;
  }

  private workflowIds(): string[] {
    const ids = this.delivered.answers.flatMap(({ result }) =>
      result.status === 'accepted' ? [result.workflowId] : [],
    );
    return [...new Set(ids)];
  }

  private async outcomes(): Promise<Map<Shown, number>> {
    const counts = new Map<Shown, number>();
    const query = `WorkflowType = "${CONSENT_SYNC_WORKFLOW}"`;
    for await (const { searchAttributes } of this.temporal.workflow.list({ query, pageSize: 1_000 })) {
      const [outcome] = searchAttributes[SEARCH_ATTRIBUTES.outcome] ?? [];
      const shown = (typeof outcome === 'string' ? outcome : 'working') as Shown;
      counts.set(shown, (counts.get(shown) ?? 0) + 1);
    }
    return counts;
  }

  /** Calls that are under way are counted when they have ended. */
  private countCalls(): void {
    const calls = this.simulator.calls().filter(({ seq }) => seq > this.lastSeq);
    const underWay = calls.findIndex(({ endedAt }) => endedAt === undefined);
    const ended = underWay < 0 ? calls : calls.slice(0, underWay);
    this.lastSeq = ended.at(-1)?.seq ?? this.lastSeq;
    for (const { at } of ended) this.series.add((Date.parse(at) - this.startedAt) / 1000);
    const count = (is: (call: SimCall) => boolean) => ended.filter(is).length;
    const { all, lookUps, creates, updates, failed } = this.calls;
    this.calls = {
      all: all + ended.length,
      lookUps: lookUps + count(({ method }) => method === 'GET'),
      creates: creates + count(({ operation }) => operation === 'createContact'),
      updates: updates + count(({ operation }) => operation === 'updateContact'),
      failed: failed + count(isFailed),
    };
  }
}

/** That there is no such contact is an answer. */
function isFailed({ status }: SimCall): boolean {
  return status === null || (status >= 400 && status !== 404);
}
