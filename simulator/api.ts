import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { SimCall } from './calls';
import { ApiError, methodNotAllowed, noKey, wrongKey } from './errors';
import { faultAnswer } from './fault-answers';
import type { DecidingFault } from './fault-kinds';
import type { Strike } from './faults';
import { type Answer, readBody, send, sendHalf } from './http';
import { readableIdentifier } from './identifiers';
import { type Allowance, rateHeaders } from './rate';
import type { Reply } from './request';
import { type Match, matchRoute } from './routes';
import type { Simulation } from './simulation';

/** Base path of the API; the version stands in the path only. */
export const API_PREFIX = '/v3';

/** One call on its way through the API. */
interface Exchange {
  readonly simulation: Simulation;
  readonly response: ServerResponse;
  readonly method: string;
  /** Path below /v3 as sent; the whole path when it does not lie there. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly text: string;
  readonly match: Match | 'wrong_method' | undefined;
  readonly headers: Record<string, string>;
  readonly call: SimCall;
}

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
  const exchange = await received(simulation, request, response);
  const { call, headers, text, method, match, path } = exchange;
  const refusal = keyRefusal(simulation, request);
  if (refusal !== undefined) return finish(exchange, { status: refusal.status, body: refusal.body() });

  const { now } = simulation.options;
  const allowance = simulation.limits.take(path, simulation.account.switches.rateAlgorithm, now());
  if (allowance !== undefined) Object.assign(headers, rateHeaders(allowance));
  if (allowance?.allowed === false) return finish(exchange, tooMany());

  const route = typeof match === 'object' ? match.route : undefined;
  const query = exchange.query.size === 0 ? '' : `?${(request.url ?? '').split('?').slice(1).join('?')}`;
  const strike = simulation.faults.strike({
    method,
    path: path + query,
    operation: route?.operation,
    template: route?.template,
    body: text,
  });
  if (strike.names.length > 0) call.faults = strike.names;
  if (!strike.rateHeaders) for (const name of Object.keys(rateHeaders(NO_ALLOWANCE))) delete headers[name];
  await pause(strike.beforeMs, closing);
  await act(exchange, strike, closing);
}

const NO_ALLOWANCE: Allowance = { allowed: true, limit: 0, remaining: 0, reset: 0 };

async function received(
  simulation: Simulation,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Exchange> {
  const at = new Date(simulation.options.now()).toISOString();
  const text = await readBody(request);
  const [rawPath = '', ...rest] = (request.url ?? '').split('?');
  const query = new URLSearchParams(rest.join('?'));
  const method = request.method ?? '';
  const below = rawPath.startsWith(`${API_PREFIX}/`) ? rawPath.slice(API_PREFIX.length) : undefined;
  const path = below ?? rawPath;
  const match = below === undefined ? undefined : matchRoute(method, below);
  const requestId = randomUUID();
  const call = simulation.calls.add({
    at,
    method,
    path,
    ...routeFields(match, query),
    query: queryObject(query),
    ...(text === '' ? {} : { body: readableBody(text) }),
    keyAccepted: simulation.accepts(keyOf(request)),
    requestId,
    status: null,
  });
  const headers = {
    'sib-request-id': requestId,
    'cf-ray': `${requestId.replaceAll('-', '').slice(0, 16)}-CDG`,
  };
  return { simulation, response, method, path, query, text, match, headers, call };
}

async function act(exchange: Exchange, strike: Strike, closing: AbortSignal): Promise<void> {
  const { deciding, afterMs } = strike;
  const { call, response } = exchange;
  if (deciding !== undefined && !commits(deciding)) {
    await pause(afterMs, closing);
    return misbehave(exchange, deciding, undefined);
  }
  const reply = handled(exchange);
  call.committedStatus = reply.status;
  await pause(afterMs, closing);
  if (deciding !== undefined) return misbehave(exchange, deciding, reply);
  if (!response.destroyed) delete call.committedStatus;
  finish(exchange, reply);
}

async function pause(ms: number, closing: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal: closing });
}

/** Whether the call is carried out although the fault spoils its answer. */
function commits(fault: DecidingFault): boolean {
  if (fault.kind === 'status') return fault.afterCommit === true;
  return fault.kind === 'dropAfterCommit' || fault.kind === 'halfBody';
}

async function misbehave(exchange: Exchange, fault: DecidingFault, reply: Reply | undefined): Promise<void> {
  const { call, headers, response } = exchange;
  const answer = faultAnswer(fault);
  if (answer !== undefined) {
    const kept = answer.byGateway ? { 'cf-ray': headers['cf-ray'] ?? '' } : headers;
    return finish({ ...exchange, headers: { ...kept, ...answer.headers } }, answer);
  }
  if (fault.kind === 'hang' && !response.destroyed) await once(response, 'close');
  else if (fault.kind === 'halfBody' && reply !== undefined) await sendHalf(response, { ...reply, headers });
  else response.destroy();
  call.endedAt = new Date(exchange.simulation.options.now()).toISOString();
}

function handled({ simulation, method, match, query, text }: Exchange): Reply {
  try {
    if (match === undefined) throw new ApiError(404, undefined, 'Not Found');
    if (match === 'wrong_method') throw methodNotAllowed(`${method} Method is not allowed on this path`);
    return match.route.handle(simulation.account, { method, params: match.params, query, text });
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, body: error.body() };
    throw error;
  }
}

function finish({ simulation, call, response, headers }: Exchange, answer: Answer): void {
  const sent = send(response, { status: answer.status, body: answer.body, headers });
  call.status = sent ? answer.status : null;
  call.endedAt = new Date(simulation.options.now()).toISOString();
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

function routeFields(match: Match | 'wrong_method' | undefined, query: URLSearchParams) {
  if (match === undefined || match === 'wrong_method') return {};
  const { identifier } = match.params;
  const identifierType = query.get('identifierType');
  return {
    route: match.route.template,
    operation: match.route.operation,
    ...(identifier === undefined ? {} : { identifier: readableIdentifier(identifier) }),
    ...(identifierType === null ? {} : { identifierType }),
  };
}

function queryObject(query: URLSearchParams): Record<string, string | string[]> {
  const names = new Set(query.keys());
  return Object.fromEntries(
    [...names].map((name) => {
      const values = query.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}

function readableBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
