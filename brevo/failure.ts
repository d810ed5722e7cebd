import {
  BrevoDuplicateError,
  type BrevoError,
  type BrevoErrorOrigin,
  BrevoHeldError,
  BrevoNotFoundError,
  BrevoRateLimitedError,
  BrevoRefusedError,
  BrevoUnavailableError,
  type HeldReason,
} from './errors';
import { type AnswerHeaders, headerText, rateHeaders, waitMs, withJitter } from './rate-headers';
import { holds, safeText } from './safe-text';

/** An HTTP answer, body unread. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: string;
}

/** What a failure needs to know of its call. */
export interface CallInfo {
  /** Without what it is about: `PUT /contacts/{identifier}`. */
  readonly name: string;
  readonly writes: boolean;
  /** Whether the path names a contact, so that a 404 can mean that there is none. */
  readonly namesContact: boolean;
  /** Never shown: the API key, the identifier. */
  readonly secrets: readonly string[];
}

/** The typed error for an answer that is no success. Seen in Brevo's API reference unless marked otherwise. */
export function failureOf(answer: Answer, call: CallInfo): BrevoError {
  const { status } = answer;
  const body = readErrorBody(answer.body);
  const origin = originOf(answer, call, body?.code);
  const said = saidBy(answer, call, body);
  if (status === 429) {
    const wait = withJitter(waitMs(rateHeaders(answer.headers)));
    return new BrevoRateLimitedError(`Brevo's rate limit is used up at ${call.name}.${said}`, origin, wait);
  }
  if (status === 401 || status === 402 || status === 403)
    return held(origin, body?.message ?? answer.body, said);
  if (body?.code === 'account_in_process') {
    const message = `Brevo is busy with an operation on the whole account, and ${call.name} must wait.${said}`;
    return new BrevoUnavailableError(message, origin, false);
  }
  if (status >= 500 || PASSING.has(status)) {
    const mayHaveHappened = call.writes && !NOT_CARRIED_OUT.has(status);
    return new BrevoUnavailableError(
      `Brevo could not answer ${call.name} (${status}).${said}`,
      origin,
      mayHaveHappened,
    );
  }
  if (status === 400 || status === 409) {
    const duplicates = duplicateIdentifiers(body);
    if (duplicates !== undefined) {
      const what = duplicates.length > 0 ? duplicates.join(', ') : 'an identifier';
      const message = `Brevo has a contact with the same ${what} (${call.name}).${said}`;
      return new BrevoDuplicateError(message, origin, duplicates);
    }
  }
  if (status === 404) return notFound(origin, call, body, said);
  if (status >= 400) {
    return new BrevoRefusedError(`Brevo refuses ${call.name} (${reference(origin)}).${said}`, origin);
  }
  return notBrevo(
    answer,
    call,
    status < 400 && status >= 300 ? 'sends us elsewhere' : 'answers what Brevo does not',
  );
}

/** The error for an answer that no Brevo gives: its body is not what the reference says. */
export function strangeAnswer(answer: Answer, call: CallInfo, why: string): BrevoUnavailableError {
  const body = readErrorBody(answer.body);
  const origin = originOf(answer, call, body?.code);
  const what = body === undefined ? why : `it is an error (${origin.code ?? 'without a code'})`;
  const message = `${call.name} was answered ${answer.status}, but ${what}.${saidBy(answer, call, body)}`;
  return new BrevoUnavailableError(message, origin, call.writes);
}

/** Proxy authentication, request timeout and too early pass; Brevo gives 425 for contacts and does not say when. */
const PASSING: ReadonlySet<number> = new Set([407, 408, 425]);
const NOT_CARRIED_OUT: ReadonlySet<number> = new Set([407, 425]);

interface ErrorBody {
  readonly code?: string;
  readonly message?: string;
  readonly metadata?: unknown;
}

/** Brevo's `{code, message, metadata}`; undefined for anything else. `code` is sometimes missing. */
function readErrorBody(text: string): ErrorBody | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { code, message, metadata } = value as Record<string, unknown>;
  const shown = safeCode(code);
  if (shown === undefined && typeof message !== 'string') return undefined;
  return {
    ...(shown !== undefined && { code: shown }),
    ...(typeof message === 'string' && { message }),
    metadata,
  };
}

/** A code that can hold nothing personal. */
export function safeCode(code: unknown): string | undefined {
  return typeof code === 'string' && /^(?!.*\d{6})[A-Za-z][\w.-]{0,63}$/.test(code) ? code : undefined;
}

function originOf(answer: Answer, call: CallInfo, code: string | undefined): BrevoErrorOrigin {
  const id = headerText(answer.headers, 'sib-request-id') ?? headerText(answer.headers, 'cf-ray');
  const requestId = id !== undefined && /^[\w.:-]{1,100}$/.test(id) ? id : undefined;
  return {
    call: call.name,
    status: answer.status,
    code: unlessSecret(code, call),
    requestId: unlessSecret(requestId, call),
  };
}

/** Not every server behind an address is Brevo's, and one may repeat what it was sent wherever it likes. */
function unlessSecret(text: string | undefined, { secrets }: CallInfo): string | undefined {
  if (text === undefined || ANY_API_KEY.test(text)) return undefined;
  return secrets.some((secret) => holds(text, secret)) ? undefined : text;
}

/** Also one of another account. */
const ANY_API_KEY = /xkeysib/i;

/** Quotes an error message or a page, never other JSON: that may be a contact. */
function saidBy(answer: Answer, call: CallInfo, body: ErrorBody | undefined): string {
  const quotable = body?.message ?? (/^\s*[[{"]/.test(answer.body) ? '' : answer.body);
  const text = safeText(quotable, call.secrets);
  return text === '' ? '' : ` It says: ${text}`;
}

/** Longest text, in characters, that is searched for words. */
const MOST_READ = 2_000;

function reference(origin: BrevoErrorOrigin): string {
  return [origin.status, origin.code].filter((part) => part !== undefined).join(' ');
}

/** Wordings of a key that is fine at an address that is not (seen in Brevo's help and reported by practitioners). */
const IP_BLOCKED =
  /unrecogni[sz]ed ip|ip (address )?(is )?not (authori[sz]ed|verified|allowed)|authori[sz]ed_ips|not verified/i;

const HELD_ADVICE: Readonly<Record<HeldReason, string>> = {
  key: 'Brevo does not accept the API key: put a valid one in the configuration.',
  ip: "The API key may be fine, but Brevo blocks this service's IP address: add it to the authorised IPs in Brevo (Security).",
  credits: 'The Brevo account has no credits left for this: add credits, or ask Brevo.',
  permission:
    "Brevo does not permit this to the account: check its plan, its validation and the API key's rights.",
};

/** `raw` decides, and is not shown: in `said` what could be personal is hidden, which may be the very words. */
function held(origin: BrevoErrorOrigin, raw: string, said: string): BrevoHeldError {
  const reason = heldReason(origin.status, raw);
  return new BrevoHeldError(`${HELD_ADVICE[reason]} (${reference(origin)})${said}`, origin, reason);
}

function heldReason(status: number | undefined, raw: string): HeldReason {
  if (status === 402) return 'credits';
  if (IP_BLOCKED.test(raw.slice(0, MOST_READ))) return 'ip';
  return status === 401 ? 'key' : 'permission';
}

/**
 * Which identifiers are taken, or undefined when this is no duplicate. The code is no guide (`duplicate_parameter`,
 * since 2026-05 also `invalid_parameter`) and the metadata decides; where there is none, the old wordings do, as
 * practitioners report them.
 */
function duplicateIdentifiers(body: ErrorBody | undefined): string[] | undefined {
  const metadata = body?.metadata;
  const named =
    typeof metadata === 'object' && metadata !== null && 'duplicate_identifiers' in metadata
      ? [metadata.duplicate_identifiers].flat().filter((name) => typeof name === 'string')
      : [];
  const identifiers = named.filter((name) => /^\w{1,40}$/.test(name)).map((name) => name.toLowerCase());
  if (identifiers.length > 0) return identifiers;
  const said =
    body?.code === 'duplicate_parameter' ||
    /contact already exist|already associate/i.test(body?.message ?? '');
  return said ? [] : undefined;
}

/**
 * A 404 means an unknown contact only when Brevo says so. From a wrong address it would make every contact look
 * unknown, and their consent would be skipped.
 */
function notFound(
  origin: BrevoErrorOrigin,
  call: CallInfo,
  body: ErrorBody | undefined,
  said: string,
): BrevoError {
  const isBrevos =
    body?.code === 'document_not_found' ||
    (body?.code === undefined && /\b(contact|document|list)\b/i.test(body?.message ?? ''));
  if (body === undefined || !isBrevos) {
    const message = `Nothing at the address of ${call.name} (404): check that BREVO_API_URL is Brevo's, with its version.${said}`;
    return new BrevoUnavailableError(message, origin, false);
  }
  return call.namesContact
    ? new BrevoNotFoundError(`Brevo has no such contact (${call.name}).${said}`, origin)
    : new BrevoRefusedError(
        `Brevo does not have what ${call.name} names (${reference(origin)}).${said}`,
        origin,
      );
}

function notBrevo(answer: Answer, call: CallInfo, does: string): BrevoUnavailableError {
  const message = `The server behind BREVO_API_URL ${does} (${call.name}, ${answer.status}): check that it is Brevo's, with its version.`;
  return new BrevoUnavailableError(message, originOf(answer, call, undefined), false);
}
