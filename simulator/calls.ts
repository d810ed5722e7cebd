/** What every log of calls holds of one call of the API. Control routes are not logged. */
export interface LoggedCall {
  /** Counts from 1 in the order of arrival. */
  readonly seq: number;
  /** ISO time of arrival. */
  readonly at: string;
  /** ISO time when the answer was sent or the connection was cut; absent while the call is under way. */
  endedAt?: string;
  readonly method: string;
  /** Path below the version as sent, without its query. */
  readonly path: string;
  /** Template of the route, "/contacts/{identifier}". */
  readonly route?: string;
  /** Name of the operation in the API's description, "updateContact". */
  readonly operation?: string;
  /** Query as sent, decoded; a repeated key is an array. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** Parsed when it is JSON, else the text; absent when empty. */
  readonly body?: unknown;
  /** What the client was sent; null while under way, or when it was sent nothing. */
  status: number | null;
  /** What the API did, when a fault kept the client from learning it. */
  committedStatus?: number;
  /** Names of the faults that struck, e.g. ["latency", "status 502"]. */
  faults?: readonly string[];
}

/** One call of Brevo's API. Keys are never logged. */
export interface SimCall extends LoggedCall {
  /** The contact that the path names, decoded once. */
  readonly identifier?: string;
  readonly identifierType?: string;
  readonly keyAccepted: boolean;
  /** `sib-request-id` of the answer. */
  readonly requestId: string;
}

/** Calls kept; older ones are forgotten. */
const MAX_CALLS = 200_000;

/** The log of calls. */
export class CallLog<Call extends LoggedCall> {
  private calls: Call[] = [];
  private lastSeq = 0;

  /** Logs a call; the caller completes the entry that is returned. */
  add(call: Omit<Call, 'seq'>): Call {
    this.lastSeq += 1;
    const entry = { seq: this.lastSeq, ...call } as Call;
    this.calls.push(entry);
    if (this.calls.length > MAX_CALLS * 1.1) this.calls = this.calls.slice(-MAX_CALLS);
    return entry;
  }

  /** Calls with a `seq` above `after`. */
  list(after = 0): Call[] {
    return this.calls.filter(({ seq }) => seq > after).map((call) => ({ ...call }));
  }

  /** Forgets the calls; `seq` goes on counting. */
  clear(): void {
    this.calls = [];
  }
}
