import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  type ConsentSyncClient,
  DidomiMessageError,
  type SubmitResult,
  TemporalUnavailableError,
} from '../client';
import { parseTraceparent, TRACE_HEADER } from '../tracing/trace-context';
import { inSpan } from '../tracing/tracing';
import type { Authenticate } from './auth';
import { assertReadable, declaredLength, parseJson, readBody } from './body';
import type { IngestCounts } from './counts';
import type { InFlight } from './in-flight';
import { loggableField, loggableResults } from './loggable';
import { eventResults, type IngestObserver } from './observer';
import { namedProblem } from './problem';
import type { RequestLog } from './request-log';

export interface WebhookOptions {
  readonly authenticate: Authenticate;
  readonly client: Pick<ConsentSyncClient, 'submit'>;
  readonly maxBodyBytes: number;
  readonly inFlight: InFlight;
  readonly counts: IngestCounts;
  readonly observer: Pick<IngestObserver, 'eventsTaken'>;
  readonly log: RequestLog;
}

/** When a sender may try again while Temporal is away, in seconds. */
const RETRY_AFTER_SECONDS = 5;

const ROUTE = '/webhooks/didomi';

/**
 * `POST /webhooks/didomi`: answers 202 once Temporal has stored every event of the request. Register it in a scope of
 * its own, because it takes the parsing of bodies over.
 */
export function webhookRoute(app: FastifyInstance, options: WebhookOptions): void {
  const { authenticate, client, maxBodyBytes, inFlight, counts, observer, log } = options;

  const take = async (request: FastifyRequest, arrived: (bytes: number) => void): Promise<SubmitResult[]> => {
    const body = parseJson(await readBody(request.raw, maxBodyBytes, arrived));
    const results = await client.submit(body);
    counts.add(results);
    observer.eventsTaken(eventResults(body, results));
    const loggable = loggableResults(results);
    log.add(request, loggable, loggable.ambiguous ? 'warn' : 'info');
    return results;
  };

  app.removeAllContentTypeParsers();
  // The body is left on the wire until the handler wants it. Fastify's JSON parser would also refuse a message for a
  // key such as __proto__ anywhere in it, and a person's opt-out with it.
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.addHook('onRequest', async ({ headers }) => authenticate(headers.authorization));
  const handle = async (request: FastifyRequest): Promise<object> => {
    assertReadable(request.headers, maxBodyBytes);
    const work = inFlight.run(declaredLength(request.headers), (arrived) => take(request, arrived));
    log.until(request, work);
    const results = await work.catch((error: unknown) => {
      throw explained(error, request, log);
    });
    return answer(results);
  };
  app.post(ROUTE, (request, reply) =>
    inSpan(
      {
        name: `POST ${ROUTE}`,
        kind: 'server',
        attributes: { 'http.request.method': 'POST', 'http.route': ROUTE },
        parent: parseTraceparent(request.headers[TRACE_HEADER]),
      },
      async (span) => {
        const results = await handle(request);
        reply.code(202);
        span.set({ 'http.response.status_code': 202 });
        return results;
      },
    ),
  );
}

function answer(results: readonly SubmitResult[]): object {
  const accepted = results.filter(({ status }) => status === 'accepted').length;
  return {
    accepted,
    ignored: results.length - accepted,
    results: results.map((result) => ({ index: 0, ...result })),
  };
}

/** What the caller is told of an error in taking events. */
function explained(error: unknown, request: FastifyRequest, log: RequestLog): unknown {
  if (error instanceof DidomiMessageError) {
    const { field, problem, index } = error;
    log.add(request, { field: loggableField(field), problem, index });
    return namedProblem('not-a-didomi-message', {
      status: 400,
      title: 'Not a Didomi message',
      detail: `${error.message}. Nothing of this request was taken.`,
      field,
      ...(index !== undefined && { index }),
    });
  }
  if (error instanceof TemporalUnavailableError) {
    log.add(request, { reason: error.message });
    return namedProblem('temporal-unavailable', {
      status: 503,
      title: 'Temporal is unavailable',
      detail:
        'Temporal did not store everything. Send the whole request again: what was stored is not taken twice.',
      headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    });
  }
  return error;
}
