import { hkdfSync, randomUUID } from 'node:crypto';
import type { OAuthClient } from '../../config';
import { type Authenticate, bearerToken } from './bearer';
import { CLOCK_TOLERANCE_SECONDS, isCanonical, loadJose, notValid, refusal } from './jwt';

/** How long a token is valid, in seconds. */
export const TOKEN_LIFETIME_SECONDS = 3_600;

const ALGORITHM = 'HS256';
/** RFC 9068 */
const TYPE = 'at+jwt';
const ISSUER = 'urn:consent-sync';
const AUDIENCE = 'urn:consent-sync:webhooks';

const KEY_BYTES = 32;
const KEY_ID_BYTES = 12;
/** Part of what tokens are signed with: another text makes every token invalid. */
const SALT = 'consent-sync access token, version 1';

/** Gives clients their tokens and knows them again. */
export interface OwnTokens {
  /** @param client one of those that the tokens were opened with */
  issue(client: OAuthClient): Promise<string>;
  readonly authenticate: Authenticate;
}

/**
 * Tokens that are signed with a key derived from the secret that they were fetched with. So every process with the
 * same secrets accepts them, also after a restart, and a secret that is removed takes its tokens with it.
 */
export async function ownTokens(clients: readonly OAuthClient[]): Promise<OwnTokens> {
  const jose = await loadJose();
  const keys = new Map(clients.map((client) => [keyIdOf(client), derive(client, 'sign', KEY_BYTES)]));
  const keyOf = ({ kid }: { readonly kid?: string }): Uint8Array => {
    const key = kid === undefined ? undefined : keys.get(kid);
    if (key === undefined) throw new jose.errors.JWKSNoMatchingKey();
    return key;
  };
  return {
    issue: (client) =>
      new jose.SignJWT({ client_id: client.id })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: keyIdOf(client) })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(client.id)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime(`${TOKEN_LIFETIME_SECONDS} s`)
        .sign(keyOf({ kid: keyIdOf(client) })),
    authenticate: async (authorization) => {
      const token = bearerToken(authorization);
      if (!isCanonical(token)) throw notValid();
      await jose
        .jwtVerify(token, keyOf, {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer: ISSUER,
          audience: AUDIENCE,
          requiredClaims: ['exp', 'sub', 'jti'],
          maxTokenAge: TOKEN_LIFETIME_SECONDS,
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
        })
        .catch((error: unknown) => {
          throw refusal(error, jose) ?? error;
        });
    },
  };
}

function keyIdOf(client: OAuthClient): string {
  return Buffer.from(derive(client, 'key id', KEY_ID_BYTES)).toString('base64url');
}

/** HKDF (RFC 5869) of the secret. Clients with the same secret have different keys all the same. */
function derive({ id, secret }: OAuthClient, purpose: string, bytes: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, SALT, `${purpose}:${id}`, bytes));
}
