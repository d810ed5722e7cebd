import type { IncomingMessage, ServerResponse } from 'node:http';
import { carryOut, finish } from '../exchange';
import type { DecidingFault } from '../fault-kinds';
import type { Answer } from '../http';
import type { Allowance } from '../rate';
import { faultTarget, loggedFields, type Received, receive } from '../received';
import type { Reply } from '../request';
import { ApiError, notAuthenticated, notFound } from './errors';
import { faultAnswer } from './fault-answers';
import { rateHeaders, retryAfter } from './rate-headers';
import { checkOrganization } from './request';
import { matchRoute, type Route } from './routes';
import type { DidomiCall, Simulation } from './simulation';

/** Base path of the API. */
export const API_PREFIX = '/v1';

/** The one route that needs no token; it names no organization either, and its body is a secret. */
const SESSIONS = '/sessions';

/**
 * Answers one call of the API: token, then budget, then faults, then the route.
 *
 * @param closing aborts waits when the simulator stops
 */
export async function answerApi(
  simulation: Simulation,
  request: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const { now } = simulation.options;
  const arrivedAt = now();
  const received = await receive(request, API_PREFIX, matchRoute);
  const refusal = received.path === SESSIONS ? undefined : tokenRefusal(simulation, request);
  const call = logged(simulation, received, arrivedAt, refusal === undefined);
  const headers: Record<string, string> = {};
  const exchange = { response, call, headers, gatewayHeaders: {}, now };
  if (refusal !== undefined) return finish(exchange, errorAnswer(refusal));

  const allowance = isLimited(simulation, received) ? simulation.budget?.take(now()) : undefined;
  if (allowance !== undefined) Object.assign(headers, rateHeaders(allowance));
  if (allowance?.allowed === false) {
    Object.assign(headers, retryAfter(allowance.reset, simulation.switches.retryAfter, now()));
    return finish(exchange, errorAnswer(new ApiError(429, 'Too many requests')));
  }

  const strike = simulation.faults.strike(faultTarget(received));
  if (!strike.rateHeaders) for (const name of Object.keys(rateHeaders(NO_ALLOWANCE))) delete headers[name];
  const entered = {
    ...exchange,
    handle: () => handled(simulation, received),
    faultAnswer: (fault: DecidingFault) => faultAnswer(fault, simulation.switches.retryAfter, now()),
  };
  await carryOut(entered, strike, closing);
}

const NO_ALLOWANCE: Allowance = { allowed: true, limit: 0, remaining: 0, reset: 0 };

/** /consents is exempt unless a full tree is asked for (seen in descriptions of Didomi's API). */
function isLimited({ switches }: Simulation, { path, query }: Received<Route>): boolean {
  const exempt = path.startsWith('/consents/') && query.get('$include_full_tree') !== 'true';
  return !exempt || switches.consentsBudget === 'limited';
}

function logged(
  { calls }: Simulation,
  received: Received<Route>,
  arrivedAt: number,
  tokenAccepted: boolean,
): DidomiCall {
  const { body, ...fields } = loggedFields(received, arrivedAt);
  const shown = received.path === SESSIONS || body === undefined ? {} : { body };
  return calls.add({ ...fields, ...shown, tokenAccepted });
}

function handled(simulation: Simulation, { method, path, match, query, text }: Received<Route>): Reply {
  try {
    if (match === undefined) throw notFound('Page not found');
    if (match === 'wrong_method') throw new ApiError(405, `Method ${method} is not supported here`);
    const request = { method, params: match.params, query, text };
    if (path !== SESSIONS) checkOrganization(simulation, request);
    return match.route.handle(simulation, request);
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(error);
    throw error;
  }
}

function tokenRefusal({ sessions }: Simulation, { headers }: IncomingMessage): ApiError | undefined {
  const [, token] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) return notAuthenticated('No auth token');
  switch (sessions.state(token)) {
    case 'open':
      return undefined;
    case 'expired':
      return notAuthenticated('jwt expired');
    case 'unknown':
      return notAuthenticated('invalid token');
  }
}

function errorAnswer(error: ApiError): Answer {
  return { status: error.status, body: error.body() };
}
