/** Everything that can go wrong with a call to Didomi's API; each class says what happens next. */

const MAX_MESSAGE = 300;

/** Where an error comes from. */
export interface DidomiErrorOrigin {
  /** The call without what it is about, for example `GET /consents/events/{id}`. */
  readonly call: string;
  /** HTTP status; none when no answer came or none was asked for. */
  readonly status?: number | undefined;
  /** The name that Didomi gives the error, for example `NotFound`, or the code of a network error. */
  readonly code?: string | undefined;
}

/**
 * A failed call. Message and fields hold no credentials and no personal data, and there is no `cause`: the HTTP
 * client's own error carries both.
 */
export abstract class DidomiApiError extends Error {
  readonly call: string;
  readonly status: number | undefined;
  readonly code: string | undefined;

  /** @param message safe to show; cut to 300 characters */
  constructor(message: string, origin: DidomiErrorOrigin) {
    super(message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message);
    this.name = new.target.name;
    this.call = origin.call;
    this.status = origin.status;
    this.code = origin.code;
  }
}

/** Didomi does not serve us (bad credentials, 401, 402, 403). Next: everything that needs Didomi's API waits for somebody. */
export class DidomiHeldError extends DidomiApiError {}

/** Didomi will never take this call as it is (400, 404 of a listing, 422, …). Next: no retry; a person decides. */
export class DidomiRefusedError extends DidomiApiError {}

/** The organization's budget of requests is used up. Next: the same call after `retryAfterMs`. */
export class DidomiRateLimitedError extends DidomiApiError {
  readonly retryAfterMs: number;

  constructor(message: string, origin: DidomiErrorOrigin, retryAfterMs: number) {
    super(message, origin);
    this.retryAfterMs = retryAfterMs;
  }
}

/** No usable answer (5xx, network, timeout, something that is not Didomi). Next: the same call again, without end. */
export class DidomiUnavailableError extends DidomiApiError {}

/** Didomi answered, with a record that is not understood or is somebody else's. Next: as when there was no answer. */
export class DidomiRecordError extends DidomiUnavailableError {}
