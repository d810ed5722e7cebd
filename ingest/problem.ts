import { STATUS_CODES } from 'node:http';

/** An error as RFC 9457 describes it to the caller. Holds nothing of what the caller sent. */
interface Problem {
  /** `about:blank` where the status says it all. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What happened, and what to do. */
  readonly detail?: string;
  /** Names this one request, as in the log. */
  readonly instance?: string;
  /** Where in the message, for example `parameters.entity.created_at`. */
  readonly field?: string;
  /** Position of the message in the array that was sent, from 0. */
  readonly index?: number;
  /** Where in the body, both from 1. */
  readonly line?: number;
  readonly column?: number;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** What the problems that a program may want to tell apart are called. */
const TYPE_PREFIX = 'urn:consent-sync:problem:';

type Members = Omit<Problem, 'type' | 'title' | 'status'>;

/** Ends a request with a problem as its answer. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  /** @param headers sent with the answer */
  constructor(
    readonly problem: Problem,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(problem.title);
  }
}

/** A problem that its HTTP status names. */
export function plainProblem(
  status: number,
  members: Members = {},
  headers?: Readonly<Record<string, string>>,
): ProblemError {
  return new ProblemError(
    { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, ...members },
    headers,
  );
}

/**
 * A problem with a name of its own.
 *
 * @param name such as `not-json`; the answer's `type` is `urn:consent-sync:problem:<name>`
 */
export function namedProblem(
  name: string,
  { headers, ...rest }: Omit<Problem, 'type'> & { readonly headers?: Readonly<Record<string, string>> },
): ProblemError {
  return new ProblemError({ type: `${TYPE_PREFIX}${name}`, ...rest }, headers);
}
