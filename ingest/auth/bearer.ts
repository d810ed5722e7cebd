import { createHash } from 'node:crypto';
import { type ProblemError, plainProblem } from '../problem';

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
  if (given === undefined) throw unauthorized('Send the token as "Authorization: Bearer <token>".');
  return given;
}

/** Digests have one length, so that comparing them tells nothing about the text, not even how long it is. */
export function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** @param error as RFC 6750 §3.1 names it; none when the caller gave no token at all */
export function unauthorized(detail: string, error?: 'invalid_token'): ProblemError {
  const challenge = error === undefined ? '' : `, error="${error}"`;
  return plainProblem(401, { detail }, { 'www-authenticate': `Bearer realm="consent-sync"${challenge}` });
}
