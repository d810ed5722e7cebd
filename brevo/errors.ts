/** Everything that can go wrong with a call to Brevo; each class says what happens next. */

const MAX_MESSAGE = 300;

/** Where an error comes from. */
export interface BrevoErrorOrigin {
  /** The call without what it is about, for example `PUT /contacts/{identifier}`. */
  readonly call: string;
  /** HTTP status; none when no answer came or none was asked for. */
  readonly status?: number | undefined;
  /** Brevo's error code, where it is one. */
  readonly code?: string | undefined;
  /** `sib-request-id`, which Brevo's support asks for; Cloudflare's `cf-ray` where Brevo was not reached. */
  readonly requestId?: string | undefined;
}

/**
 * A failed call. Message and fields hold no API key and no personal data, and there is no `cause`: the HTTP
 * client's own error carries both.
 */
export abstract class BrevoError extends Error {
  readonly call: string;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly requestId: string | undefined;

  /** @param message safe to show; cut to 300 characters */
  constructor(message: string, origin: BrevoErrorOrigin) {
    super(message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message);
    this.name = new.target.name;
    this.call = origin.call;
    this.status = origin.status;
    this.code = origin.code;
    this.requestId = origin.requestId;
  }
}

/** What keeps Brevo from serving the account: the key, our IP address, missing credits, or a permission. */
export const HELD_REASONS = ['key', 'ip', 'credits', 'permission'] as const;
export type HeldReason = (typeof HELD_REASONS)[number];

/** The account is closed to us (401, 402, 403). Next: everything of the account waits until somebody opens it. */
export class BrevoHeldError extends BrevoError {
  readonly reason: HeldReason;
  /** Whether Brevo said it to this very call; else the call was not made, because Brevo said it to another one. */
  readonly asked: boolean;

  constructor(message: string, origin: BrevoErrorOrigin, reason: HeldReason, asked = true) {
    super(message, origin);
    this.reason = reason;
    this.asked = asked;
  }
}

/** Brevo will never take this call as it is (400, 405, 406, 413, 422, …). Next: no retry; a person decides. */
export class BrevoRefusedError extends BrevoError {}

/**
 * An identifier of the call already belongs to a contact. Next: look the contact up and update it; where the look
 * finds none, the identifier is another contact's and a person decides.
 */
export class BrevoDuplicateError extends BrevoError {
  /** Which ones, in lower case (`email`, `sms`, `ext_id`); empty when Brevo does not say. */
  readonly identifiers: readonly string[];

  constructor(message: string, origin: BrevoErrorOrigin, identifiers: readonly string[]) {
    super(message, origin);
    this.identifiers = identifiers;
  }
}

/** Brevo has no such contact. Next: create it or skip it, as the integration says. */
export class BrevoNotFoundError extends BrevoError {}

/** The account's rate limit is used up, in Brevo or in our own budget. Next: the same call after `retryAfterMs`. */
export class BrevoRateLimitedError extends BrevoError {
  readonly retryAfterMs: number;

  constructor(message: string, origin: BrevoErrorOrigin, retryAfterMs: number) {
    super(message, origin);
    this.retryAfterMs = retryAfterMs;
  }
}

/** No usable answer (5xx, network, timeout, something that is not Brevo). Next: the same call again, without end. */
export class BrevoUnavailableError extends BrevoError {
  /** Whether Brevo may have carried out a write all the same. */
  readonly mayHaveHappened: boolean;

  constructor(message: string, origin: BrevoErrorOrigin, mayHaveHappened: boolean) {
    super(message, origin);
    this.mayHaveHappened = mayHaveHappened;
  }
}
