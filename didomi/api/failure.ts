import {
  type DidomiApiError,
  type DidomiErrorOrigin,
  DidomiHeldError,
  DidomiRateLimitedError,
  DidomiRecordError,
  DidomiRefusedError,
  DidomiUnavailableError,
} from './errors';
import { isHtml, plainWords } from './plain-words';
import { type AnswerHeaders, waitMs } from './waiting';

/** An HTTP answer, body unread. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: string;
}

/** What a failure needs to know of its call. */
export interface CallInfo {
  /** Without what it is about: `GET /consents/events/{id}`. */
  readonly name: string;
  /** Never shown: credentials, and whom the call is about. */
  readonly secrets: readonly string[];
}

/**
 * The typed error for an answer that is no success.
 *
 * @param now ms since 1970
 */
export function failureOf(answer: Answer, call: CallInfo, now: number): DidomiApiError {
  const { status } = answer;
  const error = errorBody(answer);
  const origin = originOf(answer, call, error);
  const said = saidBy(answer, call, error);
  const reference = [status, origin.code].filter((part) => part !== undefined).join(' ');
  if (status === 429) {
    const message = `Didomi's rate limit is used up at ${call.name}.${said}`;
    return new DidomiRateLimitedError(message, origin, waitMs(answer.headers, now));
  }
  if (status === 401 || status === 402 || status === 403) {
    return new DidomiHeldError(`${ADVICE[status]} (${call.name}, ${reference})${said}`, origin);
  }
  if (status >= 500 || PASSING.has(status)) {
    return new DidomiUnavailableError(`Didomi could not answer ${call.name} (${status}).${said}`, origin);
  }
  if (status < 400 || isHtml(answer.body) || (status === 404 && error === undefined)) {
    const message = `What answers ${call.name} (${status}) is not Didomi's API: check didomi.api_url, with its version.${said}`;
    return new DidomiUnavailableError(message, origin);
  }
  return new DidomiRefusedError(`Didomi refuses ${call.name} (${reference}).${said}`, origin);
}

/** The error for credentials that Didomi does not know: it answers those with 400 (seen in its API's descriptions). */
export function badCredentials(answer: Answer, call: CallInfo): DidomiHeldError {
  const error = errorBody(answer);
  const message = `Didomi does not accept the API key or its secret: put a valid pair into didomi.api_key and didomi.api_secret. (${call.name}, ${answer.status})`;
  return new DidomiHeldError(message + saidBy(answer, call, error), originOf(answer, call, error));
}

/** The error for a success whose body is not what Didomi documents. */
export function strangeAnswer(status: number, { name }: CallInfo, why: string): DidomiUnavailableError {
  return new DidomiUnavailableError(`${name} was answered ${status}, but ${why}.`, { call: name, status });
}

/** The error for a success that holds a record which is not what Didomi documents, or is not what was asked for. */
export function strangeRecord({ name }: CallInfo, why: string): DidomiRecordError {
  return new DidomiRecordError(`${name} was answered 200, but ${why}.`, { call: name, status: 200 });
}

/** The error for a call without an answer. `error` comes from the HTTP client and is not kept. */
export function networkFailure(error: unknown, call: CallInfo, host: string): DidomiUnavailableError {
  const given = (error as { code?: unknown } | undefined)?.code;
  const code = typeof given === 'string' && /^[A-Z][A-Z_]{0,63}$/.test(given) ? given : undefined;
  const message = `${host} did not answer ${call.name} (${code ?? 'no reason given'}). Check the network and didomi.api_url if this lasts.`;
  return new DidomiUnavailableError(message, { call: call.name, code });
}

/** The error for a call without an answer in time. */
export function timedOut(call: CallInfo, host: string, timeoutMs: number): DidomiUnavailableError {
  const message = `${host} did not answer ${call.name} within ${timeoutMs} ms.`;
  return new DidomiUnavailableError(message, { call: call.name, code: 'ETIMEDOUT' });
}

/** Proxy authentication, request timeout and too early pass. */
const PASSING: ReadonlySet<number> = new Set([407, 408, 425]);

const ADVICE = {
  401: 'Didomi does not accept our session, though it is new: check that the API key of didomi.api_key is still active.',
  402: 'Didomi wants to be paid for this: check the contract.',
  403: "Didomi does not permit this to the API key: check its rights, didomi.organization_id, and that the contract holds Didomi's Consents API.",
} as const;

interface ErrorBody {
  readonly name?: string;
  readonly message?: string;
}

/** Didomi's `{code, name, message, errors}`; undefined for anything else. */
function errorBody({ body }: Answer): ErrorBody | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { code, name, message } = value as Record<string, unknown>;
  if (typeof name !== 'string' && typeof code !== 'number') return undefined;
  return {
    ...(typeof name === 'string' && { name }),
    ...(typeof message === 'string' && { message }),
  };
}

function originOf({ status }: Answer, call: CallInfo, error: ErrorBody | undefined): DidomiErrorOrigin {
  const name = error?.name ?? '';
  const shown = /^[A-Za-z]{1,40}$/.test(name) && plainWords(name, call.secrets) === name;
  return { call: call.name, status, code: shown ? name : undefined };
}

/** Quotes an error message or a page, never other JSON: that may be a person. */
function saidBy(answer: Answer, call: CallInfo, error: ErrorBody | undefined): string {
  const quotable = error?.message ?? (isHtml(answer.body) ? answer.body : '');
  const words = plainWords(quotable, call.secrets);
  return words === '' ? '' : ` It says: ${words}`;
}
