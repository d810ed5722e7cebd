import type { Failure } from '../../client';

/** Contacts of one integration that fail in the same way. */
export interface FailureGroup {
  readonly integration: string;
  readonly outcome: Failure['outcome'];
  /** Mapping id of what is refused, `the contact`, or `everything` where the account is held. */
  readonly what: string;
  readonly reason: string;
  contacts: number;
  /** ISO 8601 UTC: the earliest. */
  since: string | null;
  /** Of the one that failed last: Brevo's support asks for it. */
  requestId: string | null;
}

/** Puts together what fails in the same way; however many contacts, it holds the groups alone. */
export class FailureSummary {
  private readonly found = new Map<string, FailureGroup>();
  contacts = 0;
  /** Contacts for which no worker answered. */
  incomplete = 0;

  add(failure: Failure): void {
    const { integration, outcome, service } = failure;
    this.contacts += 1;
    if (failure.incomplete !== undefined) this.incomplete += 1;
    if (outcome === 'held' || failure.values.length === 0) {
      const what =
        outcome === 'held' ? (service ? 'what was deleted in Didomi' : 'everything') : 'the contact';
      this.count({ integration, outcome, what, ...reasonOf(failure) });
    }
    for (const value of failure.values) {
      this.count({ integration, outcome: 'rejected', what: value.id ?? 'the contact', ...reasonOf(value) });
    }
  }

  /** The held ones first, then those that concern most contacts. */
  groups(): readonly FailureGroup[] {
    return [...this.found.values()].sort(
      (a, b) => a.outcome.localeCompare(b.outcome) || b.contacts - a.contacts,
    );
  }

  private count(one: Omit<FailureGroup, 'contacts'>): void {
    const key = JSON.stringify([one.integration, one.outcome, one.what, one.reason]);
    const group = this.found.get(key);
    if (!group) {
      this.found.set(key, { ...one, contacts: 1 });
      return;
    }
    group.contacts += 1;
    group.requestId = later(one, group).requestId;
    if (one.since !== null && (group.since === null || one.since < group.since)) group.since = one.since;
  }
}

type Reasoned = Pick<Failure, 'status' | 'code' | 'message' | 'requestId' | 'since'>;

function reasonOf({ status, code, message, requestId, since }: Reasoned) {
  const answer = [status === null ? [] : [`HTTP ${status}`], code === null ? [] : [`code ${code}`]].flat();
  const text = message ?? 'not known: no worker answered';
  const reason = answer.length === 0 ? text : `${text} (${answer.join(', ')})`;
  return { reason, requestId, since };
}

function later<T extends Pick<FailureGroup, 'since'>>(a: T, b: T): T {
  return (a.since ?? '') > (b.since ?? '') ? a : b;
}
