import type { Logger } from 'pino';
import type { IngestAuth, OAuthClient } from '../../config';
import type { Authenticate } from './bearer';
import { externalIssuer } from './external-issuer';
import type { IssuerTimes } from './issuer-keys';
import { type OwnTokens, ownTokens } from './own-tokens';
import { staticToken } from './static-token';

export type { Authenticate } from './bearer';

export interface Authentication {
  readonly authenticate: Authenticate;
  /** Present when callers fetch their tokens here. */
  readonly issuing?: { readonly tokens: OwnTokens; readonly clients: readonly OAuthClient[] };
}

export async function openAuthentication(
  auth: IngestAuth,
  logger: Logger,
  times?: IssuerTimes,
): Promise<Authentication> {
  switch (auth.type) {
    case 'none':
      return { authenticate: async () => {} };
    case 'bearer':
      return { authenticate: staticToken(auth.token) };
    case 'jwt':
      return { authenticate: await externalIssuer(auth, logger, times) };
    case 'oauth': {
      const tokens = await ownTokens(auth.clients);
      return { authenticate: tokens.authenticate, issuing: { tokens, clients: auth.clients } };
    }
  }
}
