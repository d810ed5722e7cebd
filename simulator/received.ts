import type { IncomingMessage } from 'node:http';
import type { LoggedCall } from './calls';
import type { FaultTarget } from './faults';
import { readBody } from './http';
import type { Match, RouteShape } from './route-match';

/** One call as it arrived. */
export interface Received<Route extends RouteShape> {
  readonly method: string;
  /** Path below the version as sent; the whole path when it does not lie there. */
  readonly path: string;
  /** As sent, with its question mark; empty when there was none. */
  readonly sentQuery: string;
  readonly query: URLSearchParams;
  /** The raw body; empty when there was none. */
  readonly text: string;
  readonly match: Match<Route> | 'wrong_method' | undefined;
}

/**
 * Reads one call.
 *
 * @param prefix base path of the API: "/v3"
 * @param matchRoute finds the route of a method and a path below the prefix
 */
export async function receive<Route extends RouteShape>(
  request: IncomingMessage,
  prefix: string,
  matchRoute: (method: string, path: string) => Received<Route>['match'],
): Promise<Received<Route>> {
  const text = await readBody(request);
  const [rawPath = '', ...rest] = (request.url ?? '').split('?');
  const query = new URLSearchParams(rest.join('?'));
  const sentQuery = query.size === 0 ? '' : `?${rest.join('?')}`;
  const method = request.method ?? '';
  const below = rawPath.startsWith(`${prefix}/`) ? rawPath.slice(prefix.length) : undefined;
  const match = below === undefined ? undefined : matchRoute(method, below);
  return { method, path: below ?? rawPath, sentQuery, query, text, match };
}

/** The call as faults match it. */
export function faultTarget({ method, path, sentQuery, text, match }: Received<RouteShape>): FaultTarget {
  const route = typeof match === 'object' ? match.route : undefined;
  return {
    method,
    path: path + sentQuery,
    operation: route?.operation,
    template: route?.template,
    body: text,
  };
}

/** What the log holds of a call from the start. */
export function loggedFields(
  { method, path, query, text, match }: Received<RouteShape>,
  at: number,
): Omit<LoggedCall, 'seq'> {
  return {
    at: new Date(at).toISOString(),
    method,
    path,
    ...(typeof match === 'object' && { route: match.route.template, operation: match.route.operation }),
    query: queryObject(query),
    ...(text !== '' && { body: readableBody(text) }),
    status: null,
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
