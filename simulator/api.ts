import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimCall } from './calls';
import { ApiError, methodNotAllowed, noKey, wrongKey } from './errors';
import { carryOut, finish } from './exchange';
import { faultAnswer } from './fault-answers';
import type { Answer } from './http';
import { readableIdentifier } from './identifiers';
import { type Allowance, rateHeaders } from './rate';
import { faultTarget, loggedFields, type Received, receive } from './received';
import type { Reply } from './request';
import { matchRoute, type Route } from './routes';
import type { Simulation } from './simulation';

/** Base path of the API; the version stands in the path only. */
export const API_PREFIX = '/v3';

type ReceivedCall = Received<Route>;

/**
 * Answers one call of the API: key, then budget, then faults, then the route.
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
  const requestId = randomUUID();
  const call = simulation.calls.add({
    ...loggedFields(received, arrivedAt),
    ...namedContact(received),
    keyAccepted: simulation.accepts(keyOf(request)),
    requestId,
  });
  const gatewayHeaders = { 'cf-ray': `${requestId.replaceAll('-', '').slice(0, 16)}-CDG` };
  const headers: Record<string, string> = {
    date: new Date(arrivedAt).toUTCString(),
    'sib-request-id': requestId,
    ...gatewayHeaders,
  };
  const exchange = { response, call, headers, gatewayHeaders, now };

  const refusal = keyRefusal(simulation, request);
  if (refusal !== undefined) return finish(exchange, { status: refusal.status, body: refusal.body() });

  const { rateAlgorithm } = simulation.account.switches;
  const allowance = simulation.limits.take(received.path, rateAlgorithm, now());
  if (allowance !== undefined) Object.assign(headers, rateHeaders(allowance));
  if (allowance?.allowed === false) return finish(exchange, tooMany());

  const strike = simulation.faults.strike(faultTarget(received));
  if (!strike.rateHeaders) for (const name of Object.keys(rateHeaders(NO_ALLOWANCE))) delete headers[name];
  const handle = async (): Promise<Reply> => {
    await simulation.watcher?.(call, 'before');
    const reply = handled(simulation, received);
    await simulation.watcher?.(call, 'after');
    return reply;
  };
  await carryOut({ ...exchange, handle, faultAnswer }, strike, closing);
}

const NO_ALLOWANCE: Allowance = { allowed: true, limit: 0, remaining: 0, reset: 0 };

function handled({ account }: Simulation, { method, match, query, text }: ReceivedCall): Reply {
  try {
    if (match === undefined) throw new ApiError(404, undefined, 'Not Found');
    if (match === 'wrong_method') throw methodNotAllowed(`${method} Method is not allowed on this path`);
    return match.route.handle(account, { method, params: match.params, query, text });
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, body: error.body() };
    throw error;
  }
}

function tooMany(): Answer {
  return { status: 429, body: { code: 'too_many_requests', message: 'Too many requests' } };
}

function keyOf(request: IncomingMessage): string {
  const key = request.headers['api-key'];
  return typeof key === 'string' ? key.trim() : '';
}

function keyRefusal(simulation: Simulation, request: IncomingMessage): ApiError | undefined {
  const key = keyOf(request);
  if (key === '') return noKey();
  return simulation.accepts(key) ? undefined : wrongKey();
}

function namedContact({ match, query }: ReceivedCall): Pick<SimCall, 'identifier' | 'identifierType'> {
  if (match === undefined || match === 'wrong_method') return {};
  const { identifier } = match.params;
  const identifierType = query.get('identifierType');
  return {
    ...(identifier === undefined ? {} : { identifier: readableIdentifier(identifier) }),
    ...(identifierType === null ? {} : { identifierType }),
  };
}
