import { createHash, timingSafeEqual } from 'node:crypto';
import type { IngestAuth } from '../config';
import { type ProblemError, plainProblem } from './problem';

/**
 * Decides by the Authorization header who may post events.
 *
 * @throws ProblemError 401
 */
export type Authenticate = (authorization: string | undefined) => void;

export function authentication(auth: IngestAuth): Authenticate {
  switch (auth.type) {
    case 'none':
      return () => {};
    case 'bearer':
      return bearer(auth.token);
  }
}

function bearer(token: string): Authenticate {
  const expected = digest(token);
  return (authorization) => {
    const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    if (given === undefined) throw unauthorized('Send the token as "Authorization: Bearer <token>".');
    if (!timingSafeEqual(digest(given), expected)) {
      throw unauthorized('The bearer token is not the one that this service expects.', 'invalid_token');
    }
  };
}

/** Digests have one length, so that comparing them tells nothing about the token, not even how long it is. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** @param error as RFC 6750 §3.1 names it; none when the caller gave no token at all */
function unauthorized(detail: string, error?: string): ProblemError {
  const challenge = error === undefined ? '' : `, error="${error}"`;
  return plainProblem(401, { detail }, { 'www-authenticate': `Bearer realm="consent-sync"${challenge}` });
}
