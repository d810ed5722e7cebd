import type { Logger } from 'pino';
import type { ExternalIssuer } from '../../config';
import { namedProblem, type ProblemError } from '../problem';
import { type Authenticate, bearerToken } from './bearer';
import { type IssuerTimes, issuerKeys, KeysUnavailable } from './issuer-keys';
import { CLOCK_TOLERANCE_SECONDS, isCanonical, type Jose, loadJose, notValid, refusal } from './jwt';

/** Signatures with a private key alone: whoever can read the published keys must not be able to sign. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

type VerifyOptions = NonNullable<Parameters<Jose['jwtVerify']>[2]>;

/** When a sender may try again while the issuer's keys cannot be had, in seconds. */
const RETRY_AFTER_SECONDS = 5;

/**
 * Tokens of another issuer, checked against the keys that it publishes. The keys are fetched at once, so that a wrong
 * address shows in the log at the start; it is not waited for.
 */
export async function externalIssuer(
  { issuer, audience, jwksUrl }: ExternalIssuer,
  logger: Logger,
  times?: IssuerTimes,
): Promise<Authenticate> {
  const jose = await loadJose();
  const keys = issuerKeys(jose, jwksUrl, logger, times);
  const options: VerifyOptions = {
    algorithms: ALGORITHMS,
    issuer,
    audience,
    requiredClaims: ['exp'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  };
  keys.keyOf.reload().catch(() => {});
  return async (authorization) => {
    const token = bearerToken(authorization);
    if (!isCanonical(token)) throw notValid();
    await verify(token, keys.keyOf, options, jose).catch((error: unknown) => {
      // A key that we don't know may be one that could not be fetched.
      const unknownKey = error instanceof jose.errors.JWKSNoMatchingKey && keys.failing();
      throw error instanceof KeysUnavailable || unknownKey ? unavailable() : (refusal(error, jose) ?? error);
    });
  };
}

/** Also where the token does not say which of several keys it was signed with. */
async function verify(
  token: string,
  keyOf: ReturnType<Jose['createRemoteJWKSet']>,
  options: VerifyOptions,
  jose: Jose,
): Promise<void> {
  try {
    await jose.jwtVerify(token, keyOf, options);
  } catch (error) {
    if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        await jose.jwtVerify(token, key, options);
        return;
      } catch (failed) {
        if (!(failed instanceof jose.errors.JWSSignatureVerificationFailed)) throw failed;
      }
    }
    throw new jose.errors.JWSSignatureVerificationFailed();
  }
}

function unavailable(): ProblemError {
  return namedProblem('issuer-unavailable', {
    status: 503,
    title: 'The issuer is unavailable',
    detail:
      'The token cannot be checked now, because the keys of its issuer cannot be fetched. Send it again.',
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
  });
}
