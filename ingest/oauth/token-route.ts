import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OAuthClient } from '../../config';
import { type OwnTokens, TOKEN_LIFETIME_SECONDS } from '../auth/own-tokens';
import { declaredLength, readBody } from '../body';
import { senderOf } from '../network/sender';
import { ProblemError } from '../problem';
import type { Refusals } from '../refusals';
import type { RequestLog } from '../request-log';
import { AttemptLimits } from './attempt-limits';
import { ClientCheck } from './client-check';
import { invalidClient, invalidRequest, OAuthError, tooManyAttempts } from './oauth-error';
import { readTokenRequest } from './token-request';

const TOKEN_PATH = '/oauth/token';
const MAX_BODY_BYTES = 8_192;
const GRANT_TYPE = 'client_credentials';

export interface TokenRouteOptions {
  readonly tokens: OwnTokens;
  readonly clients: readonly OAuthClient[];
  readonly log: RequestLog;
  readonly refusals: Refusals;
}

/**
 * `POST /oauth/token`: OAuth 2.0 client credentials (RFC 6749 §4.4). Register it in a scope of its own, because it
 * takes the parsing of bodies over.
 */
export function tokenRoute(
  app: FastifyInstance,
  { tokens, clients, log, refusals }: TokenRouteOptions,
): void {
  const check = new ClientCheck(clients);
  const limits = new AttemptLimits();

  const clientOf = async (request: FastifyRequest): Promise<OAuthClient> => {
    const { headers } = request;
    const address = senderOf(request)?.address ?? 'unknown';
    const body = await readAll(request);
    const { grantType, candidates } = readTokenRequest(body, headers['content-type'], headers.authorization);
    const id = candidates.find((one) => check.knows(one.id))?.id;
    const seconds = limits.secondsToWait(address, id);
    if (seconds !== undefined && !limits.hasProved(address, id)) throw tooManyAttempts(seconds);
    const client = check.find(candidates);
    if (client === undefined) {
      limits.failed(address, id);
      throw seconds === undefined ? invalidClient(WRONG) : tooManyAttempts(seconds);
    }
    limits.succeeded(address, client.id);
    log.add(request, { client: client.id });
    if (grantType !== GRANT_TYPE) {
      throw new OAuthError('unsupported_grant_type', `Only ${GRANT_TYPE} is supported.`);
    }
    return client;
  };

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    reply.header('pragma', 'no-cache');
    try {
      const token = await tokens.issue(await clientOf(request));
      return { access_token: token, token_type: 'Bearer', expires_in: TOKEN_LIFETIME_SECONDS };
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      const { code, description, status, headers } = error;
      log.add(request, { oauthError: code, detail: description });
      refusals.add(code);
      reply.code(status).headers(headers);
      return { error: code, error_description: description };
    }
  };
  app.post(TOKEN_PATH, answer);
}

const WRONG = 'No client has this id and this secret.';

async function readAll({ raw }: FastifyRequest): Promise<Buffer> {
  const tooLarge = () => invalidRequest(`The body is larger than ${MAX_BODY_BYTES} bytes.`, 413);
  if ((declaredLength(raw.headers) ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  try {
    return await readBody(raw, MAX_BODY_BYTES);
  } catch (error) {
    throw error instanceof ProblemError && error.problem.status === 413 ? tooLarge() : error;
  }
}
