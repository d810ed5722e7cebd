/** What RFC 6749 §5.2 calls errors; the last one is of §4.1.2.1, for when a caller has to wait. */
type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unsupported_grant_type'
  | 'temporarily_unavailable';

/** Ends a token request with an answer as RFC 6749 §5.2 describes it. Repeats nothing of what the caller sent. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';

  /** @param description for people: printable ASCII without `"` and `\` */
  constructor(
    readonly code: OAuthErrorCode,
    readonly description: string,
    readonly status = 400,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(description);
  }
}

export function invalidRequest(description: string, status?: number): OAuthError {
  return new OAuthError('invalid_request', description, status);
}

export function invalidClient(description: string): OAuthError {
  return new OAuthError('invalid_client', description, 401, {
    'www-authenticate': 'Basic realm="consent-sync", charset="UTF-8"',
  });
}

/** @param seconds after which the caller may try again */
export function tooManyAttempts(seconds: number): OAuthError {
  return new OAuthError('temporarily_unavailable', 'Too many attempts failed. Try again later.', 429, {
    'retry-after': String(seconds),
  });
}
