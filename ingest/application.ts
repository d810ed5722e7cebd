import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import fastify, { type FastifyHttpOptions, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { ConsentSyncClient } from '../client';
import type { IngestSettings } from '../config';
import { answerProblems, sendProblem } from './answers';
import type { Authenticate, Authentication } from './auth';
import { UnauthorizedError } from './auth/bearer';
import { BrokenRequests, refuseExpectations } from './broken-requests';
import { boundConnections } from './connections';
import type { IngestCounts } from './counts';
import { healthRoutes, type Readiness } from './health-routes';
import type { InFlight, InFlightLimits } from './in-flight';
import { admitAddresses, trustedProxies } from './network/admission';
import type { Tls } from './network/tls';
import { tokenRoute } from './oauth/token-route';
import { followAnswers, type IngestObserver, tokenResult } from './observer';
import { plainProblem } from './problem';
import type { Refusals } from './refusals';
import { RequestLog } from './request-log';
import { webhookRoute } from './webhook-route';

export interface IngestLimits {
  readonly inFlight: InFlightLimits;
  /** Open ones; see boundConnections. */
  readonly connections: number;
  /** How long the headers of a request may take to arrive, in ms. */
  readonly headersMs: number;
  /** How long a whole request may take to arrive, in ms. */
  readonly requestMs: number;
  /** How often these two are looked at, in ms. */
  readonly checkEveryMs: number;
  /** How long running requests may go on after close() began, in ms. */
  readonly closeGraceMs: number;
}

export const LIMITS: IngestLimits = {
  // What is read of a body takes a few times its size, and garbage as much again.
  inFlight: { requests: 500, bytes: 16 * 1_048_576 },
  connections: 2_000,
  headersMs: 5_000,
  requestMs: 10_000,
  checkEveryMs: 1_000,
  closeGraceMs: 10_000,
};

/** Longer than load balancers keep idle connections (60 s is usual), so that none is closed under a request. */
const KEEP_ALIVE_MS = 75_000;

interface ApplicationParts {
  readonly settings: IngestSettings;
  readonly limits: IngestLimits;
  readonly client: Pick<ConsentSyncClient, 'submit'>;
  readonly ready: Readiness;
  readonly logger: Logger;
  readonly inFlight: InFlight;
  readonly counts: IngestCounts;
  readonly refusals: Refusals;
  readonly observer: IngestObserver;
  readonly authentication: Authentication;
  /** Absent: plain HTTP. */
  readonly tls: Tls | undefined;
}

/** Puts routes, answers, log and limits together; it does not listen yet. */
export function application(parts: ApplicationParts): FastifyInstance {
  const { settings, limits, client, ready, logger, inFlight, counts, refusals, observer } = parts;
  const { authenticate, issuing } = parts.authentication;
  const log = new RequestLog(logger);
  const broken = new BrokenRequests(logger);
  const app = fastify({
    ...serverOptions(limits, parts.tls),
    trustProxy: trustedProxies(settings),
    requestTimeout: limits.requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // An address copied with a slash at its end shall lose nothing.
    routerOptions: { ignoreTrailingSlash: true },
    genReqId: () => randomUUID(),
    clientErrorHandler: broken.answer,
    frameworkErrors: (error, request, reply) => {
      log.follow(request, reply);
      sendProblem(error, request, reply, log);
    },
  });
  boundConnections(app.server, limits.connections);
  refuseExpectations(app.server);
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onRequest', async (request, reply) => {
    log.follow(request, reply);
    broken.follow(request, reply);
    if (request.raw.httpVersion === '1.1' && request.headers.host === undefined) {
      throw plainProblem(400, { detail: 'HTTP/1.1 asks for a Host header.' });
    }
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    // Else the connection would stay, idle, and hold close() up.
    if (closing) reply.header('connection', 'close');
  });
  answerProblems(app, log);
  healthRoutes(app, ready);
  const admission = { settings, log, logger, refusals };
  app.register(async (scope) => {
    followAnswers(scope, observer.webhookAnswered);
    admitAddresses(scope, { ...admission, onRefused: () => observer.webhookRefused('address') });
    webhookRoute(scope, {
      authenticate: counted(authenticate, refusals, observer),
      client,
      maxBodyBytes: settings.maxBodyBytes,
      inFlight,
      counts,
      observer,
      log,
    });
  });
  if (issuing) {
    app.register(async (scope) => {
      followAnswers(scope, (status) => {
        const result = tokenResult(status);
        if (result) observer.tokenAnswered(result);
      });
      admitAddresses(scope, admission);
      tokenRoute(scope, { ...issuing, log, refusals });
    });
  }
  return app;
}

/** Typed as for plain HTTP: the two kinds of server do not differ in what is used of them. */
function serverOptions(limits: IngestLimits, tls: Tls | undefined): FastifyHttpOptions<Server> {
  const http = {
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    // Node's own refusal has no body.
    requireHostHeader: false,
  };
  if (!tls) return { http };
  return {
    https: { ...http, ...tls.options, handshakeTimeout: limits.headersMs },
  } as FastifyHttpOptions<Server>;
}

function counted(authenticate: Authenticate, refusals: Refusals, observer: IngestObserver): Authenticate {
  return async (authorization) => {
    try {
      await authenticate(authorization);
    } catch (error) {
      if (error instanceof UnauthorizedError) {
        refusals.add('unauthorized');
        observer.webhookRefused(error.reason);
      }
      throw error;
    }
  };
}
