import type { ProblemError } from '../problem';
import { unauthorized } from './bearer';

/** An ES module, which CommonJS can only import like this. */
export const loadJose = () => import('jose');
export type Jose = Awaited<ReturnType<typeof loadJose>>;

/** How far the clocks of two machines may be apart, in seconds. */
export const CLOCK_TOLERANCE_SECONDS = 30;

/**
 * True for the one way to write a token. Base64url has several for the same bytes, and what was changed on its way
 * shall not pass, even where the change says nothing.
 */
export function isCanonical(token: string): boolean {
  return token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}

/** What the caller is told of a token that is not accepted. */
export function refusal(error: unknown, { errors }: Jose): ProblemError | undefined {
  if (error instanceof errors.JWTExpired) {
    return unauthorized('The token has expired. Fetch another one.', 'expired');
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return unauthorized(`The token is not for this service: see its "${error.claim}".`, 'invalid');
  }
  if (error instanceof errors.JOSEError) return notValid();
  return undefined;
}

export function notValid(): ProblemError {
  return unauthorized('The token is not one that this service accepts.', 'invalid');
}
