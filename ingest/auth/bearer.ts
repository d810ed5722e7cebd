import { createHash } from 'node:crypto';
import type { WebhookRefusal } from '../observer';
import { ProblemError } from '../problem';

/**
 * Decides by the Authorization header who may post events.
 *
 * @throws ProblemError 401, or 503 when it cannot be found out now
 */
export type Authenticate = (authorization: string | undefined) => Promise<void>;

/**
 * The token of a header `Authorization: Bearer <token>` (RFC 6750 §2.1).
 *
 * @throws ProblemError 401 when there is none
 */
export function bearerToken(authorization: string | undefined): string {
  const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (given === undefined)
    throw unauthorized('Send the token as "Authorization: Bearer <token>".', 'missing');
  return given;
}

/** Digests have one length, so that comparing them tells nothing about the text, not even how long it is. */
export function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The caller gave no token, or none that is accepted. */
export class UnauthorizedError extends ProblemError {
  constructor(
    readonly reason: Exclude<WebhookRefusal, 'address'>,
    detail: string,
    challenge: string,
  ) {
    super(
      { type: 'about:blank', title: 'Unauthorized', status: 401, detail },
      {
        'www-authenticate': challenge,
      },
    );
  }
}

/** RFC 6750 §3.1 names an error only where the caller gave a token. */
export function unauthorized(detail: string, reason: UnauthorizedError['reason']): UnauthorizedError {
  const error = reason === 'missing' ? '' : ', error="invalid_token"';
  return new UnauthorizedError(reason, detail, `Bearer realm="consent-sync"${error}`);
}
