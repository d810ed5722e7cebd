import { timingSafeEqual } from 'node:crypto';
import { type Authenticate, bearerToken, digest, unauthorized } from './bearer';

/** One token that never changes. */
export function staticToken(token: string): Authenticate {
  const expected = digest(token);
  return async (authorization) => {
    const given = bearerToken(authorization);
    if (!timingSafeEqual(digest(given), expected)) {
      throw unauthorized('The bearer token is not the one that this service expects.', 'invalid');
    }
  };
}
