import type { Payload, PayloadCodec } from '@temporalio/common';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { isEncrypted } from '../../encryption/payload-codec';
import { PROBLEM_MEDIA_TYPE } from '../../ingest/problem';
import { type Access, type Refusal, refusalOf } from './access';
import { jsonOf, payloadsIn } from './payload-json';

export interface CodecServerParts {
  readonly codec: Pick<PayloadCodec, 'decode'>;
  readonly access: Access;
  readonly logger: Logger;
}

/** A page of a history in the UI has 4 MB at most, and base64 makes that longer. */
const MAX_BODY_BYTES = 16 * 1_048_576;
const REQUEST_MS = 10_000;
/** A browser may keep a permission for so long, in s. */
const PREFLIGHT_LASTS_S = 600;

const REFUSED: Readonly<Record<Refusal, readonly [status: number, detail: string]>> = {
  origin: [403, 'This page is not on the list of origins: name it with --origin.'],
  host: [403, 'Without a token, this server is spoken to as localhost or 127.0.0.1.'],
  token: [401, 'Send the token as "Authorization: Bearer <token>".'],
};

/**
 * Temporal's remote codec over HTTP. It decodes only: who may read what is stored in Temporal may not therefore write
 * consents into it.
 */
export function codecServer({ codec, access, logger }: CodecServerParts): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: true,
  });
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async ({ method, headers }, reply) => {
    const { origin } = headers;
    reply.headers({ 'cache-control': 'no-store', vary: 'Origin' });
    if (origin === undefined || !access.origins.has(origin)) return;
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' });
    if (method !== 'OPTIONS') return;
    reply.headers({
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization,content-type,x-namespace',
      // A UI on the internet that asks a server on this machine.
      'access-control-allow-private-network': 'true',
      'access-control-max-age': PREFLIGHT_LASTS_S,
    });
  });
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
    const { statusCode: status = 500 } = error;
    if (status >= 500) logger.error({ reason: error.message }, 'a request failed');
    return problem(reply, status, status >= 500 ? undefined : error.message);
  });
  app.setNotFoundHandler((_request, reply) => problem(reply, 404, 'There is /decode, and /health.'));
  app.get('/health', async () => ({ status: 'ok' }));
  // What a browser asks before it sends anything: the headers above are the answer.
  app.options('/decode', async (_request, reply) => reply.code(204).send());
  app.post('/encode', async ({ body }, reply) => {
    // The CLI has the arguments of a query encoded, also where there are none.
    if (payloadsIn(body)?.length === 0) return { payloads: [] };
    return problem(reply, 403, 'This server decodes only. Consents are written with consent-sync.');
  });
  app.post(
    '/decode',
    {
      onRequest: async ({ headers: { authorization, origin, host } }, reply) => {
        const refusal = refusalOf({ authorization, origin, host }, access);
        if (refusal === undefined) return;
        const [status, detail] = REFUSED[refusal];
        logger.warn({ because: refusal }, 'a request was refused');
        if (status === 401) reply.header('www-authenticate', 'Bearer realm="consent-sync"');
        await problem(reply, status, detail);
      },
    },
    async ({ body }, reply) => {
      const payloads = payloadsIn(body);
      if (!payloads) return problem(reply, 400, 'The body must be {"payloads": […]}.');
      return jsonOf(await Promise.all(payloads.map((payload) => decoded(payload, codec, logger))));
    },
  );
  return app;
}

/**
 * What cannot be decrypted stays as it is, and shows the id of its key: one payload of a history that nobody can read any
 * more must not hide the others.
 */
async function decoded(payload: Payload, codec: CodecServerParts['codec'], logger: Logger): Promise<Payload> {
  if (!isEncrypted(payload)) return payload;
  try {
    const [one = payload] = await codec.decode([payload]);
    return one;
  } catch (error) {
    logger.warn({ reason: (error as Error).message }, 'a payload cannot be decrypted');
    return payload;
  }
}

function problem(reply: FastifyReply, status: number, detail: string | undefined): FastifyReply {
  return reply
    .code(status)
    .type(PROBLEM_MEDIA_TYPE)
    .send({ type: 'about:blank', status, ...(detail !== undefined && { detail }) });
}
